package op

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"

	"csnet/internal/kernel"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Base is the part that all ops share: a name, an identity of its own (Gorgonia
// merges ops of equal hash), the shapes of inputs and output, and the output's
// memory. It also answers those questions of Step that most ops answer with no.
type Base struct {
	In  []tensor.Shape
	Out tensor.Shape
	Y   []float32   // memory of the output
	Xs  [][]float32 // memory of the inputs of the last Do or DoDiff
	Dxs [][]float32 // memory of the inputs' gradients of the last DoDiff, nil where there is none

	name        string
	id          uint32
	output      *tensor.Dense   // over Y
	seen        []*tensor.Dense // seen[i] is the tensor whose memory is Xs[i]
	withoutGrad []int           // inputs without a gradient
	halfOut     bool            // the output lies in 16 bits
	halfIn      []bool          // so does input i
}

// InHalves says whether the output lies in 16 bits a value, two in each float of its memory,
// and which of the first maps inputs do. In the graph such maps are tensors of uint16.
func (b *Base) InHalves(out bool, in func(i int) bool, maps int) {
	b.halfOut, b.halfIn = out, make([]bool, maps)
	for i := range b.halfIn {
		b.halfIn[i] = in(i)
	}
}

// NewBase returns the base of an op with inputs and output of these shapes.
func NewBase(env *Env, name string, in []tensor.Shape, out tensor.Shape) Base {
	return Base{name: name, id: env.newID(), In: in, Out: out}
}

func (b *Base) Arity() int            { return len(b.In) }
func (b *Base) ReturnsPtr() bool      { return false }
func (b *Base) CallsExtern() bool     { return false }
func (b *Base) OverwritesInput() int  { return -1 }
func (b *Base) String() string        { return b.name }
func (b *Base) WriteHash(h hash.Hash) { _ = binary.Write(h, binary.LittleEndian, b.id) }

func (b *Base) Hashcode() uint32 {
	h := fnv.New32a()
	b.WriteHash(h)
	return h.Sum32()
}

func typeOf(s tensor.Shape, half bool) hm.Type {
	of := tensor.Float32
	if half {
		of = tensor.Uint16
	}
	if s.Dims() == 0 {
		return of
	}
	return G.TensorType{Dims: s.Dims(), Of: of}
}

// Type is the function type from the inputs' types to the output's.
func (b *Base) Type() hm.Type {
	ts := make([]hm.Type, 0, len(b.In)+1)
	for i, s := range b.In {
		ts = append(ts, typeOf(s, b.isHalf(i)))
	}
	return hm.NewFnType(append(ts, typeOf(b.Out, b.halfOut))...)
}

// InferShape checks the inputs' shapes against those the op was made for.
func (b *Base) InferShape(in ...G.DimSizer) (tensor.Shape, error) {
	if len(in) != len(b.In) {
		return nil, fmt.Errorf("op: %s: %d inputs, must be %d", b.name, len(in), len(b.In))
	}
	for i, d := range in {
		s, ok := d.(tensor.Shape)
		if !ok || !s.Eq(b.In[i]) {
			return nil, fmt.Errorf("op: %s: input %d has shape %v, must have %v", b.name, i, d, b.In[i])
		}
	}
	return b.Out.Clone(), nil
}

// OutputSize is the number of floats that Bind needs.
func (b *Base) OutputSize() int {
	if b.halfOut {
		return kernel.HalfSize(b.Out.TotalSize())
	}
	return b.Out.TotalSize()
}

// isHalf reports whether input i lies in 16 bits.
func (b *Base) isHalf(i int) bool { return i < len(b.halfIn) && b.halfIn[i] }

// inputSize is the number of floats that input i takes.
func (b *Base) inputSize(i int) int {
	if b.isHalf(i) {
		return kernel.HalfSize(b.In[i].TotalSize())
	}
	return b.In[i].TotalSize()
}

// Tensor is a tensor of that shape over memory: of uint16 where its values do not fit as
// floats.
func Tensor(shape tensor.Shape, memory []float32) *tensor.Dense {
	if n := shape.TotalSize(); len(memory) < n {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(kernel.Words(memory)[:n]))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(memory))
}

// Bind lends the op the buffer for its output. Without it the op makes one.
func (b *Base) Bind(buf []float32) {
	b.Y = buf[:b.OutputSize()]
	b.output = Tensor(b.Out, b.Y)
}

// Output returns the output as a tensor over Y, which it allocates where Bind did
// not set it.
func (b *Base) Output() *tensor.Dense {
	if b.output == nil {
		b.Bind(make([]float32, b.OutputSize()))
	}
	return b.output
}

// Read sets Xs to the memory of the values and returns it.
func (b *Base) Read(vs []G.Value) ([][]float32, error) {
	if err := b.expect(len(vs)); err != nil {
		return nil, err
	}
	for i, v := range vs {
		if err := b.readInput(i, v); err != nil {
			return nil, err
		}
	}
	return b.Xs, nil
}

// ReadNodes is Read of the nodes' values.
func (b *Base) ReadNodes(nodes G.Nodes) ([][]float32, error) {
	if err := b.expect(len(nodes)); err != nil {
		return nil, err
	}
	for i, n := range nodes {
		if err := b.readInput(i, n.Value()); err != nil {
			return nil, err
		}
	}
	return b.Xs, nil
}

// expect checks the number of inputs.
func (b *Base) expect(n int) error {
	if n != len(b.In) {
		return fmt.Errorf("op: %s: %d inputs, must be %d", b.name, n, len(b.In))
	}
	if b.Xs == nil {
		b.Xs, b.seen = make([][]float32, n), make([]*tensor.Dense, n)
	}
	return nil
}

// readInput sets Xs[i] to the memory of v. Where v is the tensor of the last call it
// is set already.
func (b *Base) readInput(i int, v G.Value) error {
	d, ok := v.(*tensor.Dense)
	if ok && d == b.seen[i] {
		return nil
	}
	x, ok := backing(v)
	if !ok || len(x) != b.inputSize(i) {
		return fmt.Errorf("op: %s: input %d is no float32 tensor of shape %v", b.name, i, b.In[i])
	}
	b.Xs[i], b.seen[i] = x, d
	return nil
}

// backing returns the memory of a tensor as Tensor makes them, without allocating.
func backing(v G.Value) ([]float32, bool) {
	d, ok := v.(*tensor.Dense)
	switch {
	case !ok:
		return nil, false
	case d.Dtype() == tensor.Uint16:
		return kernel.Floats(d.Uint16s()), true
	case d.Dtype() == tensor.Float32:
		return d.Float32s(), true
	}
	return nil, false
}

var errNoGrad = errors.New("no gradient")

// GradOf returns the memory of a node's gradient. The error is errNoGrad when the
// node has none because nobody asked for it.
func GradOf(n *G.Node) ([]float32, error) {
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

// WithoutGrad lists the inputs that have no gradient. Their nodes need not be asked
// then; asking would allocate an error in every run.
func (b *Base) WithoutGrad(inputs []int) { b.withoutGrad = inputs }

// WithoutGradOf adds an input to those without a gradient.
func (b *Base) WithoutGradOf(input int) { b.withoutGrad = append(b.withoutGrad, input) }

// InputGrads sets Dxs to the memory of the inputs' gradients, nil where there is none, and
// returns it.
func (b *Base) InputGrads(inputs G.Nodes) ([][]float32, error) {
	b.Dxs = b.Dxs[:0]
	for i, n := range inputs {
		if slices.Contains(b.withoutGrad, i) {
			b.Dxs = append(b.Dxs, nil)
			continue
		}
		d, err := GradOf(n)
		if err != nil && !errors.Is(err, errNoGrad) {
			return nil, err
		}
		b.Dxs = append(b.Dxs, d)
	}
	return b.Dxs, nil
}

// Grads sets Dxs to the memory of the inputs' gradients, nil where there is none,
// and returns it and the memory of the output's gradient.
func (b *Base) Grads(inputs G.Nodes, output *G.Node) (in [][]float32, out []float32, err error) {
	if in, err = b.InputGrads(inputs); err != nil {
		return nil, nil, err
	}
	if out, err = GradOf(output); err != nil {
		return nil, nil, fmt.Errorf("op: output %s: %w", output.Name(), err)
	}
	return in, out, nil
}
