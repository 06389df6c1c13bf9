package op

import (
	"csnet/internal/kernel"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BCE is the mean binary cross entropy of logits and targets of equal shape,
// stable for logits of any size. Output: a scalar.
type BCE struct {
	base
	env   *Env
	n     int
	parts []float64
	loss  G.F32
	mean  float64
}

// NewBCE returns the op for logits and targets of shape x (B, ...).
func NewBCE(env *Env, name string, x tensor.Shape) *BCE {
	b := &BCE{env: env, n: x.TotalSize(), parts: make([]float64, x[0])}
	b.base = base{name: name, id: env.id(), in: []tensor.Shape{x, x}, out: tensor.ScalarShape()}
	return b
}

// OutputSize is 0: the scalar needs no buffer.
func (b *BCE) OutputSize() int { return 0 }

// Loss is the last loss in float64.
func (b *BCE) Loss() float64 { return b.mean }

// Do returns the loss.
func (b *BCE) Do(vs ...G.Value) (G.Value, error) {
	in, err := b.floats(vs)
	if err != nil {
		return nil, err
	}
	m := b.n / len(b.parts)
	b.env.run(len(b.parts), func(_ *scratch, i int) {
		b.parts[i] = kernel.BCE(in[0][i*m:][:m], in[1][i*m:][:m])
	})
	b.mean = 0
	for _, p := range b.parts {
		b.mean += p
	}
	b.mean /= float64(b.n)
	b.loss = G.F32(b.mean)
	return &b.loss, nil
}

// DoDiff adds the gradient of the logits.
func (b *BCE) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := b.nodeFloats(inputs)
	if err != nil {
		return err
	}
	dx, err := gradOf(inputs[0])
	if err != nil {
		return err
	}
	scale := 1.0
	if g, err := output.Grad(); err == nil {
		if v, ok := g.Data().(float32); ok {
			scale = float64(v)
		}
	}
	m := b.n / len(b.parts)
	b.env.run(len(b.parts), func(_ *scratch, i int) {
		kernel.BCEGrad(dx[i*m:][:m], in[0][i*m:][:m], in[1][i*m:][:m], scale/float64(b.n))
	})
	return nil
}
