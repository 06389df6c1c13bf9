package kernel

// Depthwise is one channel of a 3x3 depthwise convolution over a padded plane:
//
//	for r < rows, i < n:
//		dst[r*dp+i] = sum over y < 3, k < 3 of w[3*y+k] * x[(r+y)*xp + i + k]
//
// x starts at the padding's upper left corner and has rows+2 rows. What is as
// large as dst from the start of ahead on, if there is any, is read soon: it is
// brought into the cache meanwhile.
func Depthwise(dst []float32, dp int, x []float32, xp int, w *[9]float32, n, rows int, ahead []float32) {
	depthwise(dst, dp, x, xp, w, n, rows, ahead)
}

func depthwiseGeneric(dst []float32, dp int, x []float32, xp int, w *[9]float32, n, rows int) {
	w0, w1, w2, w3, w4, w5, w6, w7, w8 := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
	for r := range rows {
		d := dst[r*dp:][:n]
		a := x[r*xp:][:n+2]
		b := x[(r+1)*xp:][:n+2]
		c := x[(r+2)*xp:][:n+2]
		for i := range d {
			d[i] = (w0*a[i] + w1*a[i+1] + w2*a[i+2]) + (w3*b[i] + w4*b[i+1] + w5*b[i+2]) + (w6*c[i] + w7*c[i+1] + w8*c[i+2])
		}
	}
}

// DepthwiseGrad is the weight gradient of Depthwise:
//
//	dw[3*y+k] += sum over r < rows, i < n of x[(r+y)*xp + i + k] * g[r*gp+i]
//
// ahead and ahead2 are as Depthwise's.
func DepthwiseGrad(dw *[9]float32, x []float32, xp int, g []float32, gp, n, rows int, ahead, ahead2 []float32) {
	depthwiseGrad(dw, x, xp, g, gp, n, rows, ahead, ahead2)
}

func depthwiseGradGeneric(dw *[9]float32, x []float32, xp int, g []float32, gp, n, rows int) {
	for y := range 3 {
		var s0, s1, s2 float32
		for r := range rows {
			gr, xr := g[r*gp:][:n], x[(r+y)*xp:][:n+2]
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
