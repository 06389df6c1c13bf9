package graph

import (
	"cmp"
	"fmt"
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// VM runs a graph whose operations are all ADOps with float32 tensors, as
// those of internal/op are. It implements gorgonia.VM: nodes run in the order
// of their creation, Do forwards and, with Learn, DoDiff backwards from the
// scalar loss. Buffers of outputs and their gradients are planned once by
// lifetime in one arena; an op that is the first to write a gradient stores it
// where it can instead of adding to zeros. Where the arena would pass
// VMOptions.ArenaLimit, outputs that their op can make again cheaply (CanRecompute) are
// dropped after forward and made again for backward, to the same bits.
//
// Differs from gorgonia's machines: no goroutines, no allocation of tensors
// per step, gradients of learned nodes accumulate until somebody zeroes them
// (solvers do).
type VM struct {
	steps    []step
	learn    bool
	arena    []float32
	observer func(op string, backward, begin bool)
}

// VMOptions says what a VM is to do.
type VMOptions struct {
	Learn      []*G.Node // input nodes that get gradients; none: forward only
	Loss       *G.Node   // scalar to differentiate, with Learn
	Keep       []*G.Node // outputs that stay readable after RunAll
	ArenaLimit int       // floats the arena may take before outputs are made twice; 0: any
	NoFusion   bool      // every op runs by itself
	Fixed      []*G.Node // inputs whose values stay where they are, forward only
	Threads    int       // that share an image, forward only
	L2Floats   int       // floats of the cache that ops share, forward only; 0: each op runs alone
	L3Floats   int       // floats of the outermost cache, with L2Floats
}

type step struct {
	node      *G.Node
	op        lender
	ad        G.ADOp
	kids      G.Nodes
	vals      []G.Value
	opens     []int // steps whose gradient must be zeroed before this DoDiff
	recompute []int // steps whose output must be made again before this DoDiff
	grad      []float32
	idle      bool     // another step runs it along: it writes nothing of its own
	overlaid  int      // 1 + the step whose output lies where this one's will, 0: none
	head      int      // first of the steps that run together with this one
	rerun     rerunner // nil: the op must be given its inputs in every run
	dropped   bool     // with learn: its reader does without its output backwards
}

// lender is an op whose output buffer can be lent to it, and that can be told
// which inputs have no gradient.
type lender interface {
	G.Op
	OutputSize() int
	Bind([]float32)
	WithoutGrad(inputs []int)
}

// storer is an op whose DoDiff can write the gradient of an input, instead of
// adding to it, when told that its buffer holds nothing yet.
type storer interface {
	Stores(input int) bool
	StoreGrad(input int)
	LastGrad(input int) // told when no later DoDiff adds to it
}

// folder is an op that can do, backwards, without the value of the op that made
// its input: it makes that anew as it goes, from the input of that op.
type folder interface{ RecomputeInput(before G.Op) bool }

// remaker is an op that can make its output again from its inputs, as they
// were in the last Do.
type remaker interface {
	CanRecompute() bool
	Recompute(inputs G.Nodes) error
}

// spender is an op whose output nobody reads any more after its DoDiff, Finite
// neither.
type spender interface{ OutputDead() bool }

// rerunner is an op that can run on the inputs of the last Do once more, at the
// place where they lay: Rerun does nothing and returns false before there was one.
type rerunner interface{ Rerun() bool }

// NewVM plans a run of g.
func NewVM(g *G.ExprGraph, o VMOptions) (*VM, error) {
	vm := &VM{learn: len(o.Learn) > 0}
	nodes := slices.Clone(g.AllNodes())
	slices.SortFunc(nodes, func(a, b *G.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	index := map[*G.Node]int{}
	for _, n := range nodes {
		if n.IsVar() {
			continue
		}
		op, ok := n.Op().(lender)
		if !ok {
			return nil, fmt.Errorf("graph: node %v: op %v takes no buffer, the VM runs csnet's ops only", n.Name(), n.Op())
		}
		ad, ok := n.Op().(G.ADOp)
		if !ok {
			return nil, fmt.Errorf("graph: node %v: op %v has no DoDiff", n.Name(), n.Op())
		}
		kids := childrenOf(g, n)
		index[n] = len(vm.steps)
		s := step{node: n, op: op, ad: ad, kids: kids, vals: make([]G.Value, len(kids))}
		if r, ok := n.Op().(rerunner); ok && len(o.Fixed) > 0 && allFixed(kids, o.Fixed) {
			s.rerun = r
		}
		if vm.learn {
			op.WithoutGrad(withoutGrad(kids, o.Learn))
		}
		vm.steps = append(vm.steps, s)
	}
	for _, n := range o.Learn {
		if !n.IsVar() || n.Value() == nil {
			return nil, fmt.Errorf("graph: node %v cannot learn: it is no input with a value", n.Name())
		}
		G.WithGrad(tensor.New(tensor.WithShape(n.Shape()...), tensor.Of(tensor.Float32)))(n)
	}
	return vm, vm.allocate(index, o)
}

// withoutGrad lists which nodes get no gradient.
func withoutGrad(nodes, learn []*G.Node) []int {
	var none []int
	for i, n := range nodes {
		if n.IsVar() && !slices.Contains(learn, n) {
			none = append(none, i)
		}
	}
	return none
}

// allFixed reports whether the inputs of the graph among the nodes are all fixed.
func allFixed(nodes, fixed []*G.Node) bool {
	for _, n := range nodes {
		if n.IsVar() && !slices.Contains(fixed, n) {
			return false
		}
	}
	return true
}

// childrenOf returns the inputs of n in order.
func childrenOf(g *G.ExprGraph, n *G.Node) G.Nodes {
	var kids G.Nodes
	for it := g.From(n.ID()); it.Next(); {
		kids = append(kids, it.Node().(*G.Node))
	}
	return kids
}

// allocate plans the buffers and binds values and gradients to the nodes. Time
// runs from 0 to n-1 forwards and from n to 2n-1 backwards, step k then at
// 2n-1-k.
func (vm *VM) allocate(index map[*G.Node]int, o VMOptions) error {
	n := len(vm.steps)
	first, last, readers := make([]int, n), make([]int, n), make([]int, n)
	for k := range vm.steps {
		first[k], last[k] = n, k
	}
	for k, s := range vm.steps {
		for _, c := range s.kids {
			if j, ok := index[c]; ok {
				first[j], last[j] = min(first[j], k), max(last[j], k)
				readers[j]++
			}
		}
	}
	for k := range vm.steps {
		vm.steps[k].head = k
	}
	switch {
	case o.NoFusion:
	case vm.learn:
		vm.join()
	case o.L2Floats > 0:
		vm.segments(index, o, last, readers)
	}
	outs, grads, total := vm.buffers(first, last, make([]int, n), o)
	if vm.learn && o.ArenaLimit > 0 && total > o.ArenaLimit {
		t := recomputation{vm, index, first, last, readers, o}
		outs, grads, total = t.plan()
	}
	vm.arena = floats(total)
	for k := range vm.steps {
		if grads[k] != nil {
			vm.steps[last[k]].open(vm.steps[k].node, k)
			vm.steps[first[k]%n].complete(vm.steps[k].node)
		}
		if err := vm.bind(&vm.steps[k], outs[k], grads[k], o); err != nil {
			return err
		}
	}
	return nil
}

// buffers plans outputs and gradients by lifetime; the output of step k is made
// again at time again[k] unless that is 0.
func (vm *VM) buffers(first, last, again []int, o VMOptions) (outs, grads []*buffer, total int) {
	n := len(vm.steps)
	outs, grads = make([]*buffer, n), make([]*buffer, n)
	var all []*buffer
	for k, s := range vm.steps {
		out := &buffer{size: s.op.OutputSize(), spans: []span{{k, last[k]}}}
		switch {
		case s.idle:
			out.spans = nil
		case s.dropped:
		case again[k] > 0:
			out.spans = append(out.spans, span{again[k], 2*n - 1 - k})
		case slices.Contains(o.Keep, s.node) || first[k] == n:
			out.spans = []span{{k, 2 * n}}
		case vm.learn:
			out.spans = []span{{k, vm.liveUntil(k)}}
		}
		if s.overlaid > 0 {
			under := outs[s.overlaid-1]
			under.size, under.spans = max(under.size, out.size), append(under.spans, out.spans...)
			out = under
		} else {
			all = append(all, out)
		}
		outs[k] = out
		if vm.learn && s.node != o.Loss {
			grads[k] = &buffer{size: s.op.OutputSize(), spans: []span{{2*n - 1 - last[k], 2*n - 1 - s.head}}}
			all = append(all, grads[k])
		}
	}
	return outs, grads, plan(all)
}

// liveUntil returns the time until which, with learn, the output of step k must stay:
// that of its own DoDiff, or longer where NotFinite reads it.
func (vm *VM) liveUntil(k int) int {
	n, s := len(vm.steps), &vm.steps[k]
	if f, ok := s.op.(spender); ok && f.OutputDead() {
		return 2*n - 1 - s.head
	}
	return 2 * n
}

// open notes that this step is the first to write the gradient of node n, the
// output of step k.
func (s *step) open(n *G.Node, k int) {
	st, ok := s.op.(storer)
	at := -1
	for i, c := range s.kids {
		if c == n {
			ok = ok && at < 0 && st.Stores(i)
			at = i
		}
	}
	if ok && at >= 0 {
		st.StoreGrad(at)
		return
	}
	s.opens = append(s.opens, k)
}

// complete notes that this step is the last to write the gradient of node n.
func (s *step) complete(n *G.Node) {
	st, ok := s.op.(storer)
	at, times := -1, 0
	for i, c := range s.kids {
		if c == n {
			at, times = i, times+1
		}
	}
	if ok && times == 1 {
		st.LastGrad(at)
	}
}

// bind lends step s its buffers.
func (vm *VM) bind(s *step, out, grad *buffer, o VMOptions) error {
	if s.node == o.Loss {
		loss, one := G.F32(0), G.F32(1)
		if err := G.UnsafeLet(s.node, &loss); err != nil {
			return fmt.Errorf("graph: loss: %w", err)
		}
		if vm.learn {
			G.WithGrad(&one)(s.node)
		}
		return nil
	}
	n := s.op.OutputSize()
	y := vm.arena[out.at:][:n:n]
	s.op.Bind(y)
	if err := G.UnsafeLet(s.node, tensor.New(tensor.WithShape(s.node.Shape()...), tensor.WithBacking(y))); err != nil {
		return fmt.Errorf("graph: %v: %w", s.node.Name(), err)
	}
	if grad != nil {
		s.grad = vm.arena[grad.at:][:grad.size:grad.size]
		G.WithGrad(tensor.New(tensor.WithShape(s.node.Shape()...), tensor.WithBacking(s.grad)))(s.node)
	}
	return nil
}

// RunAll runs the graph forward and, when it learns, backward.
func (vm *VM) RunAll() error {
	if err := vm.Forward(); err != nil || !vm.learn {
		return err
	}
	return vm.backward()
}

// Forward runs the graph forward only.
func (vm *VM) Forward() error {
	for k := range vm.steps {
		s := &vm.steps[k]
		vm.event(s, false, true)
		if s.rerun == nil || !s.rerun.Rerun() {
			if err := s.do(); err != nil {
				return fmt.Errorf("graph: forward: %w", err)
			}
		}
		vm.event(s, false, false)
	}
	return nil
}

// do runs the op on the values of its inputs.
func (s *step) do() error {
	for i, c := range s.kids {
		s.vals[i] = c.Value()
	}
	v, err := s.op.Do(s.vals...)
	if err != nil || s.op.OutputSize() > 0 || s.node.Value() == v {
		return err
	}
	return G.UnsafeLet(s.node, v)
}

func (vm *VM) backward() error {
	for k := len(vm.steps) - 1; k >= 0; k-- {
		s := &vm.steps[k]
		vm.event(s, true, true)
		for _, j := range s.recompute {
			if err := vm.steps[j].op.(remaker).Recompute(vm.steps[j].kids); err != nil {
				return fmt.Errorf("graph: backward: %w", err)
			}
		}
		for _, j := range s.opens {
			clear(vm.steps[j].grad)
		}
		if err := s.ad.DoDiff(G.ExecutionContext{}, s.kids, s.node); err != nil {
			return fmt.Errorf("graph: backward: %w", err)
		}
		vm.event(s, true, false)
	}
	return nil
}

// Reset does nothing: every RunAll starts anew.
func (vm *VM) Reset() {}

// Close does nothing: the VM holds memory alone.
func (vm *VM) Close() error { return nil }

// ArenaSize is the length of the planned arena in floats.
func (vm *VM) ArenaSize() int { return len(vm.arena) }

// Values returns the memory of the output of the op of this name, nil when
// there is none. Only outputs in VMOptions.Keep hold their values after a run.
func (vm *VM) Values(op string) []float32 {
	for _, s := range vm.steps {
		if s.op.String() == op && s.op.OutputSize() > 0 {
			d, _ := s.node.Value().Data().([]float32)
			return d
		}
	}
	return nil
}

// NotFinite names the first op in forward order of which the last run, of a VM
// that learns, made a NaN or an Inf; "" when there is none.
func (vm *VM) NotFinite() string {
	for _, s := range vm.steps {
		if f, ok := s.op.(interface{ Finite() bool }); ok && !f.Finite() {
			return s.op.String()
		}
	}
	return ""
}
