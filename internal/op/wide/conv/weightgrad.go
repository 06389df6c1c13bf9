package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
)

// weightGrad adds the gradient of the weights of the term at hand, whose map is x, to dw.
func (b *backward) weightGrad(dw, x []float32) {
	t := b.t
	if t.wide() {
		b.weightGradWide(dw, x)
		return
	}
	if t.grad == nil {
		t.grad = make([]float32, t.term.weights())
	}
	clear(t.grad)
	for i := range b.batch {
		b.dst = b.ofTerm(t.term, b.dy, i)
		b.src.read(b.env, t.term.source(b.env, b.part(x, i)))
		b.env.Run(op.Parts, b.tasks.toWeights)
	}
	b.weights = dw
	b.env.Run(op.Parts, b.tasks.unpack)
}

// toWeights adds one image's part of the gradient of part i of a narrow term's weights.
// Parts are multiples of the four taps that the kernel sums at a time.
func (b *backward) toWeights(_, i int) {
	t, s := b.t, &b.src
	off := t.term.off
	fours := (len(off) + 3) / 4
	lo, hi := 4*op.Cut(fours, i, op.Parts), min(4*op.Cut(fours, i+1, op.Parts), len(off))
	if lo >= hi {
		return
	}
	g := kernel.Planes{X: b.dst, Stride: b.area(), Pitch: s.n}
	dense.ConvGrad(kernel.Packed(t.grad[lo*t.Out:], t.Out), s.kernelPlanes(0), off[lo:hi], &g, s.n, s.rows)
}
