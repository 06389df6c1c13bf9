package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// chainer is an op that can run the op of its only input along with itself.
type chainer interface {
	Chain(before G.Op) bool
}

// joiner is an op that can run together with the one after it, when both read
// the same maps: forward with that one, backward with itself.
type joiner interface {
	Maps() int
	Join(next G.Op) bool
}

// join makes steps in a row that read the same maps run together.
func (vm *VM) join() {
	for k := 1; k < len(vm.steps); k++ {
		p, s := &vm.steps[k-1], &vm.steps[k]
		a, ok := p.op.(joiner)
		b, fine := s.op.(joiner)
		if !ok || !fine || a.Maps() != b.Maps() || !slices.Equal(p.kids[:a.Maps()], s.kids[:b.Maps()]) {
			continue
		}
		if vm.steps[p.head].op.(joiner).Join(s.op) {
			s.head = p.head
		}
	}
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
