package dense

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

// TallOutputs is how many outputs Tall is for at most: with so few, a vector of x
// must go into more than one row of output.
const TallOutputs = 2

// Tall is a dense convolution of few outputs, with bias and PReLU, whose taps come
// in columns of three, rows of x apart:
//
//	for o < w.Outputs, r < rows, i < n:
//		s = bias[o]
//		for t < len(off), y < 3: s += w.W[(3*t+y)*w.Outputs+o] * x.X[off[t] + (r+y)*x.Pitch + i]
//		row r of plane o of dst at i = slope[o]*s if s < 0, else s
//
// There are from 1 to TallOutputs outputs, and no gaps between their weights. Nil
// bias or slope are left out; slopes must be finite.
func Tall(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, bias, slope []float32) {
	tall(dst, x, off, w, n, rows, bias, slope)
}

func tallGeneric(dst, x *kernel.Planes, off []int32, w *kernel.Weights, n, rows int, bias, slope []float32) {
	a, oc := Act{Bias: bias}, w.Outputs
	for o := range oc {
		for r := range rows {
			d := dst.X[o*dst.Stride+r*dst.Pitch:][:n]
			a.start(d, o, r)
			for t, f := range off {
				at := int(f) + r*x.Pitch
				w0, w1, w2 := w.W[3*t*oc+o], w.W[(3*t+1)*oc+o], w.W[(3*t+2)*oc+o]
				x0, x1, x2 := x.X[at:][:n], x.X[at+x.Pitch:][:n], x.X[at+2*x.Pitch:][:n]
				for i, v := range d {
					d[i] = v + (w0*x0[i] + w1*x1[i] + w2*x2[i])
				}
			}
			if slope != nil {
				pointwise.PReLU(d, slope[o])
			}
		}
	}
}
