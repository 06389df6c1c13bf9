package conv

import (
	"math"

	"csnet/internal/kernel"
	"csnet/internal/kernel/depthwise"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// Depthwise is a depthwise 3x3 convolution of one octave, a band of rows of one channel at
// a time.
type Depthwise struct {
	op.Depthwise
	fwd, bwd [][9]float32 // weights of each channel, bwd turned by 180 degrees
}

// NewDepthwise returns the convolution of this geometry.
func NewDepthwise(g op.Depthwise) *Depthwise {
	return &Depthwise{Depthwise: g, fwd: make([][9]float32, g.C), bwd: make([][9]float32, g.C)}
}

// Most is as in Conv.
func (d *Depthwise) Most(ws [][]float32, most [][]float64) float64 {
	m := 0.0
	for c := range d.C {
		var s float64
		for _, v := range ws[0][c*9:][:9] {
			s += math.Abs(float64(v))
		}
		m = max(m, s*most[0][c])
	}
	return m * math.Abs(float64(d.Scale))
}

// Rescale is as in Conv.
func (d *Depthwise) Rescale(factor float32) { d.Scale *= factor }

// Pack is as in Conv.
func (d *Depthwise) Pack(ws [][]float32) {
	for c := range d.C {
		for k := range 9 {
			v := ws[0][c*9+k] * d.Scale
			d.fwd[c][k], d.bwd[c][8-k] = v, v
		}
	}
}

// GradSize is nine floats per channel.
func (d *Depthwise) GradSize() int { return d.C * 9 }

// bandRows is how many rows make a band.
func (d *Depthwise) bandRows() int {
	return min(max(op.DepthwiseBandFloats/(d.W+2)/8, 1)*8, d.H)
}

// lead is how many floats stand before the values of a padded row, which so begin a cache
// line, as the pitch is of whole lines: vectors that lie in two lines are slow to store. The
// last of them, and the float after the row, are its padding.
const lead = 16

// pitch is how far padded rows lie apart.
func (d *Depthwise) pitch() int { return (d.W + lead) / lead * lead }

// padded returns room for a band with halo rows above and below and a zero on either side,
// which nobody overwrites.
func (d *Depthwise) padded(rows, halo int, a *op.Arena) []float32 {
	wp := d.pitch()
	n := (rows + 2*halo) * wp
	p := a.Get(n + lead)
	for at := 0; at < n; at += wp {
		p[at+lead-1], p[at+lead+d.W] = 0, 0
	}
	return p
}

// fillPadded readies the padded rows [from-halo, to+halo): those outside the plane are
// zeros, rows writes the others, from row lo on.
func (d *Depthwise) fillPadded(p []float32, halo, from, to int, rows func(dst []float32, lo, hi int)) {
	wp := d.pitch()
	lo, hi := max(from-halo, 0), min(to+halo, d.H)
	values := p[lead:]
	clear(values[:(lo-from+halo)*wp])
	clear(values[(hi-from+halo)*wp : (to-from+2*halo)*wp])
	rows(values[(lo-from+halo)*wp:], lo, hi)
}

// compute makes rows [lo, hi) of channel c from padded rows of the input, of which p
// begins with the one above.
func (d *Depthwise) compute(dst, p []float32, c, lo, hi int, next depthwise.Next) {
	depthwise.Conv(kernel.Rows(dst, d.W), kernel.Rows(p[lead-1:], d.pitch()), &d.fwd[c], d.W, hi-lo, next)
}

// nextOf is the memory of v from value number from on, to be prefetched.
func nextOf[H kernel.Half](v prenorm.Stored[H], from int) depthwise.Next {
	v = v.From(from)
	return depthwise.Next{Memory: v.Memory(), Half: v.Half()}
}

// Forward is as in Conv.
func (d *Depthwise) Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch) {
	n, wp, band := d.H*d.W, d.pitch(), d.bandRows()
	p, buf, x := d.padded(band, 1, s.Arena), s.Get(band*d.W), &xs[0]
	if x.Recompute != nil {
		x.Recompute.Ready(band, 1, s.Arena)
	}
	for c := range d.C {
		for r := 0; r < d.H; r += band {
			end := min(r+band, d.H)
			d.fillPadded(p, 1, r, end, func(q []float32, lo, hi int) { x.Rows(q, wp, c, lo, hi, d.W) })
			y := buf[:(end-r)*d.W]
			if e.Direct() {
				y = e.Z.F()[c*n+r*d.W:][:len(y)]
			}
			d.compute(y, p, c, r, end, nextOf(x.Z, c*n+end*d.W))
			e.Add(c, y, r == 0)
			e.Store(c, r*d.W, y)
		}
		e.Finish(c)
	}
}

// Backward is as in Conv.
func (d *Depthwise) Backward(part []float32, dxs []prenorm.InGrad, xs []prenorm.Map, dz prenorm.OutGrad, s *Scratch) {
	n, wp, band, halo := d.H*d.W, d.pitch(), d.bandRows(), 1
	var own bandOfOutput // where it is not kept
	if dz.Z.Nil() && dz.Norm != nil {
		halo = 2
		own.get((band+2)*d.W, dz.G.H() != nil, s.Arena)
	}
	p, g, buf := d.padded(band, halo, s.Arena), d.padded(band, 1, s.Arena), s.Get(band*d.W)
	x, dx := &xs[0], &dxs[0]
	if x.Recompute != nil {
		x.Recompute.Ready(band, halo, s.Arena)
	}
	for c := range d.C {
		for r := 0; r < d.H; r += band {
			end := min(r+band, d.H)
			next := c*n + end*d.W
			d.fillPadded(p, halo, r, end, func(q []float32, lo, hi int) { x.Rows(q, wp, c, lo, hi, d.W) })
			inner := p[(halo-1)*wp+lead-1:]
			d.fillPadded(g, 1, r, end, func(q []float32, lo, hi int) {
				if own.there() {
					own.compute(d, p[(lo-r+1)*wp:], c, lo, hi, depthwise.Next{})
				}
				dz.Rows(q, wp, c, lo, hi, d.W, own.values(0, (hi-lo)*d.W))
			})
			depthwise.ConvGrad((*[9]float32)(part[c*9:]), kernel.Rows(inner, wp), kernel.Rows(g[wp+lead:], wp), d.W, end-r, [2]depthwise.Next{nextOf(dz.G, next), nextOf(dz.Z, next)})
			if !dx.Wanted() {
				continue
			}
			y := buf[:(end-r)*d.W]
			if dx.Direct() {
				y = dx.D.F()[c*n+r*d.W:][:len(y)]
			}
			depthwise.Conv(kernel.Rows(y, d.W), kernel.Rows(g[lead-1:], wp), &d.bwd[c], d.W, end-r, nextOf(x.Z, next))
			dx.Deliver(c, r*d.W, y, x.Before(c, r, end, d.W))
		}
	}
}

// AddGrads is as in Conv.
func (d *Depthwise) AddGrads(dws [][]float32, sum []float32) {
	if dws[0] == nil {
		return
	}
	for i, v := range sum {
		dws[0][i] += v * d.Scale
	}
}
