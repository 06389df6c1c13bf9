package prenorm

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"
)

// Map is one image of an input map (C, H, W). Where Norm is set X is the map before norm
// and PReLU, which the methods apply.
type Map struct {
	X    []float32
	Norm *Norm // nil: X is the map itself
	Area int   // H*W
	// Recompute makes the map where it was not kept: X is then what the op before it
	// read. Nil: X is the map.
	Recompute Recomputer
}

// Recomputer makes rows of a map that is not kept.
type Recomputer interface {
	// Ready gets room for bands of so many rows with halo rows above and below.
	Ready(rows, halo int, a *op.Arena)
	// Compute makes rows [from, to) of channel c.
	Compute(c, from, to int)
	// Computed returns rows [from, to), of those that Compute made last.
	Computed(from, to int) []float32
}

// Plane returns channel c, in buf (Area long) unless it can be read in place.
func (m Map) Plane(c int, buf []float32) []float32 {
	z := m.X[c*m.Area:][:m.Area]
	if m.Norm == nil {
		return z
	}
	n := m.Norm
	pointwise.NormAct(buf[:m.Area], z, n.a[c], n.b[c], n.slope[c])
	return buf[:m.Area]
}

// Band returns floats [from, to) of channels 0..c-1 and the distance between channels. They
// are packed in scratch memory unless they can be read in place.
func (m Map) Band(c, from, to int, a *op.Arena) ([]float32, int) {
	if m.Norm == nil {
		return m.X[from:], m.Area
	}
	n := m.Norm
	w := to - from
	buf := a.Get(c * w)
	pointwise.NormActPlanes(&kernel.Planes{X: buf, Stride: w}, &kernel.Planes{X: m.X[from:], Stride: m.Area}, w, n.a[:c], n.b, n.slope)
	return buf, w
}

// Applied returns the map of c channels with norm and PReLU applied.
func (m Map) Applied(c int, a *op.Arena) Map {
	if m.Norm == nil {
		return m
	}
	x, _ := m.Band(c, 0, m.Area, a)
	return Map{X: x, Area: m.Area}
}

// Values returns rows [from, to) of channel c, w wide, before norm and PReLU. Of a map
// that is not kept they must be among those that Rows made last.
func (m Map) Values(c, from, to, w int) []float32 {
	if m.Recompute != nil {
		return m.Recompute.Computed(from, to)
	}
	return m.X[c*m.Area+from*w:][:(to-from)*w]
}

// Rows writes rows [from, to) of channel c, w wide, to rows of dst that lie pitch apart.
func (m Map) Rows(dst []float32, pitch, c, from, to, w int) {
	if m.Recompute != nil {
		m.Recompute.Compute(c, from, to)
	}
	z := m.Values(c, from, to, w)
	if n := m.Norm; n != nil {
		pointwise.NormActRows(kernel.Rows(dst, pitch), kernel.Rows(z, w), w, to-from, n.a[c], n.b[c], n.slope[c])
		return
	}
	for y := range to - from {
		copy(dst[y*pitch:][:w], z[y*w:])
	}
}

// padded writes channel c, h x w, to the middle of dst with p zeros around.
func (m Map) padded(dst []float32, c, h, w, p int) {
	z := m.X[c*m.Area:][:m.Area]
	if m.Norm == nil {
		resample.Pad(dst, z, h, w, p)
		return
	}
	n := m.Norm
	border(dst, h, w, p)
	pointwise.NormActRows(kernel.Rows(dst[p*(w+2*p)+p:], w+2*p), kernel.Rows(z, w), w, h, n.a[c], n.b[c], n.slope[c])
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
func (m Map) Padded(c, h, w, p int, a *op.Arena) []float32 {
	if p == 0 && m.Norm == nil {
		return m.X
	}
	np := (h + 2*p) * (w + 2*p)
	dst := a.Get(c * np)
	for k := range c {
		m.padded(dst[k*np:][:np], k, h, w, p)
	}
	return dst
}
