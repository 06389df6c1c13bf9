package onnx

import (
	"fmt"
	"math"
	"slices"

	"csnet/internal/onnx/onnxpb"
)

// Forward runs the model on x, shape (n, c, h, w), in float64 with plain loops
// and returns its output. It fails at the first node whose operator, form or
// shapes it does not know, naming the node.
func (m *Model) Forward(x Tensor) (Tensor, error) {
	y, _, err := m.Measure(x)
	return y, err
}

// Measure is Forward, and says how many bytes its values took at most at a time.
func (m *Model) Measure(x Tensor) (y Tensor, most int, err error) {
	values := map[string]Tensor{m.graph.Input[0].GetName(): x}
	for name, c := range m.constants {
		values[name] = c
	}
	last := m.lastUses()
	bytes := 8 * len(x.Data)
	for i, n := range m.graph.Node {
		in := make([]Tensor, len(n.Input))
		for i, name := range n.Input {
			v, ok := values[name]
			if !ok && name != "" {
				return Tensor{}, 0, fmt.Errorf("onnx: %s: its input %s has no value", n.GetName(), name)
			}
			in[i] = v
		}
		y, err := run(n, in)
		if err != nil {
			return Tensor{}, 0, fmt.Errorf("onnx: %s (%s): %w", n.GetName(), n.GetOpType(), err)
		}
		if len(n.Output) != 1 {
			return Tensor{}, 0, fmt.Errorf("onnx: %s has %d outputs, must be 1", n.GetName(), len(n.Output))
		}
		values[n.Output[0]] = y
		bytes += 8 * len(y.Data)
		most = max(most, bytes)
		for _, name := range last[i] {
			bytes -= 8 * len(values[name].Data)
			delete(values, name)
		}
	}
	out := m.graph.Output[0].GetName()
	y, ok := values[out]
	if !ok {
		return Tensor{}, 0, fmt.Errorf("onnx: the output %s has no value", out)
	}
	return y, most, nil
}

// lastUses lists, for every node, the values that no later one needs.
func (m *Model) lastUses() [][]string {
	last := make([][]string, len(m.graph.Node))
	later := map[string]bool{m.graph.Output[0].GetName(): true}
	for i := len(m.graph.Node) - 1; i >= 0; i-- {
		n := m.graph.Node[i]
		for _, name := range slices.Concat(n.Output, n.Input) {
			if _, kept := m.constants[name]; !kept && !later[name] && name != "" {
				later[name] = true
				last[i] = append(last[i], name)
			}
		}
	}
	return last
}

// run is one node.
func run(n *onnxpb.NodeProto, in []Tensor) (Tensor, error) {
	a := attributes{n}
	if len(in) == 0 {
		return Tensor{}, fmt.Errorf("has no inputs")
	}
	switch op := n.GetOpType(); op {
	case "Conv":
		return convolve(a, in)
	case "PRelu":
		return prelu(in)
	case "MaxPool", "AveragePool":
		return pool(a, in[0], op == "MaxPool")
	case "Resize":
		return resize(a, in)
	case "Add", "Sub", "Mul", "Div":
		return combine(op, in)
	case "Sqrt":
		return each(in[0], math.Sqrt), nil
	case "Relu":
		return each(in[0], func(v float64) float64 { return max(v, 0) }), nil
	case "ReduceMean":
		return mean(a, in[0])
	case "Reshape":
		return reshape(in)
	case "Concat":
		return concat(a, in)
	case "Sigmoid":
		return each(in[0], func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }), nil
	case "Cast", "Identity":
		return in[0], nil
	default:
		return Tensor{}, fmt.Errorf("operator is not one that this program writes")
	}
}

func each(x Tensor, f func(float64) float64) Tensor {
	y := NewTensor(x.Shape...)
	for i, v := range x.Data {
		y.Data[i] = f(v)
	}
	return y
}

// attributes reads the attributes of a node.
type attributes struct{ node *onnxpb.NodeProto }

func (a attributes) find(name string) *onnxpb.AttributeProto {
	for _, p := range a.node.Attribute {
		if p.GetName() == name {
			return p
		}
	}
	return nil
}

// pair returns the attribute's first two numbers, both equal to fall where it
// is missing.
func (a attributes) pair(name string, fall int) (int, int) {
	p := a.find(name)
	if p == nil || len(p.Ints) < 2 {
		return fall, fall
	}
	return int(p.Ints[0]), int(p.Ints[1])
}

func (a attributes) integer(name string, fall int) int {
	if p := a.find(name); p != nil {
		return int(p.GetI())
	}
	return fall
}

func (a attributes) text(name string) string { return string(a.find(name).GetS()) }
