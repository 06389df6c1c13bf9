package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/gemm"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// forward is what a Sum is at work on forwards.
type forward struct {
	*Sum
	number  int        // of the image
	t       *term      // the term
	weights []float32  // its weights
	dst     []float32  // its outputs, of one image
	acc     bool       // they are added to dst
	last    bool       // what follows the convolutions is done as its outputs are made
	src     reader     // what a narrow term reads
	product product    // of a wide term
	pixels  pixelTerms // of those that run pixel by pixel

	tasks struct{ pack, narrow, finish func(thread, i int) }
	after func(lo, hi, from, to int)
}

func (f *forward) init(c *Sum) {
	f.Sum = c
	f.product.init(c.env)
	f.pixels.init(f)
	f.tasks.pack = func(_, i int) { f.t.pack(f.weights, f.fold, i) }
	f.tasks.narrow = f.narrow
	f.tasks.finish = func(_, i int) { f.finish(op.Cut(f.c, i, op.Parts), op.Cut(f.c, i+1, op.Parts), 0, f.h) }
	f.after = func(lo, hi, from, to int) { f.finish(f.t.At+lo, f.t.At+hi, from, to) }
}

// Do makes the output.
func (c *Sum) Do(vs ...G.Value) (G.Value, error) {
	in, err := c.Read(vs)
	if err != nil {
		return nil, err
	}
	y := c.Output()
	c.forward.run(in)
	c.finite.Look(c.env.Env, c.Y)
	return y, nil
}

// run makes the output from the inputs.
func (f *forward) run(in [][]float32) {
	keep := f.env.Frozen
	pack := !f.packed || !keep
	if f.fold != nil && pack {
		f.fold.set(in[len(in)-2], in[len(in)-1])
	}
	f.packed, f.pixels.made = true, false
	started := 0
	for k, t := range f.terms {
		if pack {
			f.packTerm(t, in[f.weightsFrom()+k], keep)
		}
		f.t, f.acc = t, t.At < started
		f.last = f.together && f.lastOn(k)
		for f.number = range f.batch {
			f.term(f.part(in[t.Map], f.number))
		}
		started = max(started, t.At+t.Out)
	}
	for f.number = range f.batch {
		if len(f.terms) == 0 {
			clear(f.part(f.Y, f.number))
		}
		if !f.together {
			f.env.Run(op.Parts, f.tasks.finish)
		}
	}
}

// packTerm packs the weights of a term, in memory of its own if keep, else in memory that
// all ops share.
func (f *forward) packTerm(t *term, w []float32, keep bool) {
	if !t.wide() {
		if t.packed == nil {
			t.packed = make([]float32, t.weights())
		}
		f.t, f.weights = t, w
		f.env.Run(op.Parts, f.tasks.pack)
		return
	}
	if keep && t.byPixels() {
		f.t = t
		f.pixels.pack(w)
		return
	}
	if keep {
		t.packed = make([]float32, t.product.PackedFloats())
	} else {
		t.packed = f.env.get(weights, t.product.PackedFloats())
	}
	f.product.pack(&t.product, t.packed, w, t.matrix(f.fold))
}

// term adds the term at hand to the output of the image at hand, or writes it; x is its map.
func (f *forward) term(x []float32) {
	t := f.t
	if f.env.Frozen && t.byPixels() {
		f.pixels.term(x)
		return
	}
	dst := f.ofTerm(t, f.Y, f.number)
	if t.wide() {
		p := &f.product
		p.after, p.end = nil, gemm.End{}
		switch {
		case f.last && f.adds <= 1:
			p.end = f.end()
		case f.last:
			p.after = f.after
		}
		p.p, p.matrix, p.cols, p.dst, p.acc = &t.product, t.packed, t.columns(x), dst, f.acc
		p.run()
		return
	}
	f.dst = dst
	f.src.read(f.env, t.source(f.env, x))
	f.env.Run(op.Parts, f.tasks.narrow)
}

// end is finish, with at most one added map, for the term at hand.
func (f *forward) end() (e gemm.End) {
	t := f.t
	if f.adds == 1 {
		e.More = f.ofTerm(t, f.Xs[f.maps], f.number)
	}
	switch {
	case f.fold != nil:
		e.Shift, e.ReLU = f.fold.shift[t.At:], f.fold.Relu
	case f.bias:
		e.Shift = f.Xs[len(f.Xs)-1][t.At:]
	}
	return e
}

// lastOn reports whether no later term adds to the channels of term k.
func (f *forward) lastOn(k int) bool {
	t := f.terms[k]
	for _, u := range f.terms[k+1:] {
		if u.At < t.At+t.Out && t.At < u.At+u.Out {
			return false
		}
	}
	return true
}

// narrow makes part i of a narrow term's outputs.
func (f *forward) narrow(_, i int) {
	t, s := f.t, &f.src
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
	dst := kernel.Planes{X: f.dst[lo*f.area()+from*f.w:], Stride: f.area(), Pitch: n}
	dense.Conv(&dst, x, t.off, &kernel.Weights{W: t.packed[lo:], Stride: t.Out, Outputs: hi - lo}, n, rows, f.acc)
}

// share returns the outputs and rows of part i of outputs x rows; one of the two is cut: the
// outputs where they are many.
func share(outputs, rows, i int) (lo, hi, from, to int) {
	if outputs >= 16*op.Parts {
		return op.Cut(outputs, i, op.Parts), op.Cut(outputs, i+1, op.Parts), 0, rows
	}
	return 0, outputs, op.Cut(rows, i, op.Parts), op.Cut(rows, i+1, op.Parts)
}

// finish adds to channels lo to hi-1 and rows from to to-1 of the image at hand what follows
// the convolutions: added maps, bias or norm, ReLU.
func (f *forward) finish(lo, hi, from, to int) {
	n, area := (to-from)*f.w, f.area()
	y := f.part(f.Y, f.number)
	shift := f.Xs[len(f.Xs)-1]
	if f.fold != nil {
		shift = f.fold.shift
	}
	for _, m := range f.Xs[f.maps:f.weightsFrom()] {
		m = f.part(m, f.number)
		if n == area {
			pointwise.Add(y[lo*area:hi*area], m[lo*area:hi*area])
			continue
		}
		for o := lo; o < hi; o++ {
			pointwise.Add(y[o*area+from*f.w:][:n], m[o*area+from*f.w:][:n])
		}
	}
	if hi == lo || f.fold == nil && !f.bias {
		return
	}
	ones, slope := f.ones, f.ones
	if f.fold != nil {
		slope = f.fold.slope
	}
	p := kernel.Planes{X: y[lo*area+from*f.w:], Stride: area}
	pointwise.NormActPlanes(&p, &p, n, ones[lo:hi], shift[lo:hi], slope[lo:hi])
}
