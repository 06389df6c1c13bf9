package prenorm

import (
	"unsafe"

	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/kernel/pointwise"
)

// Stored is values as they lie in memory from op to op: in float32, or in 16 bits in mixed
// precision (docs/adr/0014). It is three words, which fit registers: of larger structs the
// compiler makes copies in memory, which wait until all that a kernel has stored before is
// in the cache.
type Stored[H kernel.Half] struct {
	at   unsafe.Pointer
	n    int
	half bool
}

// Values are those of a map before its norm, or of a map without one, which is in float32.
type Values = Stored[kernel.Float16]

// Grads are those of a gradient; one of a map without a norm is in float32.
type Grads = Stored[kernel.BFloat16]

// Floats are the values x, in float32.
func Floats[H kernel.Half](x []float32) Stored[H] {
	return Stored[H]{at: unsafe.Pointer(unsafe.SliceData(x)), n: len(x)}
}

// Halves are the values x, in 16 bits.
func Halves[H kernel.Half](x []H) Stored[H] {
	return Stored[H]{at: unsafe.Pointer(unsafe.SliceData(x)), n: len(x), half: true}
}

// Image returns image i, of n values, of the memory of a batch; half says that it holds
// values in 16 bits.
func Image[H kernel.Half](x []float32, half bool, i, n int) Stored[H] {
	if half {
		return Halves(kernel.Halves[H](x)[i*n:][:n])
	}
	return Floats[H](x[i*n:][:n])
}

// F returns the values where they are in float32, else nil.
func (v Stored[H]) F() []float32 {
	if v.half {
		return nil
	}
	return unsafe.Slice((*float32)(v.at), v.n)
}

// H returns the values where they are in 16 bits, else nil.
func (v Stored[H]) H() []H {
	if !v.half {
		return nil
	}
	return unsafe.Slice((*H)(v.at), v.n)
}

// Len is how many values there are.
func (v Stored[H]) Len() int { return v.n }

// Nil reports that there are none.
func (v Stored[H]) Nil() bool { return v.at == nil }

// From returns the values from number at on, none where there are fewer.
func (v Stored[H]) From(at int) Stored[H] {
	at = min(at, v.n)
	return v.Cut(at, v.n-at)
}

// Cut returns n values from number at on.
func (v Stored[H]) Cut(at, n int) Stored[H] {
	if v.half {
		return Halves(v.H()[at:][:n])
	}
	return Floats[H](v.F()[at:][:n])
}

// Half reports whether they are in 16 bits.
func (v Stored[H]) Half() bool { return v.half }

// Touch has the processor look up where the values lie (pointwise.Touch).
func (v Stored[H]) Touch() {
	if !v.Nil() {
		pointwise.Touch(v.Memory())
	}
}

// Memory is where the values lie, to be prefetched.
func (v Stored[H]) Memory() []float32 {
	if v.half {
		return kernel.Memory(v.H())
	}
	return v.F()
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

// storeValues writes x to to, past the caches where stream says so. It does nothing where x
// is to.
func storeValues(to Values, x []float32, stream bool) {
	switch {
	case !to.half:
		storeFloats(to.F(), x, stream)
	case stream:
		half.StreamFloat16(to.H(), x)
	default:
		half.StoreFloat16(to.H(), x)
	}
}

// storeGrads is storeValues of gradients.
func storeGrads(to Grads, x []float32, stream bool) {
	switch {
	case !to.half:
		storeFloats(to.F(), x, stream)
	case stream:
		half.StreamBFloat16(to.H(), x)
	default:
		half.StoreBFloat16(to.H(), x)
	}
}
