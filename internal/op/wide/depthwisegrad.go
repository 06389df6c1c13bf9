package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/depthwise"

	G "gorgonia.org/gorgonia"
)

// depthwiseGrad is what a Depthwise is at work on in the backward pass.
type depthwiseGrad struct {
	dx, dy []float32    // the gradients of map, nil where unwanted, and output
	parts  [][9]float32 // of the weights' gradient, per image and channel
	task   func(thread, i int)
}

// DoDiff adds the gradients of map and weights.
func (d *Depthwise) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	if _, err := d.ReadNodes(inputs); err != nil {
		return err
	}
	ds, dy, err := d.Grads(inputs, output)
	if err != nil {
		return err
	}
	b := &d.backward
	if b.parts == nil {
		b.parts, b.task = make([][9]float32, d.batch*d.c), d.planeGrad
	}
	b.dx, b.dy = ds[0], dy
	d.env.Run(d.batch*d.c, b.task)
	if dw := ds[1]; dw != nil {
		for i, p := range b.parts {
			for k, v := range p {
				dw[i%d.c*9+k] += v * d.scale
			}
		}
	}
	return nil
}

// planeGrad makes what plane i of image and channel gives to the gradients.
func (d *Depthwise) planeGrad(thread, i int) {
	a, b := d.env.Arena(thread), &d.backward
	a.Reset()
	n := d.h * d.w
	b.parts[i] = [9]float32{}
	depthwise.ConvGrad(&b.parts[i], d.padded(a, d.Xs[0], i), kernel.Rows(b.dy[i*n:][:n], d.w), d.w, d.h, [2]depthwise.Next{})
	if b.dx == nil {
		return
	}
	w := d.weights(i%d.c, true)
	dx := a.Get(n)
	depthwise.Conv(kernel.Rows(dx, d.w), d.padded(a, b.dy, i), &w, d.w, d.h, depthwise.Next{})
	for k, v := range dx {
		b.dx[i*n+k] += v
	}
}
