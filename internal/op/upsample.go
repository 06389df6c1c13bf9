package op

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Upsample upsamples maps (B, C, H, W) by a factor f, bilinear with half-pixel
// centres and clamped edges: (B, C, f*H, f*W).
type Upsample struct {
	Base
	env     *Env
	planes  int // B*C
	h, w, f int
	x       []float32           // the input of this run
	dx, dy  []float32           // the gradients of this run
	part    func(thread, i int) // part i of the output's rows
	grad    func(thread, i int) // gradient of plane i
}

// NewUpsample returns the op for inputs of shape x.
func NewUpsample(env *Env, name string, x tensor.Shape, f int) *Upsample {
	h, w := x[2], x[3]
	u := &Upsample{env: env, planes: x[0] * x[1], h: h, w: w, f: f}
	u.Base = NewBase(env, name, []tensor.Shape{x}, tensor.Shape{x[0], x[1], h * f, w * f})
	u.part = func(thread, i int) {
		n, m, a := h*w, h*f*w*f, env.Arena(thread)
		for k := i * u.planes * h / u.parts(); k < (i+1)*u.planes*h/u.parts(); k++ {
			plane, y := k/h, k%h*f
			a.Reset()
			resample.UpsampleRows(u.Y[plane*m+y*w*f:][:f*w*f], u.x[plane*n:][:n], resample.Upsampling{Height: h, Width: w, Factor: f, From: y, To: y + f}, false, a.Get(w))
		}
	}
	u.grad = func(thread, i int) {
		n, m, a := h*w, h*f*w*f, env.Arena(thread)
		a.Reset()
		resample.UpsampleGradRows(&kernel.Planes{X: u.dx[i*n:], Stride: n}, &kernel.Planes{X: u.dy[i*m:], Stride: m}, resample.Upsampling{Height: h, Width: w, Factor: f, From: 0, To: h * f}, 1, a.Get((w+3)*f))
	}
	return u
}

// parts is the number of parts that the threads share: two each, where there are as
// many rows.
func (u *Upsample) parts() int { return min(u.planes*u.h, 2*u.env.Threads()) }

// Do returns the upsampled maps.
func (u *Upsample) Do(vs ...G.Value) (G.Value, error) {
	in, err := u.Read(vs)
	if err != nil {
		return nil, err
	}
	y := u.Output()
	u.x = in[0]
	u.env.Run(u.parts(), u.part)
	return y, nil
}

// DoDiff adds the gradient of the input.
func (u *Upsample) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := u.Grads(inputs, output)
	if err != nil || ds[0] == nil {
		return err
	}
	u.dx, u.dy = ds[0], dy
	u.env.Run(u.planes, u.grad)
	return nil
}

// Finite reports whether all values of the output are.
func (u *Upsample) Finite() bool { return Finite(u.Y) }
