package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// chainer is an op that can run the op of its only input along with itself.
type chainer interface {
	Chain(before G.Op) bool
}

// chain lets ops run the op before them along; what that one reads must then
// last until they run.
func (vm *VM) chain(index map[*G.Node]int, keep []*G.Node, last, readers []int) {
	reads := make([][]int, len(vm.steps)) // of a step and those it runs along
	for k, s := range vm.steps {
		for _, c := range s.kids {
			if j, ok := index[c]; ok {
				reads[k] = append(reads[k], j)
			}
		}
		op, ok := s.op.(chainer)
		if !ok || len(reads[k]) != 1 {
			continue
		}
		j := reads[k][0]
		if readers[j] != 1 || slices.Contains(keep, vm.steps[j].node) || !op.Chain(vm.steps[j].op) {
			continue
		}
		vm.steps[j].idle = true
		reads[k] = append(reads[k], reads[j]...)
		for _, i := range reads[k] {
			last[i] = max(last[i], k)
		}
	}
}
