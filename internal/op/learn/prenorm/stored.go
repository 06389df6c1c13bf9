package prenorm

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/kernel/pointwise"
)

// Stored is values as they lie in memory from op to op: in float32, or in 16 bits in mixed
// precision (docs/adr/0014). One of the two is nil.
type Stored[H kernel.Half] struct {
	F []float32
	H []H
}

// Values are those of a map before its norm, or of a map without one, which is in float32.
type Values = Stored[kernel.Float16]

// Grads are those of a gradient; one of a map without a norm is in float32.
type Grads = Stored[kernel.BFloat16]

// Image returns image i, of n values, of the memory of a batch; half says that it holds
// values in 16 bits.
func Image[H kernel.Half](x []float32, half bool, i, n int) Stored[H] {
	if half {
		return Stored[H]{H: kernel.Halves[H](x)[i*n:][:n]}
	}
	return Stored[H]{F: x[i*n:][:n]}
}

// Len is how many values there are.
func (v Stored[H]) Len() int { return max(len(v.F), len(v.H)) }

// Nil reports that there are none.
func (v Stored[H]) Nil() bool { return v.F == nil && v.H == nil }

// From returns the values from number at on, none where there are fewer.
func (v Stored[H]) From(at int) Stored[H] {
	if v.H != nil {
		return Stored[H]{H: v.H[min(at, len(v.H)):]}
	}
	return Stored[H]{F: v.F[min(at, len(v.F)):]}
}

// Cut returns n values from number at on.
func (v Stored[H]) Cut(at, n int) Stored[H] {
	if v.H != nil {
		return Stored[H]{H: v.H[at:][:n]}
	}
	return Stored[H]{F: v.F[at:][:n]}
}

// Memory is where the values lie, to be prefetched.
func (v Stored[H]) Memory() []float32 {
	if v.H != nil {
		return kernel.Memory(v.H)
	}
	return v.F
}

// storeFloats is store of values in float32.
func storeFloats(to, x []float32, stream bool) {
	switch {
	case stream:
		pointwise.Stream(to, x)
	case &to[0] != &x[0]:
		copy(to, x)
	}
}

// storeValues writes x to the values of v from number at on, past the caches where stream
// says so. It does nothing where x is what lies there.
func storeValues(v Values, at int, x []float32, stream bool) {
	switch to := v.Cut(at, len(x)); {
	case to.H == nil:
		storeFloats(to.F, x, stream)
	case stream:
		half.StreamFloat16(to.H, x)
	default:
		half.StoreFloat16(to.H, x)
	}
}

// storeGrads is storeValues of gradients.
func storeGrads(g Grads, at int, x []float32, stream bool) {
	switch to := g.Cut(at, len(x)); {
	case to.H == nil:
		storeFloats(to.F, x, stream)
	case stream:
		half.StreamBFloat16(to.H, x)
	default:
		half.StoreBFloat16(to.H, x)
	}
}
