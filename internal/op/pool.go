package op

import (
	"csnet/internal/kernel"

	"gorgonia.org/tensor"
)

// pooling makes, in evaluation, what several convs of a gOctConv read: an octave
// average-pooled or max-pooled.
type pooling struct {
	c, h, w int
	f       int  // windows are f x f
	avg     bool // the mean, of 2x2, instead of the maximum
}

// NewPool returns the op that pools windows of f x f of x (B, C, H, W), the
// largest value or, with avg, for f = 2, the mean: (B, C, H/f, W/f). It has no
// gradient.
func NewPool(env *Env, name string, x tensor.Shape, avg bool, f int) *Fused {
	p := &pooling{c: x[1], h: x[2] / f, w: x[3] / f, f: f, avg: avg}
	o := &Fused{env: env, infer: p, srcs: []*Norm{nil}, nx: 1, b: x[0], c: p.c, hw: p.h * p.w}
	o.base = base{name: name, id: env.id(), in: []tensor.Shape{x}, out: tensor.Shape{x[0], p.c, p.h, p.w}}
	return o
}

// IsPool reports whether the op is a pool.
func (f *Fused) IsPool() bool {
	_, ok := f.infer.(*pooling)
	return ok
}

// SharesPools reports whether the outputs of a gOctConv had better read the same
// pools, by the height of the finest one: in small maps they take little, and
// threads share the channels of what reads them.
func SharesPools(h int) bool { return h > smallMapRows }

func (p *pooling) packInfer([][]float32, inferEpilogue) {}

func (p *pooling) align() int { return 1 }

func (p *pooling) memory() int { return 0 }

func (p *pooling) reads(_, from, to int) (lo, hi int) { return from * p.f, to * p.f }

func (p *pooling) rows(dst []float32, stride int, xs []input, m *rowState, _ *scratch, from, to int) {
	x, pitch := xs[0], p.w*p.f
	src := x.x[(from*p.f-x.first)*pitch:]
	if p.avg {
		kernel.AvgPool2Rows(dst, stride, p.w, src, x.hw, pitch, p.w, to-from, m.hi-m.lo)
		return
	}
	kernel.MaxPoolRows(dst, stride, p.w, src, x.hw, pitch, p.w, to-from, m.hi-m.lo, p.f)
}
