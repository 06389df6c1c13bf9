package vm_test

import (
	"strings"
	"testing"

	"csnet/internal/op"
	"csnet/internal/vm"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// shape is (B, C, H, W) of the inputs here.
func shape() tensor.Shape { return tensor.Shape{2, 1, 3, 4} }

func input(g *G.ExprGraph, name string, opts ...G.NodeConsOpt) *G.Node {
	return G.NewTensor(g, tensor.Float32, 4, append(opts, G.WithShape(shape()...), G.WithName(name))...)
}

// A graph with an operation that is none of csnet's, and a parameter without a value, are
// errors when the VM is made.
func TestNewErrors(t *testing.T) {
	g := G.NewGraph()
	a, b := input(g, "a"), input(g, "b")
	if _, err := G.Add(a, b); err != nil {
		t.Fatal(err)
	}
	if _, err := vm.New(g, vm.Options{}); err == nil || !strings.Contains(err.Error(), "none of csnet's") {
		t.Errorf("one of gorgonia's ops: error %v", err)
	}

	env := op.NewEnv(1)
	defer env.Close()
	g = G.NewGraph()
	x := input(g, "x")
	up, err := G.ApplyOp(op.NewUpsample(env, "up", shape(), 2), x)
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]*G.Node{"an input without a value": x, "no input": up} {
		if _, err := vm.New(g, vm.Options{Learn: []*G.Node{n}}); err == nil || !strings.Contains(err.Error(), "cannot learn") {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

// What decides which steps run together is told of every step what it reads and who reads
// it; a VM without it runs every step by itself.
func TestTogetherIsToldOfTheSteps(t *testing.T) {
	env := op.NewEnv(1)
	defer env.Close()
	g := G.NewGraph()
	value := func() G.NodeConsOpt {
		return G.WithValue(tensor.New(tensor.WithShape(shape()...), tensor.Of(tensor.Float32)))
	}
	x, y := input(g, "x", value()), input(g, "y", value())
	apply := func(o G.Op, in ...*G.Node) *G.Node {
		n, err := G.ApplyOp(o, in...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	one := apply(op.NewUpsample(env, "one", shape(), 1), x)
	two := apply(op.NewUpsample(env, "two", shape(), 1), y)
	loss := apply(op.NewBCE(env, "loss", shape(), op.LossTerms{}), one, two)
	var told []op.Planned
	m, err := vm.New(g, vm.Options{Keep: []*G.Node{two}, Loss: loss, Together: func(steps []op.Planned) { told = append(told, steps...) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 3 {
		t.Fatalf("told of %d steps, must be 3", len(told))
	}
	if a, b := told[0].Inputs, told[1].Inputs; len(a) != 1 || len(b) != 1 || a[0] >= 0 || b[0] >= 0 || a[0] == b[0] {
		t.Errorf("inputs of the graph are %v and %v, must be two different negative numbers", a, b)
	}
	if in := told[2].Inputs; len(in) != 2 || in[0] != 0 || in[1] != 1 {
		t.Errorf("the loss reads steps %v, must be 0 and 1", in)
	}
	for k, want := range []op.Planned{{Readers: 1, Last: 2, Head: 0}, {Readers: 1, Last: 2, Kept: true, Head: 1}, {Last: 2, Head: 2}} {
		p := told[k]
		if p.Readers != want.Readers || p.Last != want.Last || p.Kept != want.Kept || p.Head != want.Head {
			t.Errorf("step %d: %+v, must be %+v", k, p, want)
		}
	}
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	if m.Values("two") == nil || m.Values("three") != nil {
		t.Error("values of ops by name")
	}
}
