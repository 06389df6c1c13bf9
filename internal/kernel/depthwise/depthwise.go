package depthwise

import "csnet/internal/kernel"

// Conv is one channel of a 3x3 depthwise convolution over a padded plane:
//
//	for r < rows, i < n:
//		dst.X[r*dst.Pitch+i] = sum over y < 3, k < 3 of w[3*y+k] * x.X[(r+y)*x.Pitch + i + k]
//
// x starts at the padding's upper left corner and has rows+2 rows. As many floats as
// dst has, from the start of prefetch on, are prefetched meanwhile, unless it is
// empty.
func Conv(dst, x *kernel.Planes, w *[9]float32, n, rows int, prefetch []float32) {
	conv(dst, x, w, n, rows, prefetch)
}

func convGeneric(dst, x *kernel.Planes, w *[9]float32, n, rows int) {
	w0, w1, w2, w3, w4, w5, w6, w7, w8 := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
	for r := range rows {
		d := dst.X[r*dst.Pitch:][:n]
		a := x.X[r*x.Pitch:][:n+2]
		b := x.X[(r+1)*x.Pitch:][:n+2]
		c := x.X[(r+2)*x.Pitch:][:n+2]
		for i := range d {
			d[i] = (w0*a[i] + w1*a[i+1] + w2*a[i+2]) + (w3*b[i] + w4*b[i+1] + w5*b[i+2]) + (w6*c[i] + w7*c[i+1] + w8*c[i+2])
		}
	}
}

// ConvGrad is the weight gradient of Conv, whose output has the gradient g:
//
//	dw[3*y+k] += sum over r < rows, i < n of x.X[(r+y)*x.Pitch + i + k] * g.X[r*g.Pitch+i]
//
// From each of prefetch on as many floats as g has are prefetched, unless it is
// empty.
func ConvGrad(dw *[9]float32, x, g *kernel.Planes, n, rows int, prefetch [2][]float32) {
	convGrad(dw, x, g, n, rows, prefetch)
}

func convGradGeneric(dw *[9]float32, x, g *kernel.Planes, n, rows int) {
	for y := range 3 {
		var s0, s1, s2 float32
		for r := range rows {
			gr, xr := g.X[r*g.Pitch:][:n], x.X[(r+y)*x.Pitch:][:n+2]
			for i, v := range gr {
				s0 += v * xr[i]
				s1 += v * xr[i+1]
				s2 += v * xr[i+2]
			}
		}
		dw[3*y] += s0
		dw[3*y+1] += s1
		dw[3*y+2] += s2
	}
}
