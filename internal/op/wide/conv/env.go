// Package conv holds the convolutions of the nets beyond CSNet's own dialect, whose layers
// may have thousands of channels: an op is a sum of convolutions and maps (Sum), and may take
// in a frozen norm and a ReLU (Frozen).
//
// With many channels a convolution runs as a product of matrices (package matmul), with few
// as kernels that read the map where it lies, with a border of zeros or, where it is strided,
// gathered. Evaluation is sum.go, forward.go and what they use: term.go, source.go, pack.go,
// product.go; the files named *grad.go are the backward pass, of which an op has nothing until
// its first DoDiff.
//
// Maps are (B, C, H, W). Images go one after the other; the tasks that threads share are cut
// by shapes alone, so that any number of threads gives the same bits.
package conv

import "csnet/internal/op"

// Env is an op.Env with scratch memory that the convolutions of a graph share: one runs at
// a time.
type Env struct {
	*op.Env
	shared [buffers][]float32
}

// What the shared memory holds while an op runs.
const (
	input    = iota // the input of a convolution with its border, or its taps gathered
	gradient        // the same of the output's gradient
	weights         // packed weights, or their gradient
	pixels          // a map with the channels of a pixel side by side
	values          // its tiles, evaluated for Winograd, or its values under the taps
	products        // tiles, multiplied
	output          // the output, pixel by pixel
	buffers
)

// NewEnv returns the Env over e.
func NewEnv(e *op.Env) *Env { return &Env{Env: e} }

// get returns n floats of shared memory with any content.
func (e *Env) get(buffer, n int) []float32 {
	if len(e.shared[buffer]) < n {
		e.shared[buffer] = make([]float32, n)
	}
	return e.shared[buffer][:n]
}

// scratch is memory of a thread for a task.
func (e *Env) scratch(thread, n int) []float32 {
	a := e.Arena(thread)
	a.Reset()
	return a.Get(n)
}
