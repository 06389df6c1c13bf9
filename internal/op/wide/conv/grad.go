package conv

import (
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// backward is the backward pass of a Sum and what it is at work on.
type backward struct {
	*Sum
	terms   []*termGrad
	t       *termGrad // the term
	weights []float32 // its weights, or their gradient
	dst     []float32 // of one image: the map's gradient, or the term's part of dy
	dy      []float32 // the output's gradient
	src     reader    // what a narrow term reads
	product product   // of a wide term

	weightProduct weightProduct // of a wide term's weights

	tasks struct {
		relu, turn, unpack, toInput, toWeights, scatter func(thread, i int)
		transpose, packGrad, tapGrad                    func(thread, i int)
	}
}

func newBackward(c *Sum) *backward {
	b := &backward{Sum: c}
	for _, t := range c.terms {
		b.terms = append(b.terms, newTermGrad(t))
	}
	b.product.init(c.env)
	b.product.acc = true
	b.tasks.relu = b.maskPart
	b.tasks.turn = func(_, i int) { b.t.turn(b.weights, b.fold, i) }
	b.tasks.unpack = func(_, i int) { b.t.unpack(b.weights, b.fold, i) }
	b.tasks.toInput, b.tasks.toWeights, b.tasks.scatter = b.toInput, b.toWeights, b.scatterGroup
	b.tasks.transpose, b.tasks.packGrad, b.tasks.tapGrad = b.transpose, b.packGrad, b.tapGrad
	return b
}

// DoDiff adds the gradients of maps, weights and bias.
func (c *Sum) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := c.ReadNodes(inputs)
	if err != nil {
		return err
	}
	ds, dy, err := c.Grads(inputs, output)
	if err != nil {
		return err
	}
	if c.backward == nil {
		c.backward = newBackward(c)
	}
	c.backward.run(in, ds, dy)
	return nil
}

// run adds the gradients ds, nil where unwanted, of the inputs in.
func (b *backward) run(in, ds [][]float32, dy []float32) {
	b.dy = dy
	if b.fold != nil && b.fold.Relu {
		b.env.Run(op.Parts, b.tasks.relu)
	}
	for _, d := range ds[b.maps:b.weightsFrom()] {
		if d != nil {
			pointwise.Add(d, dy)
		}
	}
	if d := ds[len(ds)-1]; b.bias && d != nil {
		for i := range b.batch * b.c {
			d[i%b.c] += float32(pointwise.Sum(dy[i*b.area():][:b.area()]))
		}
	}
	for k, t := range b.terms {
		b.t = t
		if dw := ds[b.weightsFrom()+k]; dw != nil {
			b.weightGrad(dw, in[t.Map])
		}
		if dx := ds[t.Map]; dx != nil {
			b.inputGrad(dx, in[b.weightsFrom()+k])
		}
	}
}

// maskPart makes part i of the gradient 0 where the ReLU gave 0.
func (b *backward) maskPart(_, i int) {
	from, to := op.Cut(len(b.Y), i, op.Parts), op.Cut(len(b.Y), i+1, op.Parts)
	dy := b.dy[from:to]
	for k, v := range b.Y[from:to] {
		if !(v > 0) {
			dy[k] = 0
		}
	}
}
