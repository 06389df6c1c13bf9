package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"
)

// paddedInput gives the planes that the taps of a convolution run over: some rows of an
// input octave, pooled, with zeros around, or the octave itself where it can be read as
// it is.
type paddedInput struct {
	in, h, w int  // channels; size of the convolution's output
	pad      int  // zeros around
	avg      bool // average-pooled 2x2 first
	pool     int  // max-pooled by this factor
	strided  bool // the planes are the phases of a strided convolution (op.StridedTaps)
	maxRows  int  // rows of output at a time
}

// inPlace reports whether the taps run over the octave itself.
func (f paddedInput) inPlace() bool {
	return f.pad == 0 && !f.avg && f.pool == 1 && !f.strided
}

// taps lists the offsets of k x k taps, dilation apart, over the planes. It is nil
// where the taps run over the octave itself, for they depend on its stride then.
func (f paddedInput) taps(k, dilation int) []int32 {
	switch {
	case f.strided:
		return op.StridedTaps(f.in, f.maxRows, f.w, k)
	case f.inPlace():
		return nil
	}
	pitch := f.w + 2*f.pad
	return op.Taps(make([]int32, 0, f.in*k*k), f.in, k, dilation, f.pad, (f.maxRows+2*f.pad)*pitch, pitch)
}

// scale is how many rows of the octave make one of the convolution's input.
func (f paddedInput) scale() int {
	if f.avg || f.strided {
		return 2 * f.pool
	}
	return f.pool
}

// reads returns the rows of the octave that rows [from, to) of the convolution's output
// depend on. They may lie outside the octave.
func (f paddedInput) reads(from, to int) (lo, hi int) {
	if f.strided {
		return 2 * (from - 1), 2 * to
	}
	return (from - f.pad) * f.scale(), (to + f.pad) * f.scale()
}

// floatsPerRow is how much scratch memory a row of output takes.
func (f paddedInput) floatsPerRow() int {
	switch {
	case f.inPlace():
		return 0
	case f.strided:
		return 4 * f.in * (f.w + 1)
	}
	return f.in * (f.w + 2*f.pad)
}

// planes returns the planes for rows [from, to) of the convolution's output, and their
// pitch.
func (f paddedInput) planes(x Input, s *Scratch, from, to int) ([]float32, int) {
	switch {
	case f.inPlace():
		return x.X[(from-x.First)*f.w:], f.w
	case f.strided:
		return f.phases(x, s, from, to), f.w + 1
	}
	wp := f.w + 2*f.pad
	plane := (f.maxRows + 2*f.pad) * wp
	dst := s.Get(f.in * plane)
	lo, hi := max(from-f.pad, 0), min(to+f.pad, f.h)
	if f.pad == 0 {
		f.pooled(dst, plane, x, lo, hi, s)
		return dst, wp
	}
	src, ss := f.pooled(nil, 0, x, lo, hi, s)
	for c := range f.in {
		d := dst[c*plane:][:plane]
		clear(d[:(lo-from+f.pad)*wp])
		clear(d[(hi-from+f.pad)*wp : (to-from+2*f.pad)*wp])
		padSides(d[(lo-from+f.pad)*wp:], src[c*ss:], hi-lo, f.w, f.pad)
	}
	return dst, wp
}

// source returns rows [lo, hi) of the convolution's input, pooled, without zeros around.
func (f paddedInput) source(x Input, s *Scratch, lo, hi int) op.Planes {
	lo, hi = max(lo, 0), min(hi, f.h)
	src, stride := f.pooled(nil, 0, x, lo, hi, s)
	return op.Planes{X: src, N: f.in, Stride: stride, Pitch: f.w, Lo: lo, Hi: hi}
}

// padSides copies rows of w floats to rows with p zeros on either side.
func padSides(dst, src []float32, rows, w, p int) {
	wp := w + 2*p
	pointwise.CopyRows(kernel.Rows(dst[p:], wp), kernel.Rows(src, w), w, rows)
	clear(dst[:p])
	at := p + w
	for range rows - 1 {
		clear(dst[at : at+2*p])
		at += wp
	}
	clear(dst[at : at+p])
}

// prefetchDistance is how many floats further on in the planes lies what should be
// prefetched while they are read, 0: nothing.
func (f paddedInput) prefetchDistance(x Input) int {
	if x.Uncached && f.inPlace() {
		return op.PrefetchDistance
	}
	return 0
}

// pooled returns rows [from, to) of the octave, pooled, and the distance between their
// channels. They are in dst, ds apart, or anywhere where dst is nil.
func (f paddedInput) pooled(dst []float32, ds int, x Input, from, to int, s *Scratch) ([]float32, int) {
	w, rows, scale := f.w, to-from, f.scale()
	src, ss := x.X[(from*scale-x.First)*w*scale:], x.Stride
	if dst == nil && scale > 1 {
		ds = rows * w
		dst = s.Get(f.in * ds)
	}
	if f.avg {
		y, ys := dst, ds
		if f.pool > 1 {
			ys = rows * w * f.pool * f.pool
			y = s.Get(f.in * ys)
		}
		resample.AvgPool2Rows(&kernel.Planes{X: y, Stride: ys, Pitch: w * f.pool}, &kernel.Planes{X: src, Stride: ss, Pitch: w * scale}, w*f.pool, rows*f.pool, f.in)
		src, ss = y, ys
	}
	if f.pool > 1 {
		resample.MaxPool(&kernel.Planes{X: dst, Stride: ds, Pitch: w}, &kernel.Planes{X: src, Stride: ss, Pitch: w * f.pool}, w, rows, f.in, f.pool)
		src, ss = dst, ds
	}
	return src, ss
}

// phases returns the phase planes of rows [from, to).
func (f paddedInput) phases(x Input, s *Scratch, from, to int) []float32 {
	n, wp, wi := op.PhasePlane(f.maxRows, f.w), f.w+1, 2*f.w
	dst := s.Get(f.in * 4 * n)
	for c := range f.in {
		src := x.X[c*x.Stride:][:x.Stride]
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
				resample.Deinterleave([4][]float32{a[1:], b[1:]}, src[(2*y+p-x.First)*wi:][:wi], 1, wi)
			}
		}
	}
	return dst
}
