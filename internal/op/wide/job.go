package wide

import "csnet/internal/kernel"

// job is the product of matrices, and what goes with it, that a Conv is at work on.
type job struct {
	p      *product
	matrix []float32 // of p, packed
	places matrix
	cols   columns
	last   bool      // nothing is added to the outputs after this product
	shared []float32 // all columns, where tasks share them

	grad gradJob
}

// runProduct runs the product at hand.
func (c *Conv) runProduct() {
	if p := c.p; p.shares(&c.cols) {
		c.shared = c.env.get(input, p.k*pitch(p.h*p.w))
		c.env.Run(p.sums(), c.tasks.fill)
	}
	c.env.Run(c.p.bands*c.p.groups, c.tasks.multiply)
}

// fill makes the shared columns of sum i.
func (c *Conv) fill(_, i int) {
	n, s := pitch(c.p.h*c.p.w), i*termsAtOnce
	c.cols.fill(&kernel.Planes{X: c.shared[s*n:], Pitch: n}, s, min(s+termsAtOnce, c.p.k), 0, c.p.h)
}

// multiply makes task i of the product at hand, and what follows the convolution where it is
// the last.
func (c *Conv) multiply(thread, i int) {
	b := c.shared
	if !c.p.shares(&c.cols) {
		b = c.scratch(thread, c.p.scratch())
	}
	lo, hi, from, to := c.p.multiply(c.dst, c.matrix, &c.cols, b, c.acc, i)
	if c.last {
		c.finish(c.t.At+lo, c.t.At+hi, from, to)
	}
}

// scratch is memory of a thread for a task.
func (c *Conv) scratch(thread, n int) []float32 {
	a := c.env.Arena(thread)
	a.Reset()
	return a.Get(n)
}

// inputGradWide adds the gradient of a wide term's map to dx.
func (c *Conv) inputGradWide(t *term, dx, w, dy []float32) {
	c.t, c.weights = t, w
	c.p, c.matrix, c.places = &t.backward, c.env.get(weights, t.backward.m*t.backward.k), t.backMatrix(c.fold)
	c.env.Run(c.p.groups*c.p.sums(), c.tasks.packMatrix)
	c.acc, c.last = true, false
	for i := range c.batch {
		c.dst, c.cols = c.part(dx, i), t.backColumns(c.part(dy, i)[t.At*c.area():][:t.Out*c.area()])
		if t.gathered() {
			c.env.Run(c.p.groups, c.tasks.scatter)
		} else {
			c.runProduct()
		}
	}
}

// scatterGroup makes what one group of channels has under each tap and adds it to the map.
func (c *Conv) scatterGroup(thread, g int) {
	t, p := c.t, c.p
	lo, hi := p.group(g)
	n := p.h * p.w
	a := c.env.Arena(thread)
	a.Reset()
	mark := a.Get(p.scratch() + (hi-lo)*n)
	b, made := mark[:p.scratch()], mark[p.scratch():]
	whole := *p
	whole.m, whole.groups, whole.unit = hi-lo, 1, 1
	whole.multiply(made, c.matrix[lo*p.k:], &c.cols, b, false, 0)
	for ch := lo / p.unit; ch < hi/p.unit; ch++ {
		t.scatter(c.dst[ch*t.H*t.W:][:t.H*t.W], made[(ch*p.unit-lo)*n:][:p.unit*n])
	}
}
