package vm

import (
	"cmp"
	"slices"

	G "gorgonia.org/gorgonia"
)

// recomputation plans the memory of a VM that learns where it would pass
// Options.ArenaLimit: outputs that are cheap to recompute are not kept from forward to
// backward.
type recomputation struct {
	vm *VM
	lifetimes
	o Options
}

// plan drops outputs whose one reader recomputes them as it goes (op.Step.RecomputeInput),
// the largest first, until the arena is small enough: that costs little time. Where it does
// not suffice, further outputs are recomputed as wholes before they are read backwards.
func (t recomputation) plan() (outs, grads []*buffer, total int) {
	steps := t.vm.steps
	for _, k := range t.bySize(t.mayDrop) {
		if next := steps[t.last[k]].op; !next.RecomputeInput(steps[k].op) {
			continue
		}
		steps[k].dropped = true
		if outs, grads, total = t.vm.buffers(t.lifetimes, make([]int, len(steps)), t.o); total <= t.o.ArenaLimit {
			return outs, grads, total
		}
	}
	at, outs, grads, total := t.wholeOutputs()
	n := len(steps)
	for k, time := range at {
		if time > 0 {
			steps[2*n-1-time].recompute = append(steps[2*n-1-time].recompute, k)
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

// mayDrop reports whether the one reader of step k may do without its output. Whatever that
// is recomputed from must be kept itself.
func (t recomputation) mayDrop(k int) bool {
	s := &t.vm.steps[k]
	return t.readers[k] == 1 && !slices.Contains(t.o.Keep, s.node) && s.op.CanRecompute() && !t.readsRecomputed(k)
}

// readsRecomputed reports whether step k reads an output that is dropped or may be
// recomputed.
func (t recomputation) readsRecomputed(k int) bool {
	return slices.ContainsFunc(t.vm.steps[k].kids, func(c *G.Node) bool {
		j, ok := t.index[c]
		return ok && (t.vm.steps[j].dropped || t.mayRecompute(j))
	})
}

// mayRecompute reports whether the output of step k can be recomputed as a whole.
func (t recomputation) mayRecompute(k int) bool {
	s := &t.vm.steps[k]
	return s.op.CanRecompute() && !s.dropped && !slices.Contains(t.o.Keep, s.node)
}

// wholeOutputs plans the memory with outputs that are recomputed as wholes, as few of them
// as the limit allows. The small ones cost the most for what they save, so they are the
// first to be kept. at is as in VM.buffers.
func (t recomputation) wholeOutputs() (at []int, outs, grads []*buffer, total int) {
	chosen := make([]bool, len(t.vm.steps))
	ks := t.bySize(t.mayRecompute)
	for _, k := range ks {
		chosen[k] = true
	}
	plan := func() {
		at = t.times(chosen)
		outs, grads, total = t.vm.buffers(t.lifetimes, at, t.o)
	}
	for _, k := range slices.Backward(ks) {
		chosen[k] = false
		if plan(); total > t.o.ArenaLimit {
			chosen[k] = true
		}
	}
	plan()
	return at, outs, grads, total
}

// times returns for each step the time at which its output is recomputed, 0 where it is
// kept: before the first reader backwards, and before that reader is recomputed itself.
func (t recomputation) times(chosen []bool) []int {
	n := len(t.vm.steps)
	at := make([]int, n)
	need := make([]int, n) // when the output is first read backwards
	for k := range need {
		need[k] = 2*n - 1 - t.last[k]
	}
	for k := n - 1; k >= 0; k-- {
		if !chosen[k] && !t.vm.steps[k].dropped {
			continue
		}
		if chosen[k] {
			at[k] = need[k]
		}
		for _, c := range t.vm.steps[k].kids {
			if j, ok := t.index[c]; ok {
				need[j] = min(need[j], need[k]) // who recomputes k, or does without it, reads j
			}
		}
	}
	return at
}
