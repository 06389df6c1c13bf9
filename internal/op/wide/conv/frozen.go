package conv

import "math"

// Frozen is a norm with fixed statistics and, where Relu says so, a ReLU, that a Sum takes
// into its weights: y = act(a (conv + added maps' share) + b) with a = gamma / sqrt(Var +
// Eps), b = beta - a Mean. Maps are added after the norm and before the ReLU.
type Frozen struct {
	Mean, Var []float32 // of the output's channels
	Eps       float64
	Relu      bool
}

// fold is a Frozen as it runs.
type fold struct {
	Frozen
	scale, shift, slope []float32
}

func newFold(f Frozen) *fold {
	n := len(f.Mean)
	r := &fold{Frozen: f, scale: make([]float32, n), shift: make([]float32, n), slope: make([]float32, n)}
	for i := range n {
		if !f.Relu {
			r.slope[i] = 1
		}
	}
	return r
}

// set takes gamma and beta.
func (f *fold) set(gamma, beta []float32) {
	for i := range f.scale {
		a := float64(gamma[i]) / math.Sqrt(float64(f.Var[i])+f.Eps)
		f.scale[i], f.shift[i] = float32(a), float32(float64(beta[i])-a*float64(f.Mean[i]))
	}
}

// of is the factor on the weights of output o; f may be nil.
func (f *fold) of(o int) float32 {
	if f == nil {
		return 1
	}
	return f.scale[o]
}
