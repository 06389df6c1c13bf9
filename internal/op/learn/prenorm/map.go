package prenorm

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"
)

// Map is one image of an input map (C, H, W). Where Norm is set Z is the map before norm
// and PReLU, which the methods apply.
type Map struct {
	Z    Values
	Norm *Norm // nil: Z is the map itself, in float32
	Area int   // H*W
	// Recompute makes the map where it was not kept: Z is then what the op before it
	// read. Nil: Z is the map.
	Recompute Recomputer
}

// Plain is a map (C, H, W) of these values with norm and PReLU applied, or without any.
func Plain(x []float32, area int) Map { return Map{Z: Floats[kernel.Float16](x), Area: area} }

// Recomputer makes rows of a map that is not kept.
type Recomputer interface {
	// Ready gets room for bands of so many rows with halo rows above and below.
	Ready(rows, halo int, a *op.Arena)
	// Compute makes rows [from, to) of channel c.
	Compute(c, from, to int)
	// Computed returns rows [from, to), of those that Compute made last and, where it went
	// on with a channel, of the last halo rows before them.
	Computed(from, to int) Values
}

// apply writes norm and PReLU of rows rows of w values of channel c, which z begins with, to
// rows of dst that lie pitch apart.
func (n *Norm) apply(dst []float32, pitch, c, w, rows int, z Values) {
	if z.H() != nil {
		half.NormActRows(kernel.Rows(dst, pitch), kernel.HalfRows(z.H(), w), w, rows, n.a[c], n.b[c], n.slope[c])
		return
	}
	pointwise.NormActRows(kernel.Rows(dst, pitch), kernel.Rows(z.F(), w), w, rows, n.a[c], n.b[c], n.slope[c])
}

// Plane returns channel c, in buf (Area long) unless it can be read in place.
func (m *Map) Plane(c int, buf []float32) []float32 {
	if m.Norm == nil {
		return m.Z.F()[c*m.Area:][:m.Area]
	}
	m.Norm.apply(buf, 0, c, m.Area, 1, m.Z.Cut(c*m.Area, m.Area))
	return buf[:m.Area]
}

// Band returns values [from, to) of channels 0..c-1 and the distance between channels. They
// are packed in scratch memory unless they can be read in place.
func (m *Map) Band(c, from, to int, a *op.Arena) ([]float32, int) {
	n := m.Norm
	if n == nil {
		return m.Z.F()[from:], m.Area
	}
	w := to - from
	buf := a.Get(c * w)
	if z := m.Z.From(from); z.H() != nil {
		half.NormActPlanes(&kernel.Planes{X: buf, Stride: w}, &half.MapPlanes{X: z.H(), Stride: m.Area}, w, n.a[:c], n.b, n.slope)
	} else {
		pointwise.NormActPlanes(&kernel.Planes{X: buf, Stride: w}, &kernel.Planes{X: z.F(), Stride: m.Area}, w, n.a[:c], n.b, n.slope)
	}
	return buf, w
}

// Applied returns the map of c channels with norm and PReLU applied.
func (m *Map) Applied(c int, a *op.Arena) Map {
	if m.Norm == nil {
		return *m
	}
	m.Z.Touch()
	x, _ := m.Band(c, 0, m.Area, a)
	return Plain(x, m.Area)
}

// Before returns rows [from, to) of channel c, w wide, before norm and PReLU. Of a map
// that is not kept they must be among those that Recomputer.Computed returns.
func (m *Map) Before(c, from, to, w int) Values {
	if m.Recompute != nil {
		return m.Recompute.Computed(from, to)
	}
	return m.Z.Cut(c*m.Area+from*w, (to-from)*w)
}

// Rows writes rows [from, to) of channel c, w wide, to rows of dst that lie pitch apart.
func (m *Map) Rows(dst []float32, pitch, c, from, to, w int) {
	if m.Recompute != nil {
		m.Recompute.Compute(c, from, to)
	}
	z := m.Before(c, from, to, w)
	if n := m.Norm; n != nil {
		n.apply(dst, pitch, c, w, to-from, z)
		return
	}
	for y := range to - from {
		copy(dst[y*pitch:][:w], z.F()[y*w:])
	}
}

// padded writes channel c, h x w, to the middle of dst with p zeros around.
func (m *Map) padded(dst []float32, c, h, w, p int) {
	z := m.Z.Cut(c*m.Area, m.Area)
	if m.Norm == nil {
		resample.Pad(dst, z.F(), h, w, p)
		return
	}
	border(dst, h, w, p)
	m.Norm.apply(dst[p*(w+2*p)+p:], w+2*p, c, w, h, z)
}

// border zeroes the p rows and columns around an h x w plane.
func border(dst []float32, h, w, p int) {
	wp := w + 2*p
	clear(dst[:p*wp+p])
	at := p*wp + p + w
	for range h - 1 {
		clear(dst[at : at+2*p])
		at += wp
	}
	clear(dst[at : (h+2*p)*wp])
}

// Padded returns channels 0..c-1, h x w, each with p zeros around; in place when that is
// possible.
func (m *Map) Padded(c, h, w, p int, a *op.Arena) []float32 {
	if p == 0 && m.Norm == nil {
		return m.Z.F()
	}
	m.Z.Touch()
	np := (h + 2*p) * (w + 2*p)
	dst := a.Get(c * np)
	for k := range c {
		m.padded(dst[k*np:][:np], k, h, w, p)
	}
	return dst
}
