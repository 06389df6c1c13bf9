package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// joiner is an op that can run together with the one after it, when both read
// the same maps: forward with that one, backward with itself.
type joiner interface {
	Maps() int
	JoinNext(next G.Op) bool
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
		if vm.steps[p.head].op.(joiner).JoinNext(s.op) {
			s.head = p.head
		}
	}
}
