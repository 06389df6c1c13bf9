package op

import "csnet/internal/kernel"

// input is one image of an input map: x (C, H, W), or, in training, the map
// before the norm and PReLU of the op that made it, which the reader applies.
type input struct {
	x         []float32
	norm      *Norm // nil: x is the map itself
	hw        int
	recompute *recomputedInput // x is what the op before the one that made the map made
	uncached  bool             // in evaluation: x is a map too large for the caches
	first     int              // row that x begins with: 0, but for a part of a map in evaluation
	ring      int              // in evaluation: rows of the ring that x is, see kernel.Band; 0: none
}

// plane returns channel c, in buf (hw long) unless it can be read in place.
func (in input) plane(c int, buf []float32) []float32 {
	z := in.x[c*in.hw:][:in.hw]
	if in.norm == nil {
		return z
	}
	n := in.norm
	kernel.NormAct(buf[:in.hw], z, n.a[c], n.b[c], n.slope[c])
	return buf[:in.hw]
}

// band returns floats from to to of channels 0..c-1 and the distance between
// channels; packed in scratch memory unless in place.
func (in input) band(c, from, to int, s *scratch) ([]float32, int) {
	if in.norm == nil {
		return in.x[from:], in.hw
	}
	n := in.norm
	w := to - from
	buf := s.get(c * w)
	kernel.NormActPlanes(buf, w, in.x[from:], in.hw, w, n.a[:c], n.b, n.slope)
	return buf, w
}

// applied returns the octave of c channels with norm and PReLU applied.
func (in input) applied(c int, s *scratch) input {
	if in.norm == nil {
		return in
	}
	x, _ := in.band(c, 0, in.hw, s)
	return input{x: x, hw: in.hw}
}

// values returns rows from up to to of channel c, w wide, before norm and PReLU;
// of a virtual map those that rows made last.
func (in input) values(c, from, to, w int) []float32 {
	if v := in.recompute; v != nil {
		return v.z[(from-v.lo)*w:][:(to-from)*w]
	}
	return in.x[c*in.hw+from*w:][:(to-from)*w]
}

// rows writes rows from up to to of channel c, w wide, to rows of dst dp apart.
func (in input) rows(dst []float32, dp, c, from, to, w int) {
	if in.recompute != nil {
		in.recompute.compute(c, from, to)
	}
	z := in.values(c, from, to, w)
	if n := in.norm; n != nil {
		kernel.NormActRows(dst, dp, z, w, w, to-from, n.a[c], n.b[c], n.slope[c])
		return
	}
	for y := range to - from {
		copy(dst[y*dp:][:w], z[y*w:])
	}
}

// padded writes channel c, h x w, into the middle of dst with p zeros around.
func (in input) padded(dst []float32, c, h, w, p int) {
	z := in.x[c*in.hw:][:in.hw]
	if in.norm == nil {
		kernel.Pad(dst, z, h, w, p)
		return
	}
	n := in.norm
	border(dst, h, w, p)
	kernel.NormActRows(dst[p*(w+2*p)+p:], w+2*p, z, w, w, h, n.a[c], n.b[c], n.slope[c])
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

// paddedAll returns channels 0..c-1, each padded by p; in place when that is
// possible.
func (in input) paddedAll(c, h, w, p int, s *scratch) []float32 {
	if p == 0 && in.norm == nil {
		return in.x
	}
	np := (h + 2*p) * (w + 2*p)
	dst := s.get(c * np)
	for k := range c {
		in.padded(dst[k*np:][:np], k, h, w, p)
	}
	return dst
}
