package wide

import (
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// balanceEps is added to the sum that a balance divides by.
const balanceEps = 1e-14

// Balance multiplies the weights of one output octave of a gOctConv by the shares of its
// channels:
//
//	V_c = W_c |b_jc| / (sum over k of |b_kc| + 1e-14)
//
// Inputs: the weights W (Out, In, K, K) of output octave j, and b (octaves, channels of all
// output octaves), of which they take the columns from at on. Output: V.
type Balance struct {
	op.Base
	octave, at int
}

// NewBalance returns the op for weights of shape w and b of shape b.
func NewBalance(env *op.Env, name string, w, b tensor.Shape, octave, at int) *Balance {
	return &Balance{Base: op.NewBase(env, name, []tensor.Shape{w, b}, w), octave: octave, at: at}
}

// share returns |b_jc| of the output's channel c and what is added to it in the divisor.
func (b *Balance) share(bs []float32, c int) (own, others float64) {
	octaves, n := b.In[1][0], b.In[1][1]
	for k := range octaves {
		v := float64(bs[k*n+b.at+c])
		if v < 0 {
			v = -v
		}
		if k == b.octave {
			own = v
		} else {
			others += v
		}
	}
	return own, others + balanceEps
}

// Do makes the output.
func (b *Balance) Do(vs ...G.Value) (G.Value, error) {
	in, err := b.Read(vs)
	if err != nil {
		return nil, err
	}
	y := b.Output()
	n := len(b.Y) / b.Out[0]
	for c := range b.Out[0] {
		own, others := b.share(in[1], c)
		f := float32(own / (own + others))
		for i, w := range in[0][c*n:][:n] {
			b.Y[c*n+i] = f * w
		}
	}
	return y, nil
}
