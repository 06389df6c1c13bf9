package op

import (
	"csnet/internal/kernel/pointwise"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BCE is the mean binary cross entropy of logits and targets of equal shape,
// stable for logits of any size, or the mean over the images of other LossTerms.
// Output: a scalar.
type BCE struct {
	Base
	env   *Env
	n     int       // values of all ranks' images
	parts []float64 // of the own images
	all   []float64 // of all ranks' images, those of parts among them
	loss  G.F32
	mean  float64
	dx    []float32 // gradient of the logits
	scale float64   // of the gradient

	image, imageGrad func(thread, i int)
}

// NewBCE returns the op for logits and targets of shape x (B, ..., H, W).
func NewBCE(env *Env, name string, x tensor.Shape, terms LossTerms) *BCE {
	b := &BCE{env: env, n: env.Images(x.TotalSize())}
	b.all, b.parts = Spread[float64](env, x[0], 1)
	b.Base = NewBase(env, name, []tensor.Shape{x, x}, tensor.ScalarShape())
	m := b.n / len(b.all)
	b.image = func(_, i int) { b.parts[i] = pointwise.BCE(b.Xs[0][i*m:][:m], b.Xs[1][i*m:][:m]) }
	b.imageGrad = func(_, i int) {
		pointwise.BCEGrad(b.dx[i*m:][:m], b.Xs[0][i*m:][:m], b.Xs[1][i*m:][:m], b.scale/float64(b.n))
	}
	if !terms.plain() {
		b.useTerms(terms, x)
	}
	return b
}

// useTerms makes the op work out the terms instead: part i is image i's loss.
func (b *BCE) useTerms(terms LossTerms, x tensor.Shape) {
	h, w := x[len(x)-2], x[len(x)-1]
	images, m := make([]imageLoss, len(b.parts)), b.n/len(b.all)
	b.image = func(_, i int) {
		images[i].terms = terms
		b.parts[i] = float64(m) * images[i].forward(b.Xs[0][i*m:][:m], b.Xs[1][i*m:][:m], h, w)
	}
	b.imageGrad = func(_, i int) {
		images[i].backward(b.dx[i*m:][:m], b.Xs[0][i*m:][:m], b.Xs[1][i*m:][:m], h, w, b.scale/float64(len(b.all)))
	}
}

// OutputSize is 0: the scalar needs no buffer.
func (b *BCE) OutputSize() int { return 0 }

// Loss is the last loss in float64.
func (b *BCE) Loss() float64 { return b.mean }

// Do returns the loss.
func (b *BCE) Do(vs ...G.Value) (G.Value, error) {
	if _, err := b.Read(vs); err != nil {
		return nil, err
	}
	b.env.Run(len(b.parts), b.image)
	if err := Gather(b.env, b.String(), b.all); err != nil {
		return nil, err
	}
	b.mean = 0
	for _, p := range b.all {
		b.mean += p
	}
	b.mean /= float64(b.n)
	b.loss = G.F32(b.mean)
	return &b.loss, nil
}

// DoDiff adds the gradient of the logits.
func (b *BCE) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	if _, err := b.ReadNodes(inputs); err != nil {
		return err
	}
	dx, err := GradOf(inputs[0])
	if err != nil {
		return err
	}
	b.dx, b.scale = dx, 1
	if g, err := output.Grad(); err == nil {
		if v, ok := g.(*G.F32); ok {
			b.scale = float64(*v)
		} else if v, ok := g.Data().(float32); ok {
			b.scale = float64(v)
		}
	}
	b.env.Run(len(b.parts), b.imageGrad)
	return nil
}
