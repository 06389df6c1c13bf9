package kernel

import (
	"math"
	"unsafe"
)

// Planes are planes of float32 that lie Stride floats apart in X, and their rows
// Pitch floats apart: row r of plane p begins at X[p*Stride + r*Pitch]. How many
// planes and rows there are, and of how many columns, the kernels are told.
//
// Kernels take Planes and Weights by pointer, though they neither keep nor change
// them: the compiler copies values of this size by loads that are wider than the
// stores before them, and the processor then waits some 20 ns, more than a small
// kernel takes. &Planes{...} in a call stays on the caller's stack.
type Planes struct {
	X             []float32
	Stride, Pitch int
}

// Rows is one plane, x, whose rows lie pitch floats apart.
func Rows(x []float32, pitch int) *Planes { return &Planes{X: x, Pitch: pitch} }

// Check panics, as an index would, unless X holds the first planes planes of rows
// rows of n floats. All three are at least 1.
func (p *Planes) Check(planes, rows, n int) {
	_ = p.X[(planes-1)*p.Stride+(rows-1)*p.Pitch+n-1]
}

// CheckTaps panics, as an index would, unless rows rows of n floats from each of the
// offsets off on lie in X.
func (p *Planes) CheckTaps(off []int32, rows, n int) {
	lo, hi := off[0], off[0]
	for _, f := range off {
		lo, hi = min(lo, f), max(hi, f)
	}
	_, _ = p.X[lo], p.X[int(hi)+(rows-1)*p.Pitch+n-1]
}

// Weights are those of a convolution of Outputs outputs, packed tap by tap: the
// weight of tap t for output o is W[t*Stride + o].
type Weights struct {
	W               []float32
	Stride, Outputs int
}

// Packed are weights without gaps: the taps lie outputs floats apart.
func Packed(w []float32, outputs int) *Weights {
	return &Weights{W: w, Stride: outputs, Outputs: outputs}
}

// Check panics, as an index would, unless W holds the weights of so many taps, at
// least 1.
func (w *Weights) Check(taps int) {
	_ = w.W[(taps-1)*w.Stride+w.Outputs-1]
}

// Slack is how many rows further down planes of rows pitch floats apart must reach
// so that a whole vector of the level over the end of a row of n floats stays
// inside them.
func Slack(level Level, n, pitch int) int {
	if pitch <= 0 {
		return math.MaxInt32
	}
	lanes := level.Lanes()
	return (lanes - 1 - (n-1)%lanes + pitch - 1) / pitch
}

// First returns the address of x[0], nil if there is none.
func First(x []float32) *float32 {
	if len(x) == 0 {
		return nil
	}
	return &x[0]
}

// At returns the address of x[i] where it is there, else nil.
func At[T any](x []T, i int, there bool) *T {
	if !there {
		return nil
	}
	return &x[i]
}

// BeforeLine is how many values of x stand before the first that begins a cache line, or len(x).
func BeforeLine[T any](x []T) int {
	const line = 64
	var v T
	bytes := -int(uintptr(unsafe.Pointer(unsafe.SliceData(x)))) & (line - 1)
	return min(bytes/int(unsafe.Sizeof(v)), len(x))
}
