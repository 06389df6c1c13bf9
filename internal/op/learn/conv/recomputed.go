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

// compute makes rows [lo, hi) of a channel of d from its input's, as Depthwise.compute does,
// and puts them from row at on.
func (b *bandOfOutput) compute(d *Depthwise, x *paddedBand, lo, hi, at int, next depthwise.Next) {
	if b.halfs == nil {
		d.compute(b.z[at*d.W:], x, lo, hi, next)
		return
	}
	depthwise.ConvFloat16(kernel.HalfRows(b.halfs[at*d.W:], d.W), kernel.Rows(x.rows(d, lo-1), d.pitch()), &d.fwd[x.c], d.W, hi-lo, next)
}

// move moves n values from number from on to the beginning.
func (b *bandOfOutput) move(from, n int) {
	if b.halfs != nil {
		copy(b.halfs[:n], b.halfs[from:])
		return
	}
	copy(b.z[:n], b.z[from:])
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

	input paddedBand // rows of the input
	rows  bandOfOutput
	halo  int // how many rows above those that are made next are still wanted
	first int // row with which rows begins
}

// Ready is as in prenorm.Recomputer.
func (r *Recomputed) Ready(rows, halo int, a *op.Arena) {
	r.halo, r.input = halo, r.Conv.newBand(rows+2*halo, 1, a)
	r.rows.get((rows+2*halo)*r.Conv.W, r.Half, a)
}

// Compute is as in prenorm.Recomputer.
func (r *Recomputed) Compute(c, from, to int) {
	d, kept := r.Conv, 0
	if c == r.input.c && from == r.input.to {
		kept = min(r.halo, from-r.first)
		r.rows.move((from-kept-r.first)*d.W, kept*d.W)
	}
	r.first = from - kept
	r.input.fill(d, c, from, to, func(q []float32, lo, hi int) { r.In.Rows(q, d.pitch(), c, lo, hi, d.W) })
	r.rows.compute(d, &r.input, from, to, kept, nextOf(r.In.Z, c*r.In.Area+min(to+1, d.H)*d.W))
}

// Computed is as in prenorm.Recomputer.
func (r *Recomputed) Computed(from, to int) prenorm.Values {
	return r.rows.values((from-r.first)*r.Conv.W, (to-r.first)*r.Conv.W)
}
