package pointwise

import "math"

// AdamStep holds the factors of one Adam step: rate lr/(1-beta1^t), the betas,
// sqrt(1-beta2^t), epsilon and the coupled decay.
type AdamStep struct {
	Rate, Beta1, Beta2, Root2, Eps, L2 float64
}

// tiny is the smallest normal float32: smaller magnitudes are flushed to 0.
const tiny = 0x1p-126

// Adam updates w by its gradient g, with moments m and v (Kingma and Ba, 2015;
// coupled L2 as in torch.optim.Adam):
//
//	e = g[i] + L2*w[i]
//	m[i] = Beta1*m[i] + (1-Beta1)*e; v[i] = Beta2*v[i] + (1-Beta2)*e*e
//	w[i] -= Rate * m[i] / (sqrt(v[i])/Root2 + Eps)
//
// All is in float64 but for what is stored. Denormal results become 0.
func Adam(w, g, m, v []float32, s AdamStep) {
	n := len(w)
	adam(w, g[:n], m[:n], v[:n], s)
}

func adamGeneric(w, g, m, v []float32, s AdamStep) {
	for i := range w {
		e := float64(g[i]) + s.L2*float64(w[i])
		mi := flush(float32(s.Beta1*float64(m[i]) + (1-s.Beta1)*e))
		vi := flush(float32(s.Beta2*float64(v[i]) + (1-s.Beta2)*e*e))
		m[i], v[i] = mi, vi
		w[i] = flush(float32(float64(w[i]) - s.Rate*float64(mi)/(math.Sqrt(float64(vi))/s.Root2+s.Eps)))
	}
}

// flush compares magnitudes as integers: a processor cannot guess the sign of x.
func flush(x float32) float32 {
	if math.Float32bits(x)&^(1<<31) < math.Float32bits(tiny) {
		return 0
	}
	return x
}
