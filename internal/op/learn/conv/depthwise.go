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

// compute makes rows [lo, hi) of a channel from its input's.
func (d *Depthwise) compute(dst []float32, x *paddedBand, lo, hi int, next depthwise.Next) {
	depthwise.Conv(kernel.Rows(dst, d.W), kernel.Rows(x.rows(d, lo-1), d.pitch()), &d.fwd[x.c], d.W, hi-lo, next)
}

// nextOf is the memory of v from value number from on, to be prefetched.
func nextOf[H kernel.Half](v prenorm.Stored[H], from int) depthwise.Next {
	v = v.From(from)
	return depthwise.Next{Memory: v.Memory(), Half: v.Half()}
}

// Forward is as in Conv.
func (d *Depthwise) Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch) {
	n, wp, band := d.H*d.W, d.pitch(), d.bandRows()
	p, buf, x := d.newBand(band, 1, s.Arena), s.Get(band*d.W), &xs[0]
	if x.Recompute != nil {
		x.Recompute.Ready(band, 1, s.Arena)
	}
	s.ahead.begin(d.C*n, op.LookaheadFloats)
	lookAt(&s.ahead, x.Z, 1)
	lookAt(&s.ahead, e.Z, 1)
	for c := range d.C {
		for r := 0; r < d.H; r += band {
			end := min(r+band, d.H)
			s.ahead.at(c*n + r*d.W)
			p.fill(d, c, r, end, func(q []float32, lo, hi int) { x.Rows(q, wp, c, lo, hi, d.W) })
			y := buf[:(end-r)*d.W]
			if e.Direct() {
				y = e.Z.F()[c*n+r*d.W:][:len(y)]
			}
			d.compute(y, &p, r, end, nextOf(x.Z, c*n+min(end+1, d.H)*d.W))
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
	p, g, buf := d.newBand(band, halo, s.Arena), d.newBand(band, 1, s.Arena), s.Get(band*d.W)
	x, dx := &xs[0], &dxs[0]
	if x.Recompute != nil {
		x.Recompute.Ready(band, halo, s.Arena)
	}
	s.ahead.begin(d.C*n, op.LookaheadFloats)
	lookAt(&s.ahead, x.Z, 1)
	lookAt(&s.ahead, dz.G, 1)
	lookAt(&s.ahead, dz.Z, 1)
	lookAt(&s.ahead, dx.D, 1)
	for c := range d.C {
		for r := 0; r < d.H; r += band {
			end := min(r+band, d.H)
			s.ahead.at(c*n + r*d.W)
			p.fill(d, c, r, end, func(q []float32, lo, hi int) { x.Rows(q, wp, c, lo, hi, d.W) })
			g.fill(d, c, r, end, func(q []float32, lo, hi int) {
				if own.there() {
					own.compute(d, &p, lo, hi, 0, depthwise.Next{})
				}
				dz.Rows(q, wp, c, lo, hi, d.W, own.values(0, (hi-lo)*d.W))
			})
			next := c*n + min(end+1, d.H)*d.W
			depthwise.ConvGrad((*[9]float32)(part[c*9:]), kernel.Rows(p.rows(d, r-1), wp), kernel.Rows(g.rows(d, r)[1:], wp), d.W, end-r, [2]depthwise.Next{nextOf(dz.G, next), nextOf(dz.Z, next)})
			if !dx.Wanted() {
				continue
			}
			y := buf[:(end-r)*d.W]
			if dx.Direct() {
				y = dx.D.F()[c*n+r*d.W:][:len(y)]
			}
			depthwise.Conv(kernel.Rows(y, d.W), kernel.Rows(g.rows(d, r-1), wp), &d.bwd[c], d.W, end-r, nextOf(x.Z, c*n+min(end+halo, d.H)*d.W))
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
