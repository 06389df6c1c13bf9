package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/op"
	"csnet/internal/op/wide/tiles"
)

// This file runs terms over maps with the channels of a pixel side by side (package tiles),
// where parameters do not change: by Winograd, or as a product over a small map.

// byPixels chooses the terms that run so.
func (c *Sum) byPixels() {
	c.sources = make([]tiles.Map, c.maps)
	for k, t := range c.terms {
		if !t.wide() {
			continue
		}
		m := &c.sources[t.Map]
		if t.K == 3 && t.Stride == 1 && t.Pad == t.Dilation && c.alone(k) {
			if v := tiles.New(t.C, t.Out, t.H, t.W, t.Dilation); v.Pays(len(t.taps)) {
				t.tiled, t.pieces = &v, v.Pieces(c.env.Threads())
				m.Include(t.tiled)
				continue
			}
		}
		v := tiles.NewSmall(tiles.Geometry{C: t.C, H: t.H, W: t.W, Out: t.Out, OutH: t.oh, OutW: t.ow, K: t.K, Stride: t.Stride, Pad: t.Pad, Dilation: t.Dilation, Taps: t.taps})
		if v.Pays() {
			t.small = &v
			m.IncludeSmall(t.small)
		}
	}
}

// alone reports whether no other term has channels of term k.
func (c *Sum) alone(k int) bool {
	t := c.terms[k]
	for i, u := range c.terms {
		if i != k && u.At < t.At+t.Out && t.At < u.At+u.Out {
			return false
		}
	}
	return true
}

// pixelTerms runs such terms, one at a time.
type pixelTerms struct {
	f      *forward
	source *tiles.Map
	made   bool      // pixels hold the map of that number of image
	number int       // see made
	image  int       // see made
	x      []float32 // the map's planes
	pixels []float32 // the map
	from   []float32 // weights to be packed

	run                      int       // of tiles
	values, products, output []float32 // of a run
	under                    *kernel.Planes

	tasks struct {
		make, packTiles, evaluate, multiply, interpolate, piece, write func(thread, i int)
		packSmall, gather, small                                       func(thread, i int)
	}
}

func (r *pixelTerms) init(f *forward) {
	r.f = f
	r.tasks.make = func(_, i int) { r.source.Make(r.pixels, r.x, i) }
	r.tasks.packTiles = func(_, i int) { f.t.tiled.Pack(f.t.packed, r.from, f.factor, i) }
	r.tasks.evaluate = func(thread, i int) {
		f.t.tiled.Evaluate(r.values, r.pixels, r.source, f.env.scratch(thread, tiles.Scratch), r.run, i)
	}
	r.tasks.multiply = func(_, i int) { f.t.tiled.Multiply(r.products, r.values, f.t.packed, r.run, i) }
	r.tasks.interpolate = func(thread, i int) {
		f.t.tiled.Interpolate(r.output, r.products, f.env.scratch(thread, tiles.Scratch), r.run, i)
	}
	r.tasks.piece = func(thread, i int) {
		v := f.t.pieces
		v.Piece(r.output, r.pixels, f.t.packed, r.source, f.env.scratch(thread, v.PieceFloats()), i)
	}
	r.tasks.write = r.write
	r.tasks.packSmall = func(_, i int) { f.t.small.Pack(f.t.packed, r.from, f.factor, i) }
	r.tasks.gather = func(_, i int) { f.t.small.Gather(r.values, r.pixels, r.source, i) }
	r.tasks.small = r.small
}

// factor is what multiplies the weights of an output of the term at hand.
func (f *forward) factor(output int) float32 { return f.t.Scale * f.fold.of(f.t.At+output) }

// pack packs the weights w of the term at hand.
func (r *pixelTerms) pack(w []float32) {
	t := r.f.t
	r.from = w
	if t.tiled != nil {
		t.packed = make([]float32, t.tiled.WeightFloats())
		r.f.env.Run(op.Parts, r.tasks.packTiles)
	} else {
		t.packed = make([]float32, t.small.WeightFloats())
		r.f.env.Run(t.small.Groups(), r.tasks.packSmall)
	}
	r.from = nil
}

// term makes the outputs of the term at hand of the image at hand, whose map is x.
func (r *pixelTerms) term(x []float32) {
	f, e := r.f, r.f.env
	t := f.t
	if !r.made || r.number != t.Map || r.image != f.number {
		r.source, r.x, r.made, r.number, r.image = &f.sources[t.Map], x, true, t.Map, f.number
		r.pixels = e.get(pixels, r.source.Floats())
		e.Run(op.Parts, r.tasks.make)
	}
	f.dst = f.ofTerm(t, f.Y, f.number)
	if t.small != nil {
		n := t.small.Floats(r.source)
		if r.values = e.get(values, n); n > 0 {
			e.Run(op.Parts, r.tasks.gather)
		}
		r.under = t.small.Values(r.values, r.pixels, r.source)
		e.Run(t.small.Groups(), r.tasks.small)
		return
	}
	v, p, o := t.tiled.Room()
	if t.pieces != nil {
		r.output = e.get(output, o)
		e.Run(t.pieces.Runs(), r.tasks.piece)
		e.Run(op.Parts, r.tasks.write)
		return
	}
	r.values, r.products, r.output = e.get(values, v), e.get(products, p), e.get(output, o)
	for r.run = range t.tiled.Runs() {
		e.Run(op.Parts, r.tasks.evaluate)
		e.Run(t.tiled.MultiplyTasks(), r.tasks.multiply)
		e.Run(op.Parts, r.tasks.interpolate)
	}
	e.Run(op.Parts, r.tasks.write)
}

// write writes part i of the rows of the interpolated output.
func (r *pixelTerms) write(_, i int) {
	f := r.f
	from, to := op.Cut(f.h, i, op.Parts), op.Cut(f.h, i+1, op.Parts)
	f.t.tiled.Write(f.dst, r.output, from, to)
	if f.last && to > from {
		f.after(0, f.t.Out, from, to)
	}
}

// small makes group i of the outputs over a small map.
func (r *pixelTerms) small(thread, i int) {
	f := r.f
	v := f.t.small
	lo, hi := v.Multiply(f.dst, f.t.packed, f.env.scratch(thread, v.Scratch()), r.under, f.acc, i)
	if f.last {
		f.after(lo, hi, 0, f.h)
	}
}
