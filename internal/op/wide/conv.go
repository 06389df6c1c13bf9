package wide

import (
	"fmt"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Conv is a sum of convolutions and maps, or several convolutions whose outputs are
// channels of one map:
//
//	Y = bias + sum over the added maps + sum over terms t of conv(X_map(t), Scale W_t)
//
// where the channels that term t gives begin at its At.
//
// Inputs: the maps that terms read, the maps to add, of the output's shape, a weight per
// term, and the bias (C) where it has one.
type Conv struct {
	op.Base
	env            *Env
	terms          []*term
	maps, adds     int // numbers of inputs
	bias           bool
	batch, c, h, w int
	packedOnce     bool

	// What the tasks below work on.
	t       *term
	src     source
	dst     []float32 // of one image
	acc     bool
	weights []float32

	tasks struct{ pack, turn, unpack, make, forward, toInput, toWeights func(thread, i int) }
}

// NewConv returns the op over maps, the last adds of which are added as they are.
//
// Errors: an output without a pixel; terms or maps whose sizes differ.
func NewConv(env *Env, name string, maps []tensor.Shape, adds int, terms []Term, bias bool) (*Conv, error) {
	c := &Conv{env: env, maps: len(maps) - adds, adds: adds, bias: bias, batch: maps[0][0]}
	in := append([]tensor.Shape{}, maps...)
	for _, t := range terms {
		r := newTerm(t)
		if r.oh < 1 || r.ow < 1 {
			return nil, fmt.Errorf("op: %s: a map of %dx%d has no output of a %dx%d convolution of stride %d", name, t.H, t.W, t.K, t.K, t.Stride)
		}
		if c.h == 0 {
			c.h, c.w = r.oh, r.ow
		}
		if r.oh != c.h || r.ow != c.w {
			return nil, fmt.Errorf("op: %s: map %d gives %dx%d, the maps before it %dx%d", name, t.Map, r.oh, r.ow, c.h, c.w)
		}
		c.terms, c.c = append(c.terms, r), max(c.c, t.At+t.Out)
		in = append(in, tensor.Shape{t.Out, t.C, t.K, t.K})
	}
	if len(terms) == 0 {
		c.c, c.h, c.w = maps[0][1], maps[0][2], maps[0][3]
	}
	out := tensor.Shape{c.batch, c.c, c.h, c.w}
	for _, m := range maps[c.maps:] {
		if !m.Eq(out) {
			return nil, fmt.Errorf("op: %s: a map of shape %v is added to one of %v", name, m, out)
		}
	}
	if bias {
		in = append(in, tensor.Shape{c.c})
	}
	c.Base = op.NewBase(env.Env, name, in, out)
	c.setTasks()
	return c, nil
}

func (c *Conv) setTasks() {
	c.tasks.pack = func(_, i int) { c.t.pack(c.weights, i) }
	c.tasks.turn = func(_, i int) { c.t.turn(c.weights, i) }
	c.tasks.unpack = func(_, i int) { c.t.unpack(c.weights, i) }
	c.tasks.make = func(_, i int) { c.src.make(i) }
	c.tasks.forward, c.tasks.toInput, c.tasks.toWeights = c.forward, c.toInput, c.toWeights
}

// Maps is the number of maps.
func (c *Conv) Maps() int { return c.maps + c.adds }

// area is the size of a plane of the output.
func (c *Conv) area() int { return c.h * c.w }

// weightsFrom is the number of the first weight among the inputs.
func (c *Conv) weightsFrom() int { return c.maps + c.adds }

// image returns image i of a map of the batch.
func (c *Conv) image(x []float32, i int) []float32 {
	n := len(x) / c.batch
	return x[i*n : (i+1)*n : (i+1)*n]
}

// Do makes the output.
func (c *Conv) Do(vs ...G.Value) (G.Value, error) {
	in, err := c.Read(vs)
	if err != nil {
		return nil, err
	}
	y := c.Output()
	if !c.packedOnce || !c.env.Frozen {
		for k, t := range c.terms {
			c.t, c.weights = t, in[c.weightsFrom()+k]
			c.env.Run(parts, c.tasks.pack)
		}
		c.packedOnce = true
	}
	for i := range c.batch {
		whole := c.image(c.Y, i)
		started := c.start(whole, i)
		for _, t := range c.terms {
			c.t, c.dst, c.acc = t, whole[t.At*c.area():][:t.Out*c.area()], t.At < started
			c.read(t.source(c.env, c.image(in[t.Map], i)))
			c.env.Run(parts, c.tasks.forward)
			started = max(started, t.At+t.Out)
		}
	}
	return y, nil
}

// start writes what the sums of image i begin with: bias and added maps. It returns of how
// many channels the output then holds anything.
func (c *Conv) start(y []float32, i int) int {
	if !c.bias && c.adds == 0 {
		return 0
	}
	clear(y)
	for _, m := range c.Xs[c.maps:c.weightsFrom()] {
		pointwise.Add(y, c.image(m, i))
	}
	if c.bias {
		for ch, b := range c.Xs[len(c.Xs)-1] {
			row := y[ch*c.area():][:c.area()]
			for k := range row {
				row[k] += b
			}
		}
	}
	return c.c
}

// read makes the source s.
func (c *Conv) read(s source) {
	c.src = s
	if s.made() {
		c.env.Run(s.planes, c.tasks.make)
	}
}

// byOutputs reports whether so many outputs are enough that threads share them, instead of
// the rows.
func byOutputs(n int) bool { return n >= 16*parts }

// part returns the outputs and rows of part i of outputs x rows; one of the two is cut.
func part(outputs, rows, i int) (lo, hi, from, to int) {
	if byOutputs(outputs) {
		return cut(outputs, i, parts), cut(outputs, i+1, parts), 0, rows
	}
	return 0, outputs, cut(rows, i, parts), cut(rows, i+1, parts)
}

// forward makes part i of the term's outputs.
func (c *Conv) forward(_, i int) {
	t, s := c.t, &c.src
	lo, hi, from, to := part(t.Out, t.oh, i)
	if hi == lo || to == from {
		return
	}
	first, n, rows := from, s.n, to-from
	if t.gathered() {
		first, n, rows = 0, (to-from)*t.ow, 1
	}
	x := s.kernelPlanes(first)
	if t.gathered() {
		x.X = x.X[from*t.ow:]
	}
	dst := kernel.Planes{X: c.dst[lo*c.area()+from*c.w:], Stride: c.area(), Pitch: n}
	sumTaps(&dst, x, t.off, &kernel.Weights{W: t.packed[lo:], Stride: t.Out, Outputs: hi - lo}, n, rows, c.acc)
}

// tapsAtOnce is how many taps are summed before the sum is added to those before it: sums of
// thousands in a row, as a 3x3 convolution of 512 channels has, would lose two digits, and
// where a map is near 0 the gradient of its activation with them.
const tapsAtOnce = 128

// sumTaps is dense.Conv some taps at a time.
func sumTaps(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, acc bool) {
	for at := 0; at < len(off); at += tapsAtOnce {
		end := min(at+tapsAtOnce, len(off))
		some := kernel.Weights{W: w.W[at*w.Stride:], Stride: w.Stride, Outputs: w.Outputs}
		dense.Conv(dst, x, off[at:end], &some, n, rows, acc || at > 0)
	}
}

// Finite reports whether all values of the output are.
func (c *Conv) Finite() bool { return op.Finite(c.Y) }
