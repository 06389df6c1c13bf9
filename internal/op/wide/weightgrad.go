package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
)

// This file has the gradient of a wide term's weights: a product of matrices too, outputs by
// pixels times pixels by channels, for each tap. The pixels are summed in order,
// termsAtOnce at a time.

// gradJob is the gradient of weights that a Conv is at work on.
type gradJob struct {
	x        []float32 // a map (H*W, C)
	packed   []float32 // the output's gradient, for gemm.Mul: sums by groups
	together bool      // all taps are one task: there are few channels
	groups   int       // into which outputs are cut
	cuts     int       // into which channels are cut
}

// weightGradWide adds the gradient of a wide term's weights to dw.
func (c *Conv) weightGradWide(t *term, dw, x, dy []float32) {
	c.t = t
	j := &c.grad
	n := len(t.taps)
	j.together = t.C < 32
	j.groups, j.cuts = max(1, t.Out/256), 1
	if j.together {
		n = 1
		j.groups = max(1, t.Out/16)
	} else if n*j.groups < parts {
		j.cuts = max(1, min((parts+n*j.groups-1)/(n*j.groups), t.C/96))
	}
	t.grad = c.env.get(weights, t.Out*t.C*len(t.taps))
	clear(t.grad)
	j.x, j.packed = c.env.get(input, t.C*t.H*t.W), c.env.get(gradient, t.Out*c.area())
	for i := range c.batch {
		c.src.from = c.part(x, i)
		c.env.Run(parts, c.tasks.transpose)
		c.dst = c.part(dy, i)[t.At*c.area():][:t.Out*c.area()]
		c.env.Run(j.groups*c.sums(), c.tasks.packGrad)
		c.env.Run(n*j.groups*j.cuts, c.tasks.product)
	}
	c.weights = dw
	c.env.Run(parts, c.tasks.unpack)
	t.grad = nil
}

// sums is into how many sums the pixels are cut.
func (c *Conv) sums() int { return (c.area() + termsAtOnce - 1) / termsAtOnce }

// transpose writes part i of the map's pixels with their channels side by side.
func (c *Conv) transpose(_, i int) {
	area := c.t.H * c.t.W
	from, to := cut(area, i, parts), cut(area, i+1, parts)
	const channels, pixels = 16, 64
	for p := from; p < to; p += pixels {
		end := min(p+pixels, to)
		for ch := 0; ch < c.t.C; ch += channels {
			for k := ch; k < min(ch+channels, c.t.C); k++ {
				at := p*c.t.C + k
				for _, v := range c.src.from[k*area+p : k*area+end] {
					c.grad.x[at] = v
					at += c.t.C
				}
			}
		}
	}
}

// packGrad packs the output's gradient of a group of outputs over the pixels of a sum.
func (c *Conv) packGrad(_, i int) {
	s, g := i/c.grad.groups, i%c.grad.groups
	lo, hi := cut(c.t.Out, g, c.grad.groups), cut(c.t.Out, g+1, c.grad.groups)
	from := s * termsAtOnce
	n := min(termsAtOnce, c.area()-from)
	gemm.Pack(c.grad.packed[from*c.t.Out+lo*n:], c.dst[lo*c.area()+from:], hi-lo, n, c.area(), 1)
}

// gradProduct makes task i of the gradient: some outputs, some channels, one tap or all.
func (c *Conv) gradProduct(thread, i int) {
	j, t := &c.grad, c.t
	g, i := i%j.groups, i/j.groups
	part, tap := i%j.cuts, i/j.cuts
	lo, hi := cut(t.Out, g, j.groups), cut(t.Out, g+1, j.groups)
	first, end := cut(t.C, part, j.cuts), cut(t.C, part+1, j.cuts)
	taps := t.taps[tap : tap+1]
	if j.together {
		taps = t.taps
	}
	wide, columns := len(t.taps)*t.C, len(taps)*(end-first)
	b := kernel.Planes{X: c.scratch(thread, termsAtOnce*pitch(columns)), Pitch: pitch(columns)}
	dst := kernel.Planes{X: t.grad[lo*wide+tap*t.C+first:], Stride: wide}
	for from := 0; from < c.area(); from += termsAtOnce {
		n := min(termsAtOnce, c.area()-from)
		for k := range n {
			c.under(b.X[k*b.Pitch:][:columns], from+k, taps, first, end)
		}
		gemm.Mul(&dst, j.packed[from*t.Out+lo*n:], hi-lo, &b, columns, n, true)
	}
}

// under writes what lies under the taps of a pixel of the output, of channels first to end.
func (c *Conv) under(row []float32, pixel int, taps []int, first, end int) {
	t := c.t
	y, x, n := pixel/t.ow*t.Stride-t.Pad, pixel%t.ow*t.Stride-t.Pad, end-first
	for _, tap := range taps {
		sy, sx := y+tap/t.K*t.Dilation, x+tap%t.K*t.Dilation
		if sy < 0 || sy >= t.H || sx < 0 || sx >= t.W {
			clear(row[:n])
		} else {
			copy(row[:n], c.grad.x[(sy*t.W+sx)*t.C+first:])
		}
		row = row[n:]
	}
}
