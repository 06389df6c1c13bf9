package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/depthwise"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// bandOfOutput is rows of a channel of a Depthwise's output that is not kept, rounded to 16
// bits where kept ones would lie so. One of the two is nil.
type bandOfOutput struct {
	z     []float32
	halfs []kernel.Float16
}

// get gets room for n values.
func (b *bandOfOutput) get(n int, half bool, a *op.Arena) {
	b.z, b.halfs = nil, nil
	if half {
		b.halfs = kernel.Halves[kernel.Float16](a.Get(kernel.HalfSize(n)))
	} else {
		b.z = a.Get(n)
	}
}

// there reports whether there is room.
func (b *bandOfOutput) there() bool { return b.z != nil || b.halfs != nil }

// compute makes rows [lo, hi) of channel c of d from padded rows p of its input, as
// Depthwise.compute does.
func (b *bandOfOutput) compute(d *Depthwise, p []float32, c, lo, hi int, next depthwise.Next) {
	if b.halfs == nil {
		d.compute(b.z, p, c, lo, hi, next)
		return
	}
	depthwise.ConvFloat16(kernel.HalfRows(b.halfs, d.W), kernel.Rows(p[lead-1:], d.pitch()), &d.fwd[c], d.W, hi-lo, next)
}

// values returns values [from, to).
func (b *bandOfOutput) values(from, to int) prenorm.Values {
	switch {
	case b.halfs != nil:
		return prenorm.Halves(b.halfs[from:to])
	case b.z != nil:
		return prenorm.Floats[kernel.Float16](b.z[from:to])
	}
	return prenorm.Values{}
}

// Recomputed is the map of a Depthwise whose output is not kept: rows of it are made again
// from its input.
type Recomputed struct {
	Conv *Depthwise
	In   prenorm.Map
	Half bool // the map would lie in 16 bits

	padded []float32 // rows of the input
	rows   bandOfOutput
	first  int // row of rows
}

// Ready is as in prenorm.Recomputer.
func (r *Recomputed) Ready(rows, halo int, a *op.Arena) {
	r.padded = r.Conv.padded(rows, halo+1, a)
	r.rows.get((rows+2*halo)*r.Conv.W, r.Half, a)
}

// Compute is as in prenorm.Recomputer.
func (r *Recomputed) Compute(c, from, to int) {
	d := r.Conv
	d.fillPadded(r.padded, 1, from, to, func(q []float32, lo, hi int) { r.In.Rows(q, d.pitch(), c, lo, hi, d.W) })
	r.rows.compute(d, r.padded, c, from, to, nextOf(r.In.Z, c*r.In.Area+min(to+1, d.H)*d.W))
	r.first = from
}

// Computed is as in prenorm.Recomputer.
func (r *Recomputed) Computed(from, to int) prenorm.Values {
	return r.rows.values((from-r.first)*r.Conv.W, (to-r.first)*r.Conv.W)
}
