package depthwise

import "csnet/internal/kernel"

// Next is memory that is read after a call, which prefetches as many of its values as the
// call's own output has, unless it is empty.
type Next struct {
	Memory []float32
	Half   bool // two values lie in each float32
}

// halved is Half as kernels take it.
func (n Next) halved() int {
	if n.Half {
		return 1
	}
	return 0
}

// Conv is one channel of a 3x3 depthwise convolution over a padded plane:
//
//	for r < rows, i < n:
//		dst.X[r*dst.Pitch+i] = sum over y < 3, k < 3 of w[3*y+k] * x.X[(r+y)*x.Pitch + i + k]
//
// x starts at the padding's upper left corner and has rows+2 rows.
func Conv(dst, x *kernel.Planes, w *[9]float32, n, rows int, next Next) {
	conv(dst, x, w, n, rows, next)
}

// ConvFloat16 is Conv whose output is rounded to float16s.
func ConvFloat16(dst *kernel.HalfPlanes[kernel.Float16], x *kernel.Planes, w *[9]float32, n, rows int, next Next) {
	convFloat16(dst, x, w, n, rows, next)
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

// blockFloats is how many values convFloat16Generic makes before it rounds them.
const blockFloats = 512

func convFloat16Generic(dst *kernel.HalfPlanes[kernel.Float16], x *kernel.Planes, w *[9]float32, n, rows int) {
	var block [blockFloats]float32
	for r := range rows {
		for i := 0; i < n; i += blockFloats {
			row := block[:min(blockFloats, n-i)]
			convGeneric(kernel.Rows(row, 0), kernel.Rows(x.X[r*x.Pitch+i:], x.Pitch), w, len(row), 1)
			for k, v := range row {
				dst.X[r*dst.Pitch+i+k] = kernel.ToFloat16(v)
			}
		}
	}
}

// ConvGrad is the weight gradient of Conv, whose output has the gradient g:
//
//	dw[3*y+k] += sum over r < rows, i < n of x.X[(r+y)*x.Pitch + i + k] * g.X[r*g.Pitch+i]
//
// Both of next lie in memory in the same way.
func ConvGrad(dw *[9]float32, x, g *kernel.Planes, n, rows int, next [2]Next) {
	convGrad(dw, x, g, n, rows, next)
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
