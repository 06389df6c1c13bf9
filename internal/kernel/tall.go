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
	a := Act{Bias: bias, Slope: slope}
	all := make([]int32, 0, 3*len(off))
	for _, f := range off {
		all = append(all, f, f+int32(xp), f+2*int32(xp))
	}
	denseActGeneric(dst, ds, dp, x, xp, all, w, oc, oc, n, rows, &a)
}
