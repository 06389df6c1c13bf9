package prenorm

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
)

// OutGrad is one image's gradient of an op's output, after norm and PReLU. From it and the
// map before the norm follows the gradient of the convolution's result.
type OutGrad struct {
	G    []float32 // (C, H, W)
	Z    []float32 // the map before the norm; nil where it is not kept
	Norm *Norm     // nil: G is the gradient of the convolution's result
	Area int
}

// Rows writes rows [from, to) of channel c of the gradient of the convolution's result, w
// wide, to rows of dst that lie pitch apart. z holds these rows of that result where o does
// not.
func (o OutGrad) Rows(dst []float32, pitch, c, from, to, w int, z []float32) {
	at := c*o.Area + from*w
	n := o.Norm
	if z == nil {
		z = o.Z[min(at, len(o.Z)):]
	}
	if n == nil {
		for y := range to - from {
			copy(dst[y*pitch:][:w], o.G[at+y*w:])
		}
		return
	}
	pointwise.ActNormGrad(kernel.Rows(dst, pitch), kernel.Rows(o.G[at:], w), kernel.Rows(z, w), w, to-from, &n.factors, c)
}

// InPlace returns the gradient of the convolution's result, which takes the place of G.
func (o OutGrad) InPlace() []float32 {
	if n := o.Norm; n != nil {
		pointwise.ActNormGradPlanes(&kernel.Planes{X: o.G, Stride: o.Area}, &kernel.Planes{X: o.G, Stride: o.Area}, &kernel.Planes{X: o.Z, Stride: o.Area}, o.Area, &n.factors)
	}
	return o.G
}

// Band returns floats [from, to) of channels 0..c-1 of the gradient of the convolution's
// result and the distance between channels. They are packed in scratch memory unless they
// can be read in place.
func (o OutGrad) Band(c, from, to int, a *op.Arena) ([]float32, int) {
	n := o.Norm
	if n == nil {
		return o.G[from:], o.Area
	}
	w := to - from
	buf := a.Get(c * w)
	pointwise.ActNormGradPlanes(&kernel.Planes{X: buf, Stride: w}, &kernel.Planes{X: o.G[from:], Stride: o.Area}, &kernel.Planes{X: o.Z[from:], Stride: o.Area}, w, &n.factors)
	return buf, w
}

// Whole returns the gradient of the convolution's result of channels 0..c-1.
func (o OutGrad) Whole(c int, a *op.Arena) []float32 {
	d, _ := o.Band(c, 0, o.Area, a)
	return d
}

// InGrad is where one image's gradient of an input map goes.
type InGrad struct {
	D      []float32 // (C, H, W); nil: nobody wants it
	Store  bool      // D holds nothing yet: write instead of adding
	Stream bool      // D is written past the caches
	// Last says that D is complete after this op. The sums for the gradient of the norm
	// of the op that made the map are then taken on the way, while D is in the cache.
	Last  bool
	In    Map
	Image int
}

// Zero readies D for code that only adds.
func (g InGrad) Zero() {
	if g.Store {
		clear(g.D)
	}
}

// Sum takes the sums of all channels of D, which is complete.
func (g InGrad) Sum() {
	if g.Last && g.In.Norm != nil {
		for c := range g.In.Norm.a {
			g.sum(c, 0, g.D[c*g.In.Area:][:g.In.Area], nil)
		}
	}
}

// sum takes the sums of a stretch of channel c, from float from on, which d holds. z holds
// that stretch of the map before norm and PReLU; nil: it is in In.
func (g InGrad) sum(c, from int, d, z []float32) {
	if !g.Last || g.In.Norm == nil {
		return
	}
	if z == nil {
		z = g.In.X[c*g.In.Area+from:]
	}
	g.In.Norm.GradSums(g.Image, c, d, z[:len(d)], from == 0)
}

// DeliverAll takes d, what this op gives for all channels.
func (g InGrad) DeliverAll(d []float32) {
	n := g.In.Area
	for c := range len(d) / n {
		g.Deliver(c, 0, d[c*n:][:n], nil)
	}
}

// Deliver takes d, what this op gives for a stretch of channel c from float from on. d is
// overwritten unless it is that stretch of D itself. z holds that stretch of the map before
// norm and PReLU where In does not; otherwise it is nil.
func (g InGrad) Deliver(c, from int, d, z []float32) {
	to := g.D[c*g.In.Area+from:][:len(d)]
	if !g.Store {
		pointwise.Add(d, to)
	}
	g.sum(c, from, d, z)
	switch {
	case g.Stream:
		pointwise.Stream(to, d)
	case &to[0] != &d[0]:
		copy(to, d)
	}
}
