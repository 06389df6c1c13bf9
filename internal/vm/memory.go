package vm

import (
	"fmt"
	"slices"

	"csnet/internal/op"
	"csnet/internal/pages"

	G "gorgonia.org/gorgonia"
)

// lifetimes is what is known of each step when memory is planned. Time runs from 0 to n-1
// forwards and from n to 2n-1 backwards: step k runs at k and at 2n-1-k.
type lifetimes struct {
	index   map[*G.Node]int // the step of a node
	first   []int           // first reader of each step's output, n where there is none
	last    []int           // last reader, the step itself where there is none
	readers []int           // number of inputs that read it
	passing []bool          // nobody reads it backwards
}

func (vm *VM) lifetimes(index map[*G.Node]int) lifetimes {
	n := len(vm.steps)
	l := lifetimes{index: index, first: make([]int, n), last: make([]int, n), readers: make([]int, n), passing: make([]bool, n)}
	for k := range vm.steps {
		l.first[k], l.last[k] = n, k
		l.passing[k] = vm.steps[k].op.ForwardOnly(-1)
	}
	for k, s := range vm.steps {
		for i, c := range s.kids {
			if j, ok := index[c]; ok {
				l.passing[j] = l.passing[j] && s.op.ForwardOnly(i)
				l.first[j], l.last[j] = min(l.first[j], k), max(l.last[j], k)
				l.readers[j]++
			}
		}
	}
	return l
}

// allocate plans the memory and binds values and gradients to the nodes.
func (vm *VM) allocate(index map[*G.Node]int, o Options) error {
	n, l := len(vm.steps), vm.lifetimes(index)
	vm.together(l, o)
	vm.deferGrads(l, o)
	outs, grads, total := vm.buffers(l, make([]int, n), o)
	if vm.learn && o.ArenaLimit > 0 && total > o.ArenaLimit {
		outs, grads, total = recomputation{vm, l, o}.plan()
	}
	vm.arena = pages.Floats(total)[:total]
	for k := range vm.steps {
		if grads[k] != nil {
			vm.steps[l.last[k]].openGrad(vm.steps[k].node, k)
		}
		if grads[k] != nil || vm.steps[k].makesGrad {
			vm.steps[l.first[k]%n].completeGrad(vm.steps[k].node)
		}
		if err := vm.bind(&vm.steps[k], outs[k], grads[k], o); err != nil {
			return err
		}
	}
	return nil
}

// together lets o.Together decide which steps run together.
func (vm *VM) together(l lifetimes, o Options) {
	vm.plan = make([]op.Planned, len(vm.steps))
	inputs := map[*G.Node]int{}
	for k, s := range vm.steps {
		p := op.Planned{Op: s.op, Readers: l.readers[k], Last: l.last[k], Kept: slices.Contains(o.Keep, s.node), Head: k}
		for _, c := range s.kids[:s.op.Maps()] {
			j, ok := l.index[c]
			if !ok {
				if inputs[c] == 0 {
					inputs[c] = -1 - len(inputs)
				}
				j = inputs[c]
			}
			p.Inputs = append(p.Inputs, j)
		}
		vm.plan[k] = p
	}
	if o.Together != nil {
		o.Together(vm.plan)
	}
	for k, p := range vm.plan {
		l.last[k] = p.Last
	}
}

// deferGrads makes gradients with one writer be made where they are read, where the ops can.
func (vm *VM) deferGrads(l lifetimes, o Options) {
	for k := range vm.steps {
		if s := &vm.steps[k]; vm.learn && l.readers[k] == 1 && vm.plan[k].Head == k && !o.NoReuse {
			s.makesGrad = vm.steps[l.last[k]].op.DeferInputGrad(s.op)
		}
	}
}

// gradUntil returns the time until which the gradient of the output of step k must stay:
// that of its own DoDiff, or of that of the op before it where that makes its gradient of it.
func (vm *VM) gradUntil(k int) int {
	n, at := len(vm.steps), k
	for _, j := range vm.plan[k].Inputs {
		if j >= 0 && vm.steps[j].makesGrad {
			at = j
		}
	}
	return 2*n - 1 - vm.plan[at].Head
}

// buffers plans the memory of outputs and gradients by their lifetimes. The output of step k
// is recomputed at time recomputeAt[k] unless that is 0.
func (vm *VM) buffers(l lifetimes, recomputeAt []int, o Options) (outs, grads []*buffer, total int) {
	n := len(vm.steps)
	outs, grads = make([]*buffer, n), make([]*buffer, n)
	var all []*buffer
	for k, s := range vm.steps {
		p := &vm.plan[k]
		out := &buffer{size: s.op.OutputSize(), spans: []span{{k, l.last[k]}}}
		switch {
		case p.Idle:
			out.spans = nil
		case s.dropped:
		case recomputeAt[k] > 0:
			out.spans = append(out.spans, span{recomputeAt[k], 2*n - 1 - k})
		case slices.Contains(o.Keep, s.node) || l.first[k] == n:
			out.spans = []span{{k, 2 * n}}
		case vm.learn && !l.passing[k]:
			out.spans = []span{{k, vm.liveUntil(k)}}
		}
		if p.Overlay > 0 {
			under := outs[p.Overlay-1]
			under.size, under.spans = max(under.size, out.size), append(under.spans, out.spans...)
			out = under
		} else {
			all = append(all, out)
		}
		outs[k] = out
		if vm.learn && s.node != o.Loss && !s.makesGrad {
			grads[k] = &buffer{size: s.op.OutputSize(), spans: []span{{2*n - 1 - l.last[k], vm.gradUntil(k)}}}
			all = append(all, grads[k])
		}
	}
	if o.NoReuse {
		for _, b := range all {
			b.spans = []span{{0, 2 * n}}
		}
	}
	return outs, grads, place(all)
}

// liveUntil returns the time until which the output of step k must stay in training: that
// of its own DoDiff, or longer where NotFinite reads it.
func (vm *VM) liveUntil(k int) int {
	n := len(vm.steps)
	if vm.steps[k].op.OutputDead() {
		return 2*n - 1 - vm.plan[k].Head
	}
	return 2 * n
}

// openGrad notes that s is the first step backwards to write the gradient of node n, the
// output of step k: it stores it or, where it can only add, to zeros.
func (s *step) openGrad(n *G.Node, k int) {
	at, times := s.inputOf(n)
	if times == 1 && s.op.CanStoreGrad(at) {
		s.op.StoreGrad(at)
		return
	}
	s.zero = append(s.zero, k)
}

// completeGrad notes that s is the last step backwards to write the gradient of node n.
func (s *step) completeGrad(n *G.Node) {
	if at, times := s.inputOf(n); times == 1 {
		s.op.LastGrad(at)
	}
}

// inputOf returns which input of s node n is, and how often it is one.
func (s *step) inputOf(n *G.Node) (at, times int) {
	for i, c := range s.kids {
		if c == n {
			at, times = i, times+1
		}
	}
	return at, times
}

// bind lends step s its buffers.
func (vm *VM) bind(s *step, out, grad *buffer, o Options) error {
	if s.node == o.Loss {
		loss, one := G.F32(0), G.F32(1)
		if err := G.UnsafeLet(s.node, &loss); err != nil {
			return fmt.Errorf("vm: loss: %w", err)
		}
		if vm.learn {
			G.WithGrad(&one)(s.node)
		}
		return nil
	}
	n := s.op.OutputSize()
	y := vm.arena[out.at:][:n:n]
	s.op.Bind(y)
	if err := G.UnsafeLet(s.node, op.Tensor(s.node.Shape(), y)); err != nil {
		return fmt.Errorf("vm: %v: %w", s.node.Name(), err)
	}
	if grad != nil {
		s.grad = vm.arena[grad.at:][:grad.size:grad.size]
		G.WithGrad(op.Tensor(s.node.Shape(), s.grad))(s.node)
	}
	return nil
}

// Arena is the memory that outputs and gradients lie in.
func (vm *VM) Arena() []float32 { return vm.arena }

// Plan lists the steps with what was decided about them. It is the VM's own.
func (vm *VM) Plan() []op.Planned { return vm.plan }
