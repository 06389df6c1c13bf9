package prenorm

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
)

// OutGrad is one image's gradient of an op's output, after norm and PReLU. From it and the
// map before the norm follows the gradient of the convolution's result.
type OutGrad struct {
	G    Grads  // (C, H, W)
	Z    Values // the map before the norm; nil where it is not kept
	Norm *Norm  // nil: G is the gradient of the convolution's result
	Area int
	Made GradMaker // makes G where nobody has stored it; else nil
}

// GradMaker makes a gradient where it is read.
type GradMaker interface {
	// Make writes values [from, from+w) of all channels to dst, one after the other, and
	// returns dst's memory as gradients are stored.
	Make(dst []float32, from, w int) Grads
}

// Rows writes rows [from, to) of channel c of the gradient of the convolution's result, w
// wide, to rows of dst that lie pitch apart. z holds these rows of that result where o does
// not.
func (o *OutGrad) Rows(dst []float32, pitch, c, from, to, w int, z Values) {
	at := c*o.Area + from*w
	n := o.Norm
	if n == nil {
		for y := range to - from {
			copy(dst[y*pitch:][:w], o.G.F()[at+y*w:])
		}
		return
	}
	if z.Nil() {
		z = o.Z.From(at)
	}
	if g := o.G.From(at); g.H() != nil {
		half.ActNormGrad(kernel.Rows(dst, pitch), kernel.HalfRows(g.H(), w), kernel.HalfRows(z.H(), w), w, to-from, &n.factors, c)
	} else {
		pointwise.ActNormGrad(kernel.Rows(dst, pitch), kernel.Rows(g.F(), w), kernel.Rows(z.F(), w), w, to-from, &n.factors, c)
	}
}

// planes writes w values from number from on of all channels of the gradient of the
// convolution's result to planes of dst that lie stride apart, w where G is made.
func (o *OutGrad) planes(dst []float32, stride, from, w int) {
	to, g, gs, z := &kernel.Planes{X: dst, Stride: stride}, o.G.From(from), o.Area, o.Z.From(from)
	if o.Made != nil {
		g, gs = o.Made.Make(dst, from, w), w
	}
	if g.H() != nil {
		half.ActNormGradPlanes(to, &half.GradPlanes{X: g.H(), Stride: gs}, &half.MapPlanes{X: z.H(), Stride: o.Area}, w, &o.Norm.factors)
		return
	}
	pointwise.ActNormGradPlanes(to, &kernel.Planes{X: g.F(), Stride: gs}, &kernel.Planes{X: z.F(), Stride: o.Area}, w, &o.Norm.factors)
}

// InPlace returns the gradient of the convolution's result, of c channels, which takes the
// place of G where that is in float32.
func (o *OutGrad) InPlace(c int, a *op.Arena) []float32 {
	if o.G.H() != nil {
		return o.Whole(c, a)
	}
	if o.Norm != nil {
		o.planes(o.G.F(), o.Area, 0, o.Area)
	}
	return o.G.F()
}

// Band returns values [from, to) of channels 0..c-1 of the gradient of the convolution's
// result and the distance between channels. They are packed in scratch memory unless they
// can be read in place.
func (o *OutGrad) Band(c, from, to int, a *op.Arena) ([]float32, int) {
	if o.Norm == nil {
		return o.G.F()[from:], o.Area
	}
	w := to - from
	buf := a.Get(c * w)
	o.planes(buf, w, from, w)
	return buf, w
}

// Whole returns the gradient of the convolution's result of channels 0..c-1.
func (o *OutGrad) Whole(c int, a *op.Arena) []float32 {
	o.G.Touch()
	o.Z.Touch()
	d, _ := o.Band(c, 0, o.Area, a)
	return d
}

// InGrad is where one image's gradient of an input map goes.
type InGrad struct {
	D      Grads // (C, H, W); nil: nobody wants it
	Store  bool  // D holds nothing yet: write instead of adding
	Stream bool  // D is written past the caches
	// Last says that D is complete after this op. The sums for the gradient of the norm
	// of the op that made the map are then taken on the way, while D is in the cache.
	Last bool
	// Deferred says that nobody stores the gradient: the op that made the map makes it
	// again. D is nil, and Last true.
	Deferred bool
	In       Map
	Image    int
}

// Wanted reports whether anybody wants the gradient.
func (g *InGrad) Wanted() bool { return g.Deferred || !g.D.Nil() }

// Direct reports whether D may be written instead of memory that is then delivered.
func (g *InGrad) Direct() bool { return g.D.F() != nil && g.Store && !g.Stream }

// Open returns memory for code that writes the gradient of all channels or, where add is
// true, adds to what is there. Close takes it.
func (g *InGrad) Open(a *op.Arena) (d []float32, add bool) {
	if g.D.H() != nil {
		return a.Get(len(g.D.H())), false
	}
	return g.D.F(), !g.Store
}

// Close takes d, which Open returned, when it is complete.
func (g *InGrad) Close(d []float32) {
	if g.D.H() != nil {
		g.DeliverAll(d)
		return
	}
	for c := 0; g.summed() && c < g.In.Norm.Channels(); c++ {
		g.sum(c, 0, d[c*g.In.Area:][:g.In.Area], Values{}, Grads{})
	}
}

// summed reports whether the sums for the norm's gradient are taken here.
func (g *InGrad) summed() bool { return g.Last && g.In.Norm != nil }

// sum takes the sums of a stretch of channel c, from value from on, which d holds, and stores
// it in to, unless that is nil or d. z holds that stretch of the map before norm and PReLU;
// nil: it is in In.
func (g *InGrad) sum(c, from int, d []float32, z Values, to Grads) {
	if z.Nil() {
		z = g.In.Z.Cut(c*g.In.Area+from, len(d))
	}
	g.In.Norm.GradSums(g.Image, c, d, z, to, g.Stream, from == 0)
}

// DeliverAll takes d, what this op gives for all channels.
func (g *InGrad) DeliverAll(d []float32) {
	n := g.In.Area
	g.D.Touch()
	for c := range len(d) / n {
		g.Deliver(c, 0, d[c*n:][:n], Values{})
	}
}

// Deliver takes d, what this op gives for a stretch of channel c from value from on. d is
// overwritten unless it is that stretch of D itself. z holds that stretch of the map before
// norm and PReLU where In does not; otherwise it is nil.
func (g *InGrad) Deliver(c, from int, d []float32, z Values) {
	var to Grads
	if !g.Deferred {
		to = g.D.Cut(c*g.In.Area+from, len(d))
	}
	if !g.Deferred && !g.Store {
		if h := to.H(); h != nil {
			half.Add(d, h)
		} else {
			pointwise.Add(d, to.F())
		}
	}
	switch {
	case g.summed():
		g.sum(c, from, d, z, to)
	case !g.Deferred:
		storeGrads(to, d, g.Stream)
	}
}
