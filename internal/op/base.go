package op

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// base is what all ops have: a name, an identity of its own (Gorgonia merges
// ops of equal hash), the types and shapes of its inputs and its output.
type base struct {
	name string
	id   uint32
	in   []tensor.Shape
	out  tensor.Shape
	y    []float32
	yt   *tensor.Dense

	xs, dxs     [][]float32     // what floats, nodeFloats and grads return
	seen        []*tensor.Dense // of which xs is the memory
	withoutGrad []int           // inputs without a gradient
}

func (b *base) Arity() int            { return len(b.in) }
func (b *base) ReturnsPtr() bool      { return false }
func (b *base) CallsExtern() bool     { return false }
func (b *base) OverwritesInput() int  { return -1 }
func (b *base) String() string        { return b.name }
func (b *base) WriteHash(h hash.Hash) { _ = binary.Write(h, binary.LittleEndian, b.id) }

func (b *base) Hashcode() uint32 {
	h := fnv.New32a()
	b.WriteHash(h)
	return h.Sum32()
}

func typeOf(s tensor.Shape) hm.Type {
	if s.Dims() == 0 {
		return tensor.Float32
	}
	return G.TensorType{Dims: s.Dims(), Of: tensor.Float32}
}

// Type is the function type from the inputs' types to the output's.
func (b *base) Type() hm.Type {
	ts := make([]hm.Type, 0, len(b.in)+1)
	for _, s := range b.in {
		ts = append(ts, typeOf(s))
	}
	return hm.NewFnType(append(ts, typeOf(b.out))...)
}

// InferShape checks the inputs' shapes against those the op was made for.
func (b *base) InferShape(in ...G.DimSizer) (tensor.Shape, error) {
	if len(in) != len(b.in) {
		return nil, fmt.Errorf("op: %s: %d inputs, must be %d", b.name, len(in), len(b.in))
	}
	for i, d := range in {
		s, ok := d.(tensor.Shape)
		if !ok || !s.Eq(b.in[i]) {
			return nil, fmt.Errorf("op: %s: input %d has shape %v, must have %v", b.name, i, d, b.in[i])
		}
	}
	return b.out.Clone(), nil
}

// OutputSize is the number of floats Bind wants.
func (b *base) OutputSize() int { return b.out.TotalSize() }

// Bind lends the op the buffer for its output. Without it the op makes one.
func (b *base) Bind(buf []float32) {
	b.y = buf[:b.OutputSize()]
	b.yt = tensor.New(tensor.WithShape(b.out...), tensor.WithBacking(b.y))
}

// output returns the bound or own output tensor.
func (b *base) output() *tensor.Dense {
	if b.yt == nil {
		b.Bind(make([]float32, b.OutputSize()))
	}
	return b.yt
}

// floats returns the backing slices of vs, valid until the next call.
func (b *base) floats(vs []G.Value) ([][]float32, error) {
	if err := b.expect(len(vs)); err != nil {
		return nil, err
	}
	for i, v := range vs {
		if err := b.read(i, v); err != nil {
			return nil, err
		}
	}
	return b.xs, nil
}

// nodeFloats is floats of the nodes' values.
func (b *base) nodeFloats(nodes G.Nodes) ([][]float32, error) {
	if err := b.expect(len(nodes)); err != nil {
		return nil, err
	}
	for i, n := range nodes {
		if err := b.read(i, n.Value()); err != nil {
			return nil, err
		}
	}
	return b.xs, nil
}

// expect checks the number of inputs.
func (b *base) expect(n int) error {
	if n != len(b.in) {
		return fmt.Errorf("op: %s: %d inputs, must be %d", b.name, n, len(b.in))
	}
	if b.xs == nil {
		b.xs, b.seen = make([][]float32, n), make([]*tensor.Dense, n)
	}
	return nil
}

// read makes xs[i] the memory of v; of a tensor seen before that is known.
func (b *base) read(i int, v G.Value) error {
	d, ok := v.(*tensor.Dense)
	if ok && d == b.seen[i] {
		return nil
	}
	x, ok := backing(v)
	if !ok || len(x) != b.in[i].TotalSize() {
		return fmt.Errorf("op: %s: input %d is no float32 tensor of shape %v", b.name, i, b.in[i])
	}
	b.xs[i], b.seen[i] = x, d
	return nil
}

// backing returns the memory of a float32 tensor without allocating.
func backing(v G.Value) ([]float32, bool) {
	d, ok := v.(*tensor.Dense)
	if !ok || d.Dtype() != tensor.Float32 {
		return nil, false
	}
	return d.Float32s(), true
}

var errNoGrad = errors.New("no gradient")

// gradOf returns the backing slice of a node's gradient, errNoGrad when it
// has none: nobody asked for it.
func gradOf(n *G.Node) ([]float32, error) {
	g, err := n.Grad()
	if err != nil || g == nil {
		return nil, errNoGrad
	}
	d, ok := backing(g)
	if !ok {
		return nil, fmt.Errorf("op: gradient of %s is %T, must be a float32 tensor", n.Name(), g)
	}
	return d, nil
}

// WithoutGrad tells which inputs have no gradient: asking their nodes makes an error
// each time.
func (b *base) WithoutGrad(inputs []int) { b.withoutGrad = inputs }

// grads returns the gradients of the inputs, nil where there is none, and of
// the output, valid until the next call.
func (b *base) grads(inputs G.Nodes, output *G.Node) (in [][]float32, out []float32, err error) {
	b.dxs = b.dxs[:0]
	for i, n := range inputs {
		if slices.Contains(b.withoutGrad, i) {
			b.dxs = append(b.dxs, nil)
			continue
		}
		d, err := gradOf(n)
		if err != nil && !errors.Is(err, errNoGrad) {
			return nil, nil, err
		}
		b.dxs = append(b.dxs, d)
	}
	if out, err = gradOf(output); err != nil {
		return nil, nil, fmt.Errorf("op: output %s: %w", output.Name(), err)
	}
	return b.dxs, out, nil
}
