package kernel

// TallOutputs is how many outputs DenseTall is for at most: with so few, a
// vector of x must go into more than one row of output.
const TallOutputs = 2

// DenseTall is a dense convolution of few outputs, with bias and PReLU, whose
// taps come in columns of three, rows of x apart:
//
//	for o < oc, r < rows, i < n:
//		s = bias[o]
//		for t < len(off), y < 3: s += w[(3*t+y)*oc+o] * x[off[t] + (r+y)*xp + i]
//		dst[o*ds + r*dp + i] = slope[o]*s if s < 0, else s
//
// oc is from 1 to TallOutputs. Nil bias or slope are left out; slopes must be
// finite.
func DenseTall(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, oc, n, rows int, bias, slope []float32) {
	denseTall(dst, ds, dp, x, xp, off, w, oc, n, rows, bias, slope)
}

func denseTallGeneric(dst []float32, ds, dp int, x []float32, xp int, off []int32, w []float32, oc, n, rows int, bias, slope []float32) {
	a := Act{Bias: bias}
	for o := range oc {
		for r := range rows {
			d := dst[o*ds+r*dp:][:n]
			a.start(d, o, r)
			for t, f := range off {
				at := int(f) + r*xp
				w0, w1, w2 := w[3*t*oc+o], w[(3*t+1)*oc+o], w[(3*t+2)*oc+o]
				x0, x1, x2 := x[at:][:n], x[at+xp:][:n], x[at+2*xp:][:n]
				for i, v := range d {
					d[i] = v + (w0*x0[i] + w1*x1[i] + w2*x2[i])
				}
			}
			if slope != nil {
				preluGeneric(d, slope[o])
			}
		}
	}
}
