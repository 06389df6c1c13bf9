package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
)

// Pool pools windows of F x F of a map of C channels to (C, H, W): the mean, for F =
// 2, with Avg, otherwise the maximum. It makes what several convolutions of a gOctConv
// read.
type Pool struct {
	C, H, W int
	F       int
	Avg     bool
}

// Pack does nothing: a pool has no weights.
func (p *Pool) Pack([][]float32, Epilogue) {}

// Align is 1.
func (p *Pool) Align() int { return 1 }

// StateFloats is 0.
func (p *Pool) StateFloats() int { return 0 }

// Reads returns the rows of the windows.
func (p *Pool) Reads(_, from, to int) (lo, hi int) { return from * p.F, to * p.F }

// Rows is as in Conv.
func (p *Pool) Rows(dst []float32, stride int, xs []Input, st *State, _ *Scratch, from, to int) {
	x, pitch := xs[0], p.W*p.F
	y := kernel.Planes{X: dst, Stride: stride, Pitch: p.W}
	src := kernel.Planes{X: x.X[(from*p.F-x.First)*pitch:], Stride: x.Stride, Pitch: pitch}
	if p.Avg {
		resample.AvgPool2Rows(&y, &src, p.W, to-from, st.Hi-st.Lo)
		return
	}
	resample.MaxPool(&y, &src, p.W, to-from, st.Hi-st.Lo, p.F)
}
