package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/depthwise"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Depthwise convolves every channel with 3x3 weights of its own, zero padded.
//
// Inputs: the map (B, C, H, W) and weights (C, 1, 3, 3), which scale multiplies. Output:
// (B, C, H, W).
type Depthwise struct {
	op.Base
	env            *op.Env
	batch, c, h, w int
	scale          float32
	task           func(thread, i int)
	finite         op.FiniteCheck
	backward       depthwiseGrad
}

// NewDepthwise returns the op for maps of shape x.
func NewDepthwise(env *op.Env, name string, x tensor.Shape, scale float32) *Depthwise {
	d := &Depthwise{env: env, batch: x[0], c: x[1], h: x[2], w: x[3], scale: scale}
	d.Base = op.NewBase(env, name, []tensor.Shape{x, {d.c, 1, 3, 3}}, x)
	d.task = d.plane
	return d
}

// Maps is 1.
func (d *Depthwise) Maps() int { return 1 }

// Do makes the output.
func (d *Depthwise) Do(vs ...G.Value) (G.Value, error) {
	if _, err := d.Read(vs); err != nil {
		return nil, err
	}
	y := d.Output()
	d.env.Run(d.batch*d.c, d.task)
	d.finite.Look(d.env, d.Y)
	return y, nil
}

// weights returns the scaled weights of a channel, for the map's gradient turned by half.
func (d *Depthwise) weights(c int, turned bool) (w [9]float32) {
	for k, v := range d.Xs[1][9*c:][:9] {
		if turned {
			k = 8 - k
		}
		w[k] = v * d.scale
	}
	return w
}

// padded returns plane i of x with a border of one.
func (d *Depthwise) padded(a *op.Arena, x []float32, i int) *kernel.Planes {
	p := a.Get((d.h + 2) * (d.w + 2))
	resample.Pad(p, x[i*d.h*d.w:][:d.h*d.w], d.h, d.w, 1)
	return kernel.Rows(p, d.w+2)
}

func (d *Depthwise) plane(thread, i int) {
	a := d.env.Arena(thread)
	a.Reset()
	w := d.weights(i%d.c, false)
	depthwise.Conv(kernel.Rows(d.Y[i*d.h*d.w:][:d.h*d.w], d.w), d.padded(a, d.Xs[0], i), &w, d.w, d.h, depthwise.Next{})
}

// ForwardOnly returns true for the output.
func (d *Depthwise) ForwardOnly(i int) bool { return i < 0 }

// OutputDead returns true.
func (d *Depthwise) OutputDead() bool { return true }

// Finite reports whether all values of the last output were.
func (d *Depthwise) Finite() bool { return d.finite.OK() }
