package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
)

// inputGrad adds the gradient of the map of the term at hand, whose weights are w, to dx.
func (b *backward) inputGrad(dx, w []float32) {
	t := b.t
	if t.wide() {
		b.inputGradWide(dx, w)
		return
	}
	if t.turned == nil {
		t.turned = make([]float32, t.term.weights())
	}
	b.weights = w
	b.env.Run(op.Parts, b.tasks.turn)
	for i := range b.batch {
		b.dst = b.part(dx, i)
		b.src.read(b.env, t.source(b.env, b.ofTerm(t.term, b.dy, i)))
		b.env.Run(op.Parts, b.tasks.toInput)
	}
}

// toInput adds part i of one image's gradient of a narrow term's map.
func (b *backward) toInput(thread, i int) {
	t, s := b.t, &b.src
	if t.gathered() {
		b.scatterPart(thread, i)
		return
	}
	lo, hi, from, to := share(t.C, t.H, i)
	if hi == lo || to == from {
		return
	}
	dst := kernel.Planes{X: b.dst[lo*t.H*t.W+from*t.W:], Stride: t.H * t.W, Pitch: t.W}
	dense.Conv(&dst, s.kernelPlanes(from), t.off, &kernel.Weights{W: t.turned[lo:], Stride: t.C, Outputs: hi - lo}, s.n, to-from, true)
}

// scatterPart makes what part i of the channels has under each tap and adds it to the map,
// a channel at a time.
func (b *backward) scatterPart(thread, i int) {
	t, s := b.t, &b.src
	n := len(t.taps)
	cols := b.env.scratch(thread, n*s.n)
	for ch := op.Cut(t.C, i, op.Parts); ch < op.Cut(t.C, i+1, op.Parts); ch++ {
		dst := kernel.Planes{X: cols, Stride: s.n, Pitch: s.n}
		dense.Conv(&dst, s.kernelPlanes(0), t.off, &kernel.Weights{W: t.turned[ch*n:], Stride: t.C * n, Outputs: n}, s.n, 1, false)
		t.scatter(b.dst[ch*t.H*t.W:][:t.H*t.W], cols)
	}
}

// inputGradWide is inputGrad of a wide term.
func (b *backward) inputGradWide(dx, w []float32) {
	t, p := b.t, &b.product
	p.pack(&t.product, b.env.get(weights, t.product.PackedFloats()), w, t.matrix(b.fold))
	for i := range b.batch {
		p.dst, p.cols = b.part(dx, i), t.columns(b.ofTerm(t.term, b.dy, i))
		if t.gathered() {
			b.env.Run(t.product.Groups(), b.tasks.scatter)
		} else {
			p.run()
		}
	}
}

// scatterGroup makes what one group of channels has under each tap and adds it to the map.
func (b *backward) scatterGroup(thread, g int) {
	t, r := b.t, &b.product
	lo, hi := r.p.Group(g)
	n, taps := t.oh*t.ow, len(t.taps)
	mark := b.env.scratch(thread, r.p.Scratch()+(hi-lo)*n)
	made := mark[r.p.Scratch():]
	r.p.MultiplyGroup(made, r.matrix, &r.cols, mark[:r.p.Scratch()], g)
	for ch := lo / taps; ch < hi/taps; ch++ {
		t.scatter(r.dst[ch*t.H*t.W:][:t.H*t.W], made[(ch*taps-lo)*n:][:taps*n])
	}
}
