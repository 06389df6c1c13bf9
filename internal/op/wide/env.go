// Package wide holds the ops of the nets beyond CSNet's own dialect: the dialects
// resize and octave of gOctConv, group norm, and the layers of large backbones. They
// read whole maps and write a whole map, one after the other, and serve training and
// evaluation alike; the engines infer and learn, which fuse the layers of CSNet's
// dialect, know nothing of them.
//
// Maps are (B, C, H, W). Sums run in an order that shapes set: images one after the
// other, and within an image cuts that no thread decides.
package wide

import (
	"csnet/internal/op"
)

// Env is an op.Env with scratch memory that the ops of a graph share: one runs at a
// time.
type Env struct {
	*op.Env
	shared [buffers][]float32
}

// What the shared memory holds while an op runs.
const (
	input    = iota // the input of a convolution with its border, or its taps gathered
	gradient        // the same of the output's gradient
	weights         // packed weights, or their gradient
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

// parts is into how many parts work is cut at most that threads share: a number that
// does not depend on theirs.
const parts = 8

// cut returns where part i of n things in k parts begins.
func cut(n, i, k int) int { return n * i / k }
