package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"

	G "gorgonia.org/gorgonia"
)

// DoDiff adds the gradients of maps, weights and bias.
func (c *Conv) DoDiff(_ G.ExecutionContext, inputs G.Nodes, output *G.Node) error {
	in, err := c.ReadNodes(inputs)
	if err != nil {
		return err
	}
	ds, dy, err := c.Grads(inputs, output)
	if err != nil {
		return err
	}
	if c.fold != nil && c.fold.Relu {
		c.dst = dy
		c.env.Run(parts, c.tasks.relu)
	}
	for _, d := range ds[c.maps:c.weightsFrom()] {
		if d != nil {
			pointwise.Add(d, dy)
		}
	}
	if d := ds[len(ds)-1]; c.bias && d != nil {
		for i := range c.batch * c.c {
			d[i%c.c] += float32(pointwise.Sum(dy[i*c.area():][:c.area()]))
		}
	}
	for k, t := range c.terms {
		c.t = t
		if dw := ds[c.weightsFrom()+k]; dw != nil {
			c.weightGrad(t, dw, in[t.Map], dy)
		}
		if dx := ds[t.Map]; dx != nil {
			c.inputGrad(t, dx, in[c.weightsFrom()+k], dy)
		}
	}
	return nil
}

// maskPart makes part i of the gradient 0 where the ReLU gave 0.
func (c *Conv) maskPart(_, i int) {
	from, to := cut(len(c.Y), i, parts), cut(len(c.Y), i+1, parts)
	dy := c.dst[from:to]
	for k, v := range c.Y[from:to] {
		if !(v > 0) {
			dy[k] = 0
		}
	}
}

// weightGrad adds the gradient of the term's weights to dw.
func (c *Conv) weightGrad(t *term, dw, x, dy []float32) {
	if t.wide() {
		c.weightGradWide(t, dw, x, dy)
		return
	}
	if t.grad == nil {
		t.grad = make([]float32, len(t.packed))
	}
	clear(t.grad)
	for i := range c.batch {
		c.dst = c.part(dy, i)[t.At*c.area():]
		c.read(t.source(c.env, c.part(x, i)))
		c.env.Run(parts, c.tasks.toWeights)
	}
	c.weights = dw
	c.env.Run(parts, c.tasks.unpack)
}

// toWeights adds one image's part of the gradient of part i of the weights. Parts are
// multiples of the four taps that the kernel sums at a time.
func (c *Conv) toWeights(_, i int) {
	t, s := c.t, &c.src
	fours := (len(t.off) + 3) / 4
	lo, hi := 4*cut(fours, i, parts), min(4*cut(fours, i+1, parts), len(t.off))
	if lo >= hi {
		return
	}
	g := kernel.Planes{X: c.dst, Stride: c.area(), Pitch: s.n}
	dense.ConvGrad(kernel.Packed(t.grad[lo*t.Out:], t.Out), s.kernelPlanes(0), t.off[lo:hi], &g, s.n, s.rows)
}

// inputGrad adds the gradient of the term's map to dx.
func (c *Conv) inputGrad(t *term, dx, w, dy []float32) {
	if t.wide() {
		c.inputGradWide(t, dx, w, dy)
		return
	}
	if t.turned == nil {
		t.turned = make([]float32, len(t.packed))
	}
	c.weights = w
	c.env.Run(parts, c.tasks.turn)
	for i := range c.batch {
		c.dst = c.part(dx, i)
		c.read(t.gradSource(c.env, c.part(dy, i)[t.At*c.area():][:t.Out*c.area()]))
		c.env.Run(parts, c.tasks.toInput)
	}
}

// toInput adds part i of one image's gradient of the map.
func (c *Conv) toInput(thread, i int) {
	t, s := c.t, &c.src
	if t.gathered() {
		c.scatterPart(thread, i)
		return
	}
	lo, hi, from, to := share(t.C, t.H, i)
	if hi == lo || to == from {
		return
	}
	dst := kernel.Planes{X: c.dst[lo*t.H*t.W+from*t.W:], Stride: t.H * t.W, Pitch: t.W}
	dense.Conv(&dst, s.kernelPlanes(from), t.back, &kernel.Weights{W: t.turned[lo:], Stride: t.C, Outputs: hi - lo}, s.n, to-from, true)
}

// scatterPart makes what part i of the channels has under each tap and adds it to the map,
// a channel at a time.
func (c *Conv) scatterPart(thread, i int) {
	t, s := c.t, &c.src
	n := len(t.taps)
	a := c.env.Arena(thread)
	a.Reset()
	cols := a.Get(n * s.n)
	for ch := cut(t.C, i, parts); ch < cut(t.C, i+1, parts); ch++ {
		dst := kernel.Planes{X: cols, Stride: s.n, Pitch: s.n}
		dense.Conv(&dst, s.kernelPlanes(0), t.back, &kernel.Weights{W: t.turned[ch*n:], Stride: t.C * n, Outputs: n}, s.n, 1, false)
		t.scatter(c.dst[ch*t.H*t.W:][:t.H*t.W], cols)
	}
}
