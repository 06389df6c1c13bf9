package kernel

import "math"

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

// MaxPool takes the maximum over f x f windows of an h x w plane; h and w are
// multiples of f.
func MaxPool(dst, src []float32, h, w, f int) {
	maxPool(dst, 0, w/f, src, 0, w, w/f, h/f, 1, f)
}

// MaxPoolRows is MaxPool for rows of n windows of several planes: ds floats
// between planes of dst, dp between rows, ss and sp in src.
func MaxPoolRows(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes, f int) {
	maxPool(dst, ds, dp, src, ss, sp, n, rows, planes, f)
}

func maxPoolGeneric(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes, f int) {
	for k := range planes * rows {
		p, y := k/rows, k%rows
		d := dst[p*ds+y*dp:][:n]
		for x := range d {
			m := float32(math.Inf(-1))
			for i := range f {
				for _, v := range src[p*ss+(y*f+i)*sp+x*f:][:f] {
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
	avgPool2(dst, 0, w/2, src, 0, w, w/2, h/2, 1)
}

// AvgPool2Rows is AvgPool2 for rows of n windows of several planes: ds floats
// between planes of dst, dp between rows, ss and sp in src.
func AvgPool2Rows(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes int) {
	avgPool2(dst, ds, dp, src, ss, sp, n, rows, planes)
}

func avgPool2Generic(dst []float32, ds, dp int, src []float32, ss, sp, n, rows, planes int) {
	for k := range planes * rows {
		p, y := k/rows, k%rows
		d, a := dst[p*ds+y*dp:][:n], src[p*ss+2*y*sp:]
		b := a[sp:][:2*n]
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

// upTap returns the two sources of output position i when a side of n is
// upsampled f times bilinearly with half-pixel centres and clamped edges:
// (1-t)*src[i0] + t*src[i1].
func upTap(i, n, f int) (i0, i1 int, t float32) {
	s := (float32(i)+0.5)/float32(f) - 0.5
	if s < 0 {
		s = 0
	}
	i0 = int(s)
	return i0, min(i0+1, n-1), s - float32(i0)
}

// Upsample writes (or, with acc, adds) the h x w plane src upsampled f times,
// bilinear, half-pixel centres, edges clamped (PyTorch: align_corners =
// false). tmp holds w floats.
func Upsample(dst, src []float32, h, w, f int, acc bool, tmp []float32) {
	upsample(dst, src, h, w, f, 0, h*f, acc, tmp)
}

// UpsampleRows is Upsample for the rows from up to but not including to of its
// result; dst begins with the first of them.
func UpsampleRows(dst, src []float32, h, w, f, from, to int, acc bool, tmp []float32) {
	upsample(dst, src, h, w, f, from, to, acc, tmp)
}

func upsampleGeneric(dst, src []float32, h, w, f, from, to int, acc bool, tmp []float32) {
	tmp = tmp[:w]
	for y := from; y < to; y++ {
		y0, y1, t := upTap(y, h, f)
		a, b := src[y0*w:][:w], src[y1*w:][:w]
		for x := range tmp {
			tmp[x] = (1-t)*a[x] + t*b[x]
		}
		d := dst[(y-from)*w*f:][:w*f]
		if !acc {
			clear(d)
		}
		if f == 2 {
			upRow2(d, tmp)
			continue
		}
		for x := range d {
			x0, x1, t := upTap(x, w, f)
			d[x] += (1-t)*tmp[x0] + t*tmp[x1]
		}
	}
}

// upRow2 adds the row s upsampled twice to d.
func upRow2(d, s []float32) {
	n := len(s)
	d[0] += s[0]
	for x := range n - 1 {
		d[2*x+1] += 0.75*s[x] + 0.25*s[x+1]
		d[2*x+2] += 0.25*s[x] + 0.75*s[x+1]
	}
	d[2*n-1] += s[n-1]
}

// UpsampleGrad is the adjoint of Upsample over planes: dsrc (planes, h, w) gets, in
// place of what it held, the gradient of g (planes, h*f, w*f). tmp holds (w+3)*f
// floats a plane.
func UpsampleGrad(dsrc, g []float32, h, w, f, planes int, tmp []float32) {
	clear(dsrc[:planes*h*w])
	upsampleGradRows(dsrc, h*w, g, h*w*f*f, h, w, f, 0, h*f, planes, tmp)
}

// UpsampleGradRows is the adjoint of UpsampleRows over planes: the sources, ds
// apart, get added what rows from up to but not including to of the result give
// them. g begins with the first of these; its planes are gs apart. tmp holds
// (w+3)*f floats a plane.
func UpsampleGradRows(dsrc []float32, ds int, g []float32, gs, h, w, f, from, to, planes int, tmp []float32) {
	upsampleGradRows(dsrc, ds, g, gs, h, w, f, from, to, planes, tmp)
}

func upsampleGradGeneric(dsrc []float32, ds int, g []float32, gs, h, w, f, from, to, planes int, tmp []float32) {
	tmp = tmp[:w]
	for k := range planes * (to - from) {
		p, y := k/(to-from), from+k%(to-from)
		y0, y1, ty := upTap(y, h, f)
		row := g[p*gs+(y-from)*w*f:][:w*f]
		clear(tmp)
		for x, v := range row {
			x0, x1, t := upTap(x, w, f)
			tmp[x0] += (1 - t) * v
			tmp[x1] += t * v
		}
		a, b := dsrc[p*ds+y0*w:][:w], dsrc[p*ds+y1*w:][:w]
		for x, v := range tmp {
			a[x] += (1 - ty) * v
		}
		for x, v := range tmp {
			b[x] += ty * v
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
