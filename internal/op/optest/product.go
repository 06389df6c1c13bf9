// Package optest holds ops for tests.
package optest

import (
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
	"csnet/internal/op/learn"
	"csnet/internal/op/learn/prenorm"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// InnerProduct is the sum over k of the inner product of input k with the constant rs[k]: a
// loss whose gradients are known, for gradient checks. Of inputs made by training ops with a
// norm it takes the map after norm and PReLU.
type InnerProduct struct {
	op.Base
	rs    [][]float32
	norms []*prenorm.Norm
	loss  G.F32
	sum   float64
}

// NewInnerProduct returns the op for the nodes ys (B, C, ...).
func NewInnerProduct(env *op.Env, name string, ys []*G.Node, rs [][]float32) *InnerProduct {
	d := &InnerProduct{rs: rs}
	var shapes []tensor.Shape
	for _, y := range ys {
		shapes, d.norms = append(shapes, y.Shape()), append(d.norms, learn.NormOf(y.Op()))
	}
	d.Base = op.NewBase(env, name, shapes, tensor.ScalarShape())
	return d
}

// OutputSize is 0: the scalar needs no buffer.
func (d *InnerProduct) OutputSize() int { return 0 }

// Sum is the last result in float64.
func (d *InnerProduct) Sum() float64 { return d.sum }

// Do returns the sum.
func (d *InnerProduct) Do(vs ...G.Value) (G.Value, error) {
	in, err := d.Read(vs)
	if err != nil {
		return nil, err
	}
	d.sum = 0
	for k, x := range in {
		x = d.applied(k, x)
		for i, v := range x {
			d.sum += float64(v) * float64(d.rs[k][i])
		}
	}
	d.loss = G.F32(d.sum)
	return &d.loss, nil
}

// applied returns input k after norm and PReLU.
func (d *InnerProduct) applied(k int, x []float32) []float32 {
	n := d.norms[k]
	if n == nil {
		return x
	}
	b := d.In[k][0]
	y := make([]float32, len(x))
	m := len(x) / b
	for i := range b {
		n.Apply(y[i*m:][:m], x[i*m:][:m], m/n.Channels())
	}
	return y
}

// DoDiff adds rs to the gradients.
func (d *InnerProduct) DoDiff(_ G.ExecutionContext, inputs G.Nodes, _ *G.Node) error {
	for k, n := range inputs {
		g, err := op.GradOf(n)
		if err != nil {
			return err
		}
		pointwise.Add(g, d.rs[k])
	}
	return nil
}
