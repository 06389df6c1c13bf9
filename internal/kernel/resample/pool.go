package resample

import (
	"math"

	"csnet/internal/kernel"
)

// Pad copies a plane of h x w into the middle of a plane with p zeros on each
// side: dst is (h+2p) x (w+2p).
func Pad(dst, src []float32, h, w, p int) {
	wp := w + 2*p
	clear(dst[:p*wp+p])
	at := p*wp + p
	for y := range h {
		copy(dst[at:at+w], src[y*w:(y+1)*w])
		clear(dst[at+w : at+w+2*p])
		at += wp
	}
	if p > 0 {
		clear(dst[at : (h+2*p)*wp])
	}
}

// MaxPool takes the maxima over f x f windows: rows of n windows of each plane.
func MaxPool(dst, src *kernel.Planes, n, rows, planes, f int) {
	maxPool(dst, src, n, rows, planes, f)
}

func maxPoolGeneric(dst, src *kernel.Planes, n, rows, planes, f int) {
	for k := range planes * rows {
		p, y := k/rows, k%rows
		d := dst.X[p*dst.Stride+y*dst.Pitch:][:n]
		for x := range d {
			m := float32(math.Inf(-1))
			for i := range f {
				for _, v := range src.X[p*src.Stride+(y*f+i)*src.Pitch+x*f:][:f] {
					if v > m || v != v {
						m = v
					}
				}
			}
			d[x] = m
		}
	}
}

// MaxPoolGrad gives g to the first maximum of each window of src: it adds to dx,
// or, without acc, stores g there and 0 in the rest of the window. Without acc
// dx may be src.
func MaxPoolGrad(dx, src, g []float32, h, w, f int, acc bool) {
	maxPoolGrad(dx, src, g, h, w, f, acc)
}

func maxPoolGradGeneric(dx, src, g []float32, h, w, f int, acc bool) {
	ow := w / f
	for y := range h / f {
		for x := range ow {
			m, at := float32(math.Inf(-1)), y*f*w+x*f
			for i := range f {
				o := (y*f+i)*w + x*f
				for k, v := range src[o:][:f] {
					if v > m || v != v {
						m, at = v, o+k
					}
				}
			}
			for i := 0; i < f && !acc; i++ {
				clear(dx[(y*f+i)*w+x*f:][:f])
			}
			dx[at] += g[y*ow+x]
		}
	}
}

// AvgPool2 takes the mean over 2x2 windows of an h x w plane of even sides.
func AvgPool2(dst, src []float32, h, w int) {
	AvgPool2Rows(kernel.Rows(dst, w/2), kernel.Rows(src, w), w/2, h/2, 1)
}

// AvgPool2Rows is AvgPool2 for rows of n windows of each plane.
func AvgPool2Rows(dst, src *kernel.Planes, n, rows, planes int) {
	avgPool2(dst, src, n, rows, planes)
}

func avgPool2Generic(dst, src *kernel.Planes, n, rows, planes int) {
	for k := range planes * rows {
		p, y := k/rows, k%rows
		d, a := dst.X[p*dst.Stride+y*dst.Pitch:][:n], src.X[p*src.Stride+2*y*src.Pitch:]
		b := a[src.Pitch:][:2*n]
		for x := range d {
			d[x] = 0.25 * (a[2*x] + a[2*x+1] + b[2*x] + b[2*x+1])
		}
	}
}

// AvgPool2Grad adds a quarter of g to each of the four sources of AvgPool2, or,
// without acc, stores it there.
func AvgPool2Grad(dx, g []float32, h, w int, acc bool) {
	avgPool2Grad(dx, g, h, w, acc)
}

func avgPool2GradGeneric(dx, g []float32, h, w int, acc bool) {
	ow := w / 2
	for y := range h / 2 {
		gr, a, b := g[y*ow:][:ow], dx[2*y*w:][:w], dx[(2*y+1)*w:][:w]
		if !acc {
			clear(a[:2*ow])
			clear(b[:2*ow])
		}
		for x, v := range gr {
			v *= 0.25
			a[2*x] += v
			a[2*x+1] += v
			b[2*x] += v
			b[2*x+1] += v
		}
	}
}

// Deinterleave splits an h x w plane of even sides into its four phases:
// dst[2*py+px] is (h/2) x (w/2), taken at rows 2y+py and columns 2x+px.
func Deinterleave(dst [4][]float32, src []float32, h, w int) {
	deinterleave(dst, src, h, w)
}

func deinterleaveGeneric(dst [4][]float32, src []float32, h, w int) {
	ow := w / 2
	for y := range h {
		row := src[y*w:][:w]
		d0, d1 := dst[y%2*2][y/2*ow:][:ow], dst[y%2*2+1][y/2*ow:][:ow]
		for x := range d0 {
			d0[x], d1[x] = row[2*x], row[2*x+1]
		}
	}
}
