package conv

import (
	"csnet/internal/kernel/depthwise"
	"csnet/internal/op"
)

// Depthwise is a depthwise 3x3 convolution of one octave. It reads and writes rings.
type Depthwise struct {
	op.Depthwise
	params []float32 // of depthwise.ConvAct
}

// NewDepthwise returns the convolution of this geometry.
func NewDepthwise(g op.Depthwise) *Depthwise {
	return &Depthwise{Depthwise: g, params: make([]float32, g.C*depthwise.Params)}
}

// Pack writes nine weights, a bias and a slope per channel.
func (d *Depthwise) Pack(ws [][]float32, e Epilogue) {
	for c := range d.C {
		p := d.params[c*depthwise.Params:][:depthwise.Params]
		for k := range 9 {
			p[k] = ws[0][c*9+k] * d.Scale * e.scaleOf(c)
		}
		p[9], p[10] = 0, 1
		if e.Bias != nil {
			p[9] = e.Bias[c]
		}
		if e.Slope != nil {
			p[10] = e.Slope[c]
		}
	}
}

// Align is 1.
func (d *Depthwise) Align() int { return 1 }

// StateFloats is 0.
func (d *Depthwise) StateFloats() int { return 0 }

// Reads adds a row above and one below.
func (d *Depthwise) Reads(_, from, to int) (lo, hi int) { return from - 1, to + 1 }

// Rows is as in Conv.
func (d *Depthwise) Rows(dst []float32, stride int, xs []Input, st *State, _ *Scratch, from, to int) {
	y := depthwise.Band{X: dst, Stride: stride, First: from, Ring: st.Ring}
	x := depthwise.Band{X: xs[0].X, Stride: xs[0].Stride, First: xs[0].First, Ring: xs[0].Ring}
	depthwise.ConvAct(y, x, d.params[st.Lo*depthwise.Params:], depthwise.Span{Width: d.W, Height: d.H, From: from, To: to, Planes: st.Hi - st.Lo}, st.Stream)
}
