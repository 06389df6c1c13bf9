package pointwise

import "math"

// BCE returns the sum over i of the binary cross entropy of logit x[i] and
// target y[i] in [0, 1], max(x,0) - x*y + log(1 + exp(-|x|)), which neither
// overflows nor loses digits for large |x|.
func BCE(x, y []float32) float64 { return bce(x, y) }

func bceGeneric(x, y []float32) float64 {
	var s float64
	for i, v := range x {
		l := float64(v)
		s += math.Max(l, 0) - l*float64(y[i]) + math.Log1p(math.Exp(-math.Abs(l)))
	}
	return s
}

// BCEGrad adds the gradient of scale*BCE: dx[i] += scale*(sigmoid(x[i]) - y[i]).
func BCEGrad(dx, x, y []float32, scale float64) { bceGrad(dx, x, y, scale) }

func bceGradGeneric(dx, x, y []float32, scale float64) {
	for i, v := range x {
		dx[i] += float32(scale * (Sigmoid(float64(v)) - float64(y[i])))
	}
}

// Sigmoid returns 1/(1+exp(-x)) without overflow.
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Sigmoids writes the sigmoids of logits: dst[i] = 1/(1+exp(-x[i])), taken in float64;
// NaN gives NaN. dst may be x, and must not overlap it otherwise; x is as long as dst.
// All levels give the same bits.
func Sigmoids(dst, x []float32) { sigmoids(dst, x[:len(dst)]) }

func sigmoidsGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}
