package graph

import (
	"cmp"
	"slices"

	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// recomputation plans the buffers of a VM that learns where they would pass
// VMOptions.ArenaLimit: outputs that are cheap to make anew are not kept from forward
// to backward.
type recomputation struct {
	vm          *VM
	index       map[*G.Node]int
	first, last []int // readers of each step's output
	readers     []int
	o           VMOptions
}

// plan lets readers do without the outputs of steps, the largest first, until the
// arena is small enough; that costs them little. Where it does not suffice, outputs
// are made twice.
func (t recomputation) plan() (outs, grads []*buffer, total int) {
	steps := t.vm.steps
	for _, k := range t.bySize(t.mayDrop) {
		if next := steps[t.last[k]].op.(folder); !next.RecomputeInput(steps[k].op) {
			continue
		}
		steps[k].dropped = true
		if outs, grads, total = t.vm.buffers(t.first, t.last, make([]int, len(steps)), t.o); total <= t.o.ArenaLimit {
			return outs, grads, total
		}
	}
	again, outs, grads, total := t.wholeMaps()
	n := len(steps)
	for k, at := range again {
		if at > 0 {
			steps[2*n-1-at].recompute = append(steps[2*n-1-at].recompute, k)
		}
	}
	return outs, grads, total
}

// bySize lists the steps for which ok holds, those of the largest outputs first.
func (t recomputation) bySize(ok func(k int) bool) []int {
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

// mayDrop reports whether the one reader of step k may do without its output, which
// is made of one that is kept.
func (t recomputation) mayDrop(k int) bool {
	steps := t.vm.steps
	if t.readers[k] != 1 || slices.Contains(t.o.Keep, steps[k].node) {
		return false
	}
	if _, ok := steps[t.last[k]].op.(folder); !ok {
		return false
	}
	f, ok := steps[k].op.(*op.Fused)
	return ok && f.CanRecompute() && !t.readsOneThat(k, func(j int) bool { return steps[j].dropped || t.mayRecompute(j) })
}

// readsOneThat reports whether one of the outputs that step k reads is of a step for which
// is holds.
func (t recomputation) readsOneThat(k int, is func(j int) bool) bool {
	return slices.ContainsFunc(t.vm.steps[k].kids, func(c *G.Node) bool {
		j, ok := t.index[c]
		return ok && is(j)
	})
}

// mayRecompute reports whether the output of step k can be made twice.
func (t recomputation) mayRecompute(k int) bool {
	s := &t.vm.steps[k]
	r, ok := s.op.(remaker)
	return ok && r.CanRecompute() && !s.dropped && !slices.Contains(t.o.Keep, s.node)
}

// wholeMaps plans the buffers with outputs made twice, as few as t.o.Roomy allows: of
// the small ones, which cost the most for what they save, none if possible.
func (t recomputation) wholeMaps() (again []int, outs, grads []*buffer, total int) {
	twice := make([]bool, len(t.vm.steps))
	ks := t.bySize(t.mayRecompute)
	for _, k := range ks {
		twice[k] = true
	}
	plan := func() {
		again = t.recomputeTimes(twice)
		outs, grads, total = t.vm.buffers(t.first, t.last, again, t.o)
	}
	for _, k := range slices.Backward(ks) {
		twice[k] = false
		if plan(); total > t.o.ArenaLimit {
			twice[k] = true
		}
	}
	plan()
	return again, outs, grads, total
}

// recomputeTimes returns for each step the time at which its output is made again, 0
// where it is kept: before the first reader backwards, and before that reader
// is made again itself.
func (t recomputation) recomputeTimes(twice []bool) []int {
	n := len(t.vm.steps)
	again := make([]int, n)
	need := make([]int, n) // when the output is first read backwards
	for k := range need {
		need[k] = 2*n - 1 - t.last[k]
	}
	for k := n - 1; k >= 0; k-- {
		if !twice[k] && !t.vm.steps[k].dropped {
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
