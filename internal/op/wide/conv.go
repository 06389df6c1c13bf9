package wide

import (
	"fmt"
	"slices"

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
// term, and the bias (C) where it has one, or gamma and beta (C) of a norm that it takes in
// (Frozen): these get no gradient.
type Conv struct {
	op.Base
	env            *Env
	terms          []*term
	maps, adds     int // numbers of inputs
	bias           bool
	batch, c, h, w int
	packedOnce     bool
	fold           *fold     // nil: none
	ones           []float32 // a one for each output

	// What the tasks below work on.
	number  int // of the image
	t       *term
	src     source
	dst     []float32 // of one image
	acc     bool
	weights []float32
	job
	finite finite

	tasks tasks
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
	c.ones = make([]float32, c.c)
	for i := range c.ones {
		c.ones[i] = 1
	}
	c.Base = op.NewBase(env.Env, name, in, out)
	c.setTasks()
	return c, nil
}

// tasks are what threads share, one part each.
type tasks struct {
	pack, turn, unpack, make, forward, toInput, toWeights func(thread, i int)
	// Of products of matrices.
	packMatrix, fill, multiply, scatter, transpose, packGrad, product func(thread, i int)

	finish, relu func(thread, i int)
}

func (c *Conv) setTasks() {
	c.tasks = tasks{
		pack:    func(_, i int) { c.t.pack(c.weights, c.fold, i) },
		turn:    func(_, i int) { c.t.turn(c.weights, c.fold, i) },
		unpack:  func(_, i int) { c.t.unpack(c.weights, c.fold, i) },
		make:    func(_, i int) { c.src.make(i) },
		forward: c.forward, toInput: c.toInput, toWeights: c.toWeights,
		packMatrix: func(_, i int) { c.p.pack(c.matrix, c.weights, &c.places, i) },
		fill:       c.fill, multiply: c.multiply, scatter: c.scatterGroup,
		transpose: c.transpose, packGrad: c.packGrad, product: c.gradProduct, relu: c.maskPart,
		finish: func(_, i int) { c.finish(cut(c.c, i, parts), cut(c.c, i+1, parts), 0, c.h) },
	}
}

// TakeNorm makes the op take in a norm: see Frozen. It is called before the first run, on an
// op without a bias.
func (c *Conv) TakeNorm(f Frozen) {
	c.fold = newFold(f)
	c.In = append(c.In, tensor.Shape{c.c}, tensor.Shape{c.c})
}

// Maps is the number of maps.
func (c *Conv) Maps() int { return c.maps + c.adds }

// area is the size of a plane of the output.
func (c *Conv) area() int { return c.h * c.w }

// weightsFrom is the number of the first weight among the inputs.
func (c *Conv) weightsFrom() int { return c.maps + c.adds }

// part returns image i of a map of the batch.
func (c *Conv) part(x []float32, i int) []float32 {
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
	keep := c.env.Frozen
	pack := !c.packedOnce || !keep
	if c.fold != nil && pack {
		c.fold.set(in[len(in)-2], in[len(in)-1])
	}
	c.packedOnce = true
	started := 0
	together := len(c.terms) > 0 && !slices.ContainsFunc(c.terms, func(t *term) bool { return !t.wide() })
	for k, t := range c.terms {
		if pack {
			c.packTerm(t, in[c.weightsFrom()+k], keep)
		}
		c.t, c.acc, c.last = t, t.At < started, together && c.lastOn(k)
		for c.number = range c.batch {
			c.term(c.part(in[t.Map], c.number))
		}
		started = max(started, t.At+t.Out)
	}
	for c.number = range c.batch {
		if len(c.terms) == 0 {
			clear(c.part(c.Y, c.number))
		}
		if !together {
			c.env.Run(parts, c.tasks.finish)
		}
	}
	c.finite.look(c.env, c.Y)
	return y, nil
}

// packTerm packs the weights of a term, in memory of its own if keep, else in memory that
// all ops share.
func (c *Conv) packTerm(t *term, w []float32, keep bool) {
	c.t, c.weights = t, w
	if !t.wide() {
		if t.packed == nil {
			t.packed = make([]float32, len(t.off)*t.Out)
		}
		c.env.Run(parts, c.tasks.pack)
		return
	}
	if keep {
		t.packed = make([]float32, t.Out*t.forward.k)
	} else {
		t.packed = c.env.get(weights, t.Out*t.forward.k)
	}
	c.p, c.matrix, c.places = &t.forward, t.packed, t.forwardMatrix(c.fold)
	c.env.Run(c.p.groups*c.p.sums(), c.tasks.packMatrix)
}

// term adds the term at hand to the output of the image at hand, or writes it; x is its map.
func (c *Conv) term(x []float32) {
	t := c.t
	c.dst = c.part(c.Y, c.number)[t.At*c.area():][:t.Out*c.area()]
	if t.wide() {
		c.p, c.matrix, c.cols = &t.forward, t.packed, t.columns(x)
		c.runProduct()
		return
	}
	c.read(t.source(c.env, x))
	c.env.Run(parts, c.tasks.forward)
}

// lastOn reports whether no later term adds to the channels of term k.
func (c *Conv) lastOn(k int) bool {
	t := c.terms[k]
	for _, u := range c.terms[k+1:] {
		if u.At < t.At+t.Out && t.At < u.At+u.Out {
			return false
		}
	}
	return true
}

// finish adds to some channels and rows of the image at hand what follows the convolutions:
// added maps, bias or norm, ReLU.
func (c *Conv) finish(lo, hi, from, to int) {
	n, area := (to-from)*c.w, c.area()
	y := c.part(c.Y, c.number)
	shift := c.Xs[len(c.Xs)-1]
	if c.fold != nil {
		shift = c.fold.shift
	}
	for _, m := range c.Xs[c.maps:c.weightsFrom()] {
		m = c.part(m, c.number)
		if n == area {
			pointwise.Add(y[lo*area:hi*area], m[lo*area:hi*area])
			continue
		}
		for o := lo; o < hi; o++ {
			pointwise.Add(y[o*area+from*c.w:][:n], m[o*area+from*c.w:][:n])
		}
	}
	if hi == lo || c.fold == nil && !c.bias {
		return
	}
	ones, slope := c.ones, c.ones
	if c.fold != nil {
		slope = c.fold.slope
	}
	p := kernel.Planes{X: y[lo*area+from*c.w:], Stride: area}
	pointwise.NormActPlanes(&p, &p, n, ones[lo:hi], shift[lo:hi], slope[lo:hi])
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

// share returns the outputs and rows of part i of outputs x rows; one of the two is cut.
func share(outputs, rows, i int) (lo, hi, from, to int) {
	if byOutputs(outputs) {
		return cut(outputs, i, parts), cut(outputs, i+1, parts), 0, rows
	}
	return 0, outputs, cut(rows, i, parts), cut(rows, i+1, parts)
}

// forward makes part i of the term's outputs.
func (c *Conv) forward(_, i int) {
	t, s := c.t, &c.src
	lo, hi, from, to := share(t.Out, t.oh, i)
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
	dense.Conv(&dst, x, t.off, &kernel.Weights{W: t.packed[lo:], Stride: t.Out, Outputs: hi - lo}, n, rows, c.acc)
}

// ForwardOnly returns true for the maps that are added and, without a ReLU taken in, for the
// output.
func (c *Conv) ForwardOnly(i int) bool {
	if i < 0 {
		return c.fold == nil || !c.fold.Relu
	}
	return i >= c.maps && i < c.weightsFrom()
}

// OutputDead returns true.
func (c *Conv) OutputDead() bool { return true }

// Finite reports whether all values of the last output were.
func (c *Conv) Finite() bool { return c.finite.all() }
