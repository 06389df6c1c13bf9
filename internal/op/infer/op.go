package infer

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"csnet/internal/op"
	"csnet/internal/op/infer/conv"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op is one output map of a block: a convolution, then norm and PReLU, or a bias, or
// nothing; or a pool.
//
// Inputs: the input maps (B, C, H, W), one weight each (as the convolution's geometry
// has them), then gamma, beta and slope (C) of the norm, or the bias (C). Output: the map
// (B, C, H, W).
type Op struct {
	op.Base
	env            *Env
	conv           conv.Conv
	norm           *Norm
	bias           bool
	maps, weights  int // numbers of inputs
	batch, c, area int // of the output: B, C, H*W

	segment    *Segment // nil until the first run: the op then runs by itself
	absorbed   *Op      // an op that runs as a part of this one, which reads its inputs
	absorbedBy *Op      // the op that this one runs as a part of

	packed bool        // parameters have been packed
	params [][]float32 // the parameters, running statistics among them
	last   []float32   // their values when they were packed last
}

// Norm is a batch norm with its running statistics (C); Eps is added to the variance.
type Norm struct {
	Eps       float64
	Mean, Var []float32
	a, b      []float32 // the norm is a*z + b
}

// New returns the op of f with norm and PReLU, where n is not nil, or a bias.
func New(env *Env, f op.Fused, n *Norm, bias bool) *Op {
	c, h, w := f.Conv.Output()
	b := f.Maps[0][0]
	o := &Op{env: env, conv: conv.New(f.Conv), norm: n, bias: bias, maps: len(f.Maps), weights: len(f.Weights), batch: b, c: c, area: h * w}
	o.Base = op.NewBase(env.Env, f.Name, f.Inputs(n != nil, bias), tensor.Shape{b, c, h, w})
	if n != nil {
		n.a, n.b = make([]float32, c), make([]float32, c)
	}
	return o
}

// NewPool returns the op that pools windows of f x f of x (B, C, H, W), the largest
// value or, with avg, for f = 2, the mean: (B, C, H/f, W/f).
func NewPool(env *Env, name string, x tensor.Shape, avg bool, f int) *Op {
	p := &conv.Pool{C: x[1], H: x[2] / f, W: x[3] / f, F: f, Avg: avg}
	o := &Op{env: env, conv: p, maps: 1, batch: x[0], c: p.C, area: p.H * p.W}
	o.Base = op.NewBase(env.Env, name, []tensor.Shape{x}, tensor.Shape{x[0], p.C, p.H, p.W})
	return o
}

// SharesPools reports whether the outputs of a gOctConv had better read the same pools,
// by the height of the finest one. In small maps pools take little time, and threads share
// the channels of what reads them.
func SharesPools(h int) bool { return h > op.SmallMapRows }

// Maps is the number of input maps.
func (o *Op) Maps() int { return o.maps }

// Finite reports whether all values of the output are.
func (o *Op) Finite() bool { return op.Finite(o.Y) }

// Do makes the output, or with the last op of a segment the outputs of all its ops.
func (o *Op) Do(vs ...G.Value) (G.Value, error) {
	if _, err := o.Read(vs); err != nil {
		return nil, err
	}
	y := o.Output()
	o.run()
	return y, nil
}

// DoDiff returns an error: the engine has no gradients.
func (o *Op) DoDiff(G.ExecutionContext, G.Nodes, *G.Node) error {
	return fmt.Errorf("op: %s: has no gradient, runs in evaluation alone", o)
}

// Rerun runs Do on the inputs of the last one, where there was one.
func (o *Op) Rerun() bool {
	if !o.packed {
		return false
	}
	o.run()
	return true
}

// run packs the parameters if they changed and runs the segment if the op is the last
// one there.
func (o *Op) run() {
	if ps := o.Xs[o.maps:]; !(o.packed && o.env.Frozen) && o.changed(ps) {
		o.pack(ps[:o.weights], ps[o.weights:])
	}
	o.packed = true
	if o.absorbedBy != nil {
		return
	}
	if o.segment == nil {
		o.runAlone()
	}
	if g := o.segment; g.members[len(g.members)-1].Op == o {
		g.run()
	}
}

// runAlone makes the op a segment by itself.
func (o *Op) runAlone() {
	n := o.maps
	if o.absorbed != nil {
		n = o.absorbed.maps
	}
	NewSegment([]*Op{o}, [][]int{slices.Repeat([]int{-1}, n)}, []bool{true}, 0).Bind()
}

// absorb makes the op, a 1x1 convolution of one output over the map of before that
// nobody else reads, run before as its own first half: it then reads the inputs of
// before. It returns false where that cannot be.
func (o *Op) absorb(before *Op) bool {
	if o.maps != 1 || o.norm != nil {
		return false
	}
	c, ok := conv.NewOctThenPixel(before.conv, o.conv)
	if !ok {
		return false
	}
	o.conv, o.absorbed, before.absorbedBy = c, before, o
	return true
}

// pack packs the weights ws with what follows them: gamma, beta and slope, or the bias.
func (o *Op) pack(ws, rest [][]float32) {
	var e conv.Epilogue
	switch {
	case o.norm != nil:
		o.norm.set(rest[0], rest[1])
		e = conv.Epilogue{Scale: o.norm.a, Bias: o.norm.b, Slope: rest[2]}
	case o.bias:
		e.Bias = rest[0]
	}
	o.conv.Pack(ws, e)
}

// set sets a and b for gamma*(z-Mean)/sqrt(Var+Eps) + beta.
func (n *Norm) set(gamma, beta []float32) {
	for c, v := range n.Var {
		n.a[c] = gamma[c] * float32(1/math.Sqrt(float64(v)+n.Eps))
		n.b[c] = beta[c] - n.Mean[c]*n.a[c]
	}
}

// changed reports whether the parameters ps or the running statistics are others than
// at the last call, bit by bit.
func (o *Op) changed(ps [][]float32) bool {
	o.params = append(o.params[:0], ps...)
	if o.norm != nil {
		o.params = append(o.params, o.norm.Mean, o.norm.Var)
	}
	n, same := 0, true
	for _, v := range o.params {
		end := n + len(v)
		same = same && end <= len(o.last) && bytes.Equal(bytesOf(v), bytesOf(o.last[n:end]))
		n = end
	}
	if same {
		return false
	}
	o.last = o.last[:0]
	for _, v := range o.params {
		o.last = append(o.last, v...)
	}
	return true
}

// bytesOf is the memory of v.
func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}
