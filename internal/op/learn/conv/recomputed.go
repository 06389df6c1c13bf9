package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// bandOfOutput is rows of a channel of a Depthwise's output that is not kept. Where kept
// ones would lie in 16 bits these are rounded to them too.
type bandOfOutput struct {
	z     []float32
	halfs []kernel.Float16 // of z, nil where maps are in float32
}

// get gets room for n values.
func (b *bandOfOutput) get(n int, half bool, a *op.Arena) {
	b.z, b.halfs = a.Get(n), nil
	if half {
		b.halfs = kernel.Halves[kernel.Float16](a.Get(kernel.HalfSize(n)))
	}
}

// values returns values [from, to).
func (b *bandOfOutput) values(from, to int) prenorm.Values {
	switch {
	case b.z == nil:
		return prenorm.Values{}
	case b.halfs == nil:
		return prenorm.Floats[kernel.Float16](b.z[from:to])
	}
	return prenorm.Halves(b.halfs[from:to])
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
	d.compute(r.rows.z, r.padded, c, from, to, r.In.Z.From(c*r.In.Area+min(to+1, d.H)*d.W).Memory())
	r.rows.round((to - from) * d.W)
	r.first = from
}

// Computed is as in prenorm.Recomputer.
func (r *Recomputed) Computed(from, to int) prenorm.Values {
	return r.rows.values((from-r.first)*r.Conv.W, (to-r.first)*r.Conv.W)
}

// round rounds the first n values.
func (b *bandOfOutput) round(n int) {
	if b.halfs != nil {
		half.StoreFloat16(b.halfs, b.z[:n])
	}
}
