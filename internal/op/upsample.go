package op

import (
	"csnet/internal/kernel"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Upsample upsamples (B, C, H, W) f times, bilinear with half-pixel centres
// and clamped edges.
type Upsample struct {
	base
	env     *Env
	planes  int
	h, w, f int
	src     []float32               // of this run
	part    func(s *scratch, i int) // rows of the source planes, f of the result each
	dx, dy  []float32               // gradients of this run
	grad    func(s *scratch, i int) // of a source plane
}

// NewUpsample returns the op for inputs of shape x.
func NewUpsample(env *Env, name string, x tensor.Shape, f int) *Upsample {
	h, w := x[2], x[3]
	u := &Upsample{env: env, planes: x[0] * x[1], h: h, w: w, f: f}
	u.base = base{name: name, id: env.id(), in: []tensor.Shape{x}, out: tensor.Shape{x[0], x[1], x[2] * f, x[3] * f}}
	u.part = func(s *scratch, i int) {
		n, m := h*w, h*f*w*f
		for k := i * u.planes * h / u.parts(); k < (i+1)*u.planes*h/u.parts(); k++ {
			plane, y := k/h, k%h*f
			kernel.UpsampleRows(u.y[plane*m+y*w*f:][:f*w*f], u.src[plane*n:][:n], h, w, f, y, y+f, false, s.get(w))
			s.used = 0
		}
	}
	u.grad = func(s *scratch, i int) {
		n, m := h*w, h*f*w*f
		kernel.UpsampleGradRows(u.dx[i*n:], n, u.dy[i*m:], m, h, w, f, 0, h*f, 1, s.get((w+3)*f))
	}
	return u
}

// parts is how many parts the threads share, a few each.
func (u *Upsample) parts() int { return min(u.planes*u.h, 2*u.env.Threads()) }

// Do runs it forward.
func (u *Upsample) Do(vs ...G.Value) (G.Value, error) {
	in, err := u.floats(vs)
	if err != nil {
		return nil, err
	}
	y := u.output()
	u.src = in[0]
	u.env.run(u.parts(), u.part)
	return y, nil
}

// DoDiff adds the gradient of the input.
func (u *Upsample) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	ds, dy, err := u.grads(inputs, output)
	if err != nil || ds[0] == nil {
		return err
	}
	u.dx, u.dy = ds[0], dy
	u.env.run(u.planes, u.grad)
	return nil
}

// Finite reports whether the output is.
func (u *Upsample) Finite() bool { return finite(u.y) }
