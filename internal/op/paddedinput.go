package op

import "csnet/internal/kernel"

// paddedInput gives, in evaluation, the planes that the taps of a conv run over: some
// rows of an input octave, pooled, with zeros around, or the octave itself.
type paddedInput struct {
	cin, h, w int  // of the conv's output
	pad       int  // zeros around
	avg       bool // average-pooled 2x2 first
	pool      int  // max-pooled by down
	strided   bool // the phases of a strided conv
	maxRows   int  // rows of output at a time
}

// taps lists the offsets of k x k taps, spaced dil, over the planes.
func (f paddedInput) taps(k, dil int) []int32 {
	wp, plane := f.w+2*f.pad, (f.maxRows+2*f.pad)*(f.w+2*f.pad)
	switch {
	case f.strided:
		return stridedTaps(f.cin, f.maxRows, f.w, k)
	case f.inPlace():
		return nil // they depend on the input's planes
	}
	return f.over(make([]int32, 0, f.cin*k*k), k, dil, plane, wp)
}

// over appends to off the offsets of k x k taps over planes of that size and
// pitch.
func (f paddedInput) over(off []int32, k, dil, plane, pitch int) []int32 {
	for c := range f.cin {
		if k == 1 {
			off = append(off, int32(c*plane))
			continue
		}
		for y := range k {
			for x := range k {
				off = append(off, int32(c*plane+(f.pad+(y-k/2)*dil)*pitch+f.pad+(x-k/2)*dil))
			}
		}
	}
	return off
}

// inPlace reports whether the taps run over the octave itself.
func (f paddedInput) inPlace() bool {
	return f.pad == 0 && !f.avg && f.pool == 1 && !f.strided
}

// scale is how many rows of the octave make one of the conv's input.
func (f paddedInput) scale() int {
	if f.avg || f.strided {
		return 2 * f.pool
	}
	return f.pool
}

// reads tells which rows of the octave go into rows from up to to of the conv's
// output, those outside included.
func (f paddedInput) reads(from, to int) (lo, hi int) {
	if f.strided {
		return 2 * (from - 1), 2 * to
	}
	return (from - f.pad) * f.scale(), (to + f.pad) * f.scale()
}

// floats is how much a row of output takes in scratch memory.
func (f paddedInput) floats() int {
	switch {
	case f.inPlace():
		return 0
	case f.strided:
		return 4 * f.cin * (f.w + 1)
	}
	return f.cin * (f.w + 2*f.pad)
}

// planes returns the planes for rows from up to to of the conv's output, and
// their pitch.
func (f paddedInput) planes(in input, s *scratch, from, to int) ([]float32, int) {
	switch {
	case f.inPlace():
		return in.x[(from-in.first)*f.w:], f.w
	case f.strided:
		return f.phases(in, s, from, to), f.w + 1
	}
	wp := f.w + 2*f.pad
	plane := (f.maxRows + 2*f.pad) * wp
	dst := s.get(f.cin * plane)
	lo, hi := max(from-f.pad, 0), min(to+f.pad, f.h)
	if f.pad == 0 {
		f.pooled(dst, plane, in, lo, hi, s)
		return dst, wp
	}
	src, ss := f.pooled(nil, 0, in, lo, hi, s)
	for c := range f.cin {
		d := dst[c*plane:][:plane]
		clear(d[:(lo-from+f.pad)*wp])
		clear(d[(hi-from+f.pad)*wp : (to-from+2*f.pad)*wp])
		padSides(d[(lo-from+f.pad)*wp:], src[c*ss:], hi-lo, f.w, f.pad)
	}
	return dst, wp
}

// source returns rows lo up to hi of what goes into the conv, without zeros around.
func (f paddedInput) source(in input, s *scratch, lo, hi int) planes {
	lo, hi = max(lo, 0), min(hi, f.h)
	x, stride := f.pooled(nil, 0, in, lo, hi, s)
	return planes{x: x, n: f.cin, stride: stride, pitch: f.w, lo: lo, hi: hi}
}

// padSides copies rows of w floats to rows with p zeros on either side.
func padSides(dst, src []float32, rows, w, p int) {
	wp := w + 2*p
	kernel.CopyRows(dst[p:], wp, src, w, w, rows)
	clear(dst[:p])
	at := p + w
	for range rows - 1 {
		clear(dst[at : at+2*p])
		at += wp
	}
	clear(dst[at : at+p])
}

// prefetchDistance is feed.ahead of maps that the caches do not hold: a row or some. Memory
// takes longer than the sums over a few lines.
const prefetchDistance = 1 << 10

// prefetchAhead is how many floats further on in the planes of in lies what should be
// brought into the second-level cache while these are read.
func (f paddedInput) prefetchAhead(in input) int {
	if in.uncached && f.inPlace() {
		return prefetchDistance
	}
	return 0
}

// pooled returns rows from up to to of the octave, pooled, and the distance
// between their channels: in dst, ds apart, or, where that is nil, anywhere.
func (f paddedInput) pooled(dst []float32, ds int, in input, from, to int, s *scratch) ([]float32, int) {
	w, rows, scale := f.w, to-from, f.scale()
	src, ss := in.x[(from*scale-in.first)*w*scale:], in.hw
	if dst == nil && scale > 1 {
		ds = rows * w
		dst = s.get(f.cin * ds)
	}
	if f.avg {
		y, ys := dst, ds
		if f.pool > 1 {
			ys = rows * w * f.pool * f.pool
			y = s.get(f.cin * ys)
		}
		kernel.AvgPool2Rows(y, ys, w*f.pool, src, ss, w*scale, w*f.pool, rows*f.pool, f.cin)
		src, ss = y, ys
	}
	if f.pool > 1 {
		kernel.MaxPoolRows(dst, ds, w, src, ss, w*f.pool, w, rows, f.cin, f.pool)
		src, ss = dst, ds
	}
	return src, ss
}

// phases returns the phase planes of rows from up to to: see strided.go.
func (f paddedInput) phases(in input, s *scratch, from, to int) []float32 {
	n, wp, wi := phasePlane(f.maxRows, f.w), f.w+1, 2*f.w
	dst := s.get(f.cin * 4 * n)
	for c := range f.cin {
		src := in.x[c*in.hw:][:in.hw]
		for p := range 2 {
			d := dst[(c*4+2*p)*n:][:2*n]
			for r := range to - from + 1 {
				a, b := d[r*wp:][:wp], d[n+r*wp:][:wp]
				a[0], b[0] = 0, 0
				y := from + r - 1
				if y < 0 {
					clear(a)
					clear(b)
					continue
				}
				kernel.Deinterleave([4][]float32{a[1:], b[1:]}, src[(2*y+p-in.first)*wi:][:wi], 1, wi)
			}
		}
	}
	return dst
}
