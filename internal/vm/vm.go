// Package vm runs Gorgonia graphs whose operations are all csnet's own (op.Step). It orders
// the nodes once, plans the memory of outputs and gradients by their lifetimes, and then
// runs forward and backward any number of times without allocating.
package vm

import (
	"cmp"
	"fmt"
	"slices"

	"csnet/internal/op"
	"csnet/internal/pages"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// VM runs a graph. It implements gorgonia.VM: nodes run in the order of their creation, Do
// forwards and, with Options.Learn, DoDiff backwards from the scalar loss. The memory of
// outputs and their gradients lies in one arena. An op that is the first to write a gradient
// stores it, where it can, instead of adding to zeros. Where the arena would pass
// Options.ArenaLimit, outputs that are cheap to recompute are not kept from forward to
// backward; the bits stay the same.
//
// Differs from gorgonia's machines: no goroutines of its own, no allocation of tensors per
// step, gradients of learned nodes accumulate until somebody zeroes them (solvers do).
type VM struct {
	steps    []step
	plan     []op.Planned // of the steps
	learn    bool
	arena    []float32
	grads    pages.Pool // of what learns
	observer func(op string, backward, begin bool)
}

// Options says what a VM is to do.
type Options struct {
	Learn []*G.Node // input nodes that get gradients; none: forward only
	Loss  *G.Node   // scalar to differentiate, with Learn
	Keep  []*G.Node // outputs that stay readable after a run
	Fixed []*G.Node // inputs whose values stay where they are, forward only
	// Together decides which steps run together; nil: every step runs by itself. The
	// engines' plans are infer.Limits.Plan and learn.Plan.
	Together func(steps []op.Planned)
	// ArenaLimit is how many floats the arena may take before outputs are recomputed; 0:
	// any number.
	ArenaLimit int
	// NoReuse gives every output and every gradient memory of its own, for tests.
	NoReuse bool
}

// step is a node of the graph that is an operation.
type step struct {
	node  *G.Node
	op    op.Step
	kids  G.Nodes   // its inputs
	vals  []G.Value // their values
	fixed bool      // inputs of the graph among them stay where they are: Rerun will do
	grad  []float32 // of the output

	zero      []int // steps whose gradient is zeroed before this DoDiff
	recompute []int // steps whose output is recomputed before this DoDiff
	dropped   bool  // the reader of the output does without it backwards
	makesGrad bool  // the op makes its output's gradient as it reads it
}

// New plans runs of g.
func New(g *G.ExprGraph, o Options) (*VM, error) {
	vm := &VM{learn: len(o.Learn) > 0}
	nodes := slices.Clone(g.AllNodes())
	slices.SortFunc(nodes, func(a, b *G.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	index := map[*G.Node]int{}
	for _, n := range nodes {
		if n.IsVar() {
			continue
		}
		stepOp, ok := n.Op().(op.Step)
		if !ok {
			return nil, fmt.Errorf("vm: node %v: op %v is none of csnet's, the VM runs no others", n.Name(), n.Op())
		}
		kids := childrenOf(g, n)
		index[n] = len(vm.steps)
		s := step{node: n, op: stepOp, kids: kids, vals: make([]G.Value, len(kids))}
		s.fixed = len(o.Fixed) > 0 && allFixed(kids, o.Fixed)
		if vm.learn {
			stepOp.WithoutGrad(withoutGrad(kids, o.Learn))
		}
		vm.steps = append(vm.steps, s)
	}
	for _, n := range o.Learn {
		if !n.IsVar() || n.Value() == nil {
			return nil, fmt.Errorf("vm: node %v cannot learn: it is no input with a value", n.Name())
		}
		G.WithGrad(tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(vm.grads.Floats(n.Shape().TotalSize()))))(n)
	}
	return vm, vm.allocate(index, o)
}

// withoutGrad lists which of the nodes get no gradient.
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
		if !s.fixed || !s.op.Rerun() {
			if err := s.do(); err != nil {
				return fmt.Errorf("vm: forward: %w", err)
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
			if err := vm.steps[j].op.Recompute(vm.steps[j].kids); err != nil {
				return fmt.Errorf("vm: backward: %w", err)
			}
		}
		for _, j := range s.zero {
			clear(vm.steps[j].grad)
		}
		if err := s.op.DoDiff(G.ExecutionContext{}, s.kids, s.node); err != nil {
			return fmt.Errorf("vm: backward: %w", err)
		}
		vm.event(s, true, false)
	}
	return nil
}

// Reset does nothing: every RunAll starts anew.
func (vm *VM) Reset() {}

// Close does nothing: the VM holds memory alone.
func (vm *VM) Close() error { return nil }

// Values returns the memory of the output of the op of this name, nil when there is none.
// Only outputs in Options.Keep hold their values after a run.
func (vm *VM) Values(op string) []float32 {
	for _, s := range vm.steps {
		if s.op.String() == op && s.op.OutputSize() > 0 {
			d, _ := s.node.Value().Data().([]float32)
			return d
		}
	}
	return nil
}

// NotFinite names the first op in forward order of which the last run, of a VM that learns,
// made a NaN or an Inf; "" when there is none.
func (vm *VM) NotFinite() string {
	for _, s := range vm.steps {
		if !s.op.Finite() {
			return s.op.String()
		}
	}
	return ""
}
