package graph

import (
	"cmp"
	"slices"

	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// thrift plans the buffers of a VM that learns where they would pass
// VMOptions.Roomy: outputs that are cheap to make anew are not kept from forward
// to backward.
type thrift struct {
	vm          *VM
	index       map[*G.Node]int
	first, last []int // readers of each step's output
	readers     []int
	o           VMOptions
}

// plan lets readers do without the outputs of steps, the largest first, until the
// arena is small enough; that costs them little. Where it does not suffice, outputs
// are made twice.
func (t thrift) plan() (outs, grads []*buffer, total int) {
	steps := t.vm.steps
	for _, k := range t.bySize(t.folds) {
		if next := steps[t.last[k]].op.(folder); !next.Fold(steps[k].op) {
			continue
		}
		steps[k].folded = true
		if outs, grads, total = t.vm.buffers(t.first, t.last, make([]int, len(steps)), t.o); total <= t.o.Roomy {
			return outs, grads, total
		}
	}
	again, outs, grads, total := t.twice()
	n := len(steps)
	for k, at := range again {
		if at > 0 {
			steps[2*n-1-at].redo = append(steps[2*n-1-at].redo, k)
		}
	}
	return outs, grads, total
}

// bySize lists the steps for which ok holds, those of the largest outputs first.
func (t thrift) bySize(ok func(k int) bool) []int {
	var ks []int
	for k := range t.vm.steps {
		if ok(k) {
			ks = append(ks, k)
		}
	}
	slices.SortStableFunc(ks, func(a, b int) int {
		return cmp.Compare(t.vm.steps[b].op.OutputSize(), t.vm.steps[a].op.OutputSize())
	})
	return ks
}

// folds reports whether the one reader of step k may do without its output, which
// is made of one that is kept.
func (t thrift) folds(k int) bool {
	steps := t.vm.steps
	if t.readers[k] != 1 || slices.Contains(t.o.Keep, steps[k].node) {
		return false
	}
	if _, ok := steps[t.last[k]].op.(folder); !ok {
		return false
	}
	f, ok := steps[k].op.(*op.Fused)
	return ok && f.Remakes() && !t.made(k, func(j int) bool { return steps[j].folded || t.remakes(j) })
}

// made reports whether one of the outputs that step k reads is of a step for which
// is holds.
func (t thrift) made(k int, is func(j int) bool) bool {
	return slices.ContainsFunc(t.vm.steps[k].kids, func(c *G.Node) bool {
		j, ok := t.index[c]
		return ok && is(j)
	})
}

// remakes reports whether the output of step k can be made twice.
func (t thrift) remakes(k int) bool {
	s := &t.vm.steps[k]
	r, ok := s.op.(remaker)
	return ok && r.Remakes() && !s.folded && !slices.Contains(t.o.Keep, s.node)
}

// twice plans the buffers with outputs made twice, as few as t.o.Roomy allows: of
// the small ones, which cost the most for what they save, none if possible.
func (t thrift) twice() (again []int, outs, grads []*buffer, total int) {
	twice := make([]bool, len(t.vm.steps))
	ks := t.bySize(t.remakes)
	for _, k := range ks {
		twice[k] = true
	}
	plan := func() {
		again = t.times(twice)
		outs, grads, total = t.vm.buffers(t.first, t.last, again, t.o)
	}
	for _, k := range slices.Backward(ks) {
		twice[k] = false
		if plan(); total > t.o.Roomy {
			twice[k] = true
		}
	}
	plan()
	return again, outs, grads, total
}

// times returns for each step the time at which its output is made again, 0
// where it is kept: before the first reader backwards, and before that reader
// is made again itself.
func (t thrift) times(twice []bool) []int {
	n := len(t.vm.steps)
	again := make([]int, n)
	need := make([]int, n) // when the output is first read backwards
	for k := range need {
		need[k] = 2*n - 1 - t.last[k]
	}
	for k := n - 1; k >= 0; k-- {
		if !twice[k] && !t.vm.steps[k].folded {
			continue
		}
		if twice[k] {
			again[k] = need[k]
		}
		for _, c := range t.vm.steps[k].kids {
			if j, ok := t.index[c]; ok {
				need[j] = min(need[j], need[k]) // who makes k again, or does without it, reads j
			}
		}
	}
	return again
}
