package resample

import "csnet/internal/kernel"

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

// Upsampling is rows From up to but not including To of planes of Height x Width that
// are upsampled Factor times.
type Upsampling struct {
	Height, Width, Factor, From, To int
	First                           int // the row that the sources at hand begin with
}

// Upsample writes (or, with acc, adds) the h x w plane src upsampled f times,
// bilinear, half-pixel centres, edges clamped (PyTorch: align_corners =
// false). tmp holds w floats.
func Upsample(dst, src []float32, h, w, f int, acc bool, tmp []float32) {
	upsample(dst, src, Upsampling{Height: h, Width: w, Factor: f, To: h * f}, acc, tmp)
}

// UpsampleRows is Upsample for some rows of its result; dst begins with the first of
// them, src with row u.First, or where it would.
func UpsampleRows(dst, src []float32, u Upsampling, acc bool, tmp []float32) {
	upsample(dst, src, u, acc, tmp)
}

func upsampleGeneric(dst, src []float32, u Upsampling, acc bool, tmp []float32) {
	w, f := u.Width, u.Factor
	tmp = tmp[:w]
	for y := u.From; y < u.To; y++ {
		y0, y1, t := upTap(y, u.Height, f)
		a, b := src[(y0-u.First)*w:][:w], src[(y1-u.First)*w:][:w]
		for x := range tmp {
			tmp[x] = (1-t)*a[x] + t*b[x]
		}
		d := dst[(y-u.From)*w*f:][:w*f]
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
	UpsampleGradRows(&kernel.Planes{X: dsrc, Stride: h * w}, &kernel.Planes{X: g, Stride: h * w * f * f}, Upsampling{Height: h, Width: w, Factor: f, To: h * f}, planes, tmp)
}

// UpsampleGradRows is the adjoint of UpsampleRows over planes: the sources get added
// what the rows of u of the result give them, with which g begins. Rows of either lie
// one after the other. dsrc begins with row u.First, or where it would. tmp holds (w+3)*f floats a plane.
func UpsampleGradRows(dsrc, g *kernel.Planes, u Upsampling, planes int, tmp []float32) {
	upsampleGrad(dsrc, g, u, planes, tmp)
}

func upsampleGradGeneric(dsrc, g *kernel.Planes, u Upsampling, planes int, tmp []float32) {
	w, f, rows := u.Width, u.Factor, u.To-u.From
	tmp = tmp[:w]
	for k := range planes * rows {
		p, r := k/rows, k%rows
		y0, y1, ty := upTap(u.From+r, u.Height, f)
		row := g.X[p*g.Stride+r*w*f:][:w*f]
		clear(tmp)
		for x, v := range row {
			x0, x1, t := upTap(x, w, f)
			tmp[x0] += (1 - t) * v
			tmp[x1] += t * v
		}
		a, b := dsrc.X[p*dsrc.Stride+(y0-u.First)*w:][:w], dsrc.X[p*dsrc.Stride+(y1-u.First)*w:][:w]
		for x, v := range tmp {
			a[x] += (1 - ty) * v
		}
		for x, v := range tmp {
			b[x] += ty * v
		}
	}
}

// AcrossSlack is how many floats beyond its last row Across may read.
const AcrossSlack = 16

// Across upsamples rows of n floats f times, horizontally and bilinearly with
// half-pixel centres. Row r of plane p of src begins at src.X[1 + p*src.Stride +
// r*src.Pitch]; the float before the first row and AcrossSlack after the last must be
// there:
//
//	for p < planes, r < rows, x = row r of plane p, i < f*n, j = i + f/2, t = (j%f + 0.5) / f:
//		row r of plane p of dst at i = (1-t)*x[max(j/f-1, 0)] + t*x[min(j/f, n-1)]
//
// f is even.
func Across(dst, src *kernel.Planes, n, f, rows, planes int) {
	across(dst, src, n, f, rows, planes)
}

func acrossGeneric(dst, src *kernel.Planes, n, f, rows, planes int) {
	for k := range planes * rows {
		p, r := k/rows, k%rows
		d, x := dst.X[p*dst.Stride+r*dst.Pitch:][:f*n], src.X[1+p*src.Stride+r*src.Pitch:][:n]
		for i := range d {
			j := i + f/2
			t := (float32(j%f) + 0.5) / float32(f)
			d[i] = (1-t)*x[max(j/f-1, 0)] + t*x[min(j/f, n-1)]
		}
	}
}
