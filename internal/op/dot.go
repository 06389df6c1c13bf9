package op

import (
	"csnet/internal/kernel"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Dot is the scalar sum over k of the inner product of input k with the
// constant Rs[k]: the loss of gradient checks. Of inputs made by training ops
// with a norm it takes the map after norm and PReLU.
type Dot struct {
	base
	rs   [][]float32
	srcs []*Norm
	loss G.F32
	sum  float64
}

// NewDot returns the op for inputs of shapes xs (B, C, ...), made by ops with
// the norms srcs (nil: all without).
func NewDot(env *Env, name string, xs []tensor.Shape, srcs []*Norm, rs [][]float32) *Dot {
	d := &Dot{rs: rs, srcs: srcs}
	d.base = base{name: name, id: env.id(), in: xs, out: tensor.ScalarShape()}
	return d
}

// OutputSize is 0: the scalar needs no buffer.
func (d *Dot) OutputSize() int { return 0 }

// Sum is the last result in float64.
func (d *Dot) Sum() float64 { return d.sum }

// Do returns the sum.
func (d *Dot) Do(vs ...G.Value) (G.Value, error) {
	in, err := d.floats(vs)
	if err != nil {
		return nil, err
	}
	d.sum = 0
	for k, x := range in {
		x = d.read(k, x)
		for i, v := range x {
			d.sum += float64(v) * float64(d.rs[k][i])
		}
	}
	d.loss = G.F32(d.sum)
	return &d.loss, nil
}

// read returns input k as its readers see it.
func (d *Dot) read(k int, x []float32) []float32 {
	if d.srcs == nil || d.srcs[k] == nil {
		return x
	}
	b, n := d.base.in[k][0], d.srcs[k]
	y := make([]float32, len(x))
	m := len(x) / b
	for i := range b {
		n.apply(y[i*m:][:m], x[i*m:][:m], m/len(n.a))
	}
	return y
}

// DoDiff adds Rs to the gradients.
func (d *Dot) DoDiff(_ G.ExecutionContext, inputs G.Nodes, _ *G.Node) error {
	for k, n := range inputs {
		g, err := gradOf(n)
		if err != nil {
			return err
		}
		kernel.Add(g, d.rs[k])
	}
	return nil
}
