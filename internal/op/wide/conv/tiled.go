package conv

import (
	"csnet/internal/op"
	"csnet/internal/op/wide/tiles"
)

// tile makes those terms go by Winograd, where parameters do not change, that save time by it
// and are alone on their channels.
func (c *Sum) tile() {
	c.pixels = make([]tiles.Map, c.maps)
	for k, t := range c.terms {
		if !t.wide() || t.K != 3 || t.Stride != 1 || t.Pad != t.Dilation || !c.alone(k) {
			continue
		}
		v := tiles.New(t.C, t.Out, t.H, t.W, t.Dilation)
		if v.Pays(len(t.taps)) {
			t.tiled = &v
			c.pixels[t.Map].Include(t.tiled)
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

// tiled runs terms of a Sum by Winograd, one at a time.
type tiled struct {
	f                                *forward
	conv                             *tiles.Conv
	source                           *tiles.Map
	made                             bool // pixels hold map number of image
	number, image                    int
	x, weights                       []float32 // the map's planes; the weights
	pixels, values, products, output []float32
	run                              int

	tasks struct{ pack, make, evaluate, multiply, interpolate, write func(thread, i int) }
}

func (r *tiled) init(f *forward) {
	r.f = f
	r.tasks.pack = func(_, i int) { r.conv.Pack(f.t.packed, r.weights, f.factor, i) }
	r.tasks.make = func(_, i int) { r.source.Make(r.pixels, r.x, i) }
	r.tasks.evaluate = func(thread, i int) {
		r.conv.Evaluate(r.values, r.pixels, r.source, f.env.scratch(thread, tiles.Scratch), r.run, i)
	}
	r.tasks.multiply = func(_, i int) { r.conv.Multiply(r.products, r.values, f.t.packed, r.run, i) }
	r.tasks.interpolate = func(thread, i int) {
		r.conv.Interpolate(r.output, r.products, f.env.scratch(thread, tiles.Scratch), r.run, i)
	}
	r.tasks.write = r.write
}

// factor is what multiplies the weights of an output of the term at hand.
func (f *forward) factor(output int) float32 { return f.t.Scale * f.fold.of(f.t.At+output) }

// pack packs the weights w of the term at hand.
func (r *tiled) pack(w []float32) {
	t := r.f.t
	r.conv, r.weights = t.tiled, w
	t.packed = make([]float32, t.tiled.WeightFloats())
	r.f.env.Run(op.Parts, r.tasks.pack)
}

// term makes the outputs of the term at hand of the image at hand, whose map is x.
func (r *tiled) term(x []float32) {
	f, e := r.f, r.f.env
	t := f.t
	r.conv = t.tiled
	if !r.made || r.number != t.Map || r.image != f.number {
		r.source, r.x, r.made, r.number, r.image = &f.pixels[t.Map], x, true, t.Map, f.number
		r.pixels = e.get(pixels, r.source.Floats())
		e.Run(op.Parts, r.tasks.make)
	}
	v, p, o := r.conv.Room()
	r.values, r.products, r.output = e.get(values, v), e.get(products, p), e.get(output, o)
	for r.run = range r.conv.Runs() {
		e.Run(op.Parts, r.tasks.evaluate)
		e.Run(r.conv.MultiplyTasks(), r.tasks.multiply)
		e.Run(op.Parts, r.tasks.interpolate)
	}
	f.dst = f.ofTerm(t, f.Y, f.number)
	e.Run(op.Parts, r.tasks.write)
}

// write writes part i of the rows of the output.
func (r *tiled) write(_, i int) {
	f := r.f
	from, to := op.Cut(f.h, i, op.Parts), op.Cut(f.h, i+1, op.Parts)
	r.conv.Write(f.dst, r.output, from, to)
	if f.product.after != nil && to > from {
		f.product.after(0, f.t.Out, from, to)
	}
}
