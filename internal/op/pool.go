package op

import (
	"csnet/internal/kernel"

	"gorgonia.org/tensor"
)

// pool makes, in evaluation, what several convs of a gOctConv read: an octave
// average-pooled or max-pooled, with zeros around.
type pool struct {
	c, h, w int  // of the result within its border
	f       int  // windows are f x f
	avg     bool // the mean, of 2x2, instead of the maximum
	in, out int  // zeros around the input and the result
}

// NewPool returns the op that pools windows of f x f of x (B, C, H, W), the
// largest value or, with avg, for f = 2, the mean: (B, C, h, w), with border
// zeros on each side of it. Of x the outer border rows and columns are left out
// if bordered. It has no gradient.
func NewPool(env *Env, name string, x tensor.Shape, avg bool, f, border int, bordered bool) *Fused {
	p := &pool{c: x[1], f: f, avg: avg, out: border}
	if bordered {
		p.in = border
	}
	p.h, p.w = (x[2]-2*p.in)/f, (x[3]-2*p.in)/f
	h, w := p.h+2*border, p.w+2*border
	o := &Fused{env: env, eval: p, srcs: []*Norm{nil}, nx: 1, b: x[0], c: p.c, hw: h * w}
	o.base = base{name: name, id: env.id(), in: []tensor.Shape{x}, out: tensor.Shape{x[0], p.c, h, w}}
	return o
}

// SharesPools reports whether the outputs of a gOctConv had better read the same
// pools, by the height of the finest one: in small maps they take little, and
// threads share the channels of what reads them.
func SharesPools(h int) bool { return h > fewRows }

func (p *pool) fold([][]float32, act) {}

func (p *pool) align() int { return 1 }

func (p *pool) memory() int { return 0 }

func (p *pool) reads(_, from, to int) (lo, hi int) {
	return (from-p.out)*p.f + p.in, (to-p.out)*p.f + p.in
}

func (p *pool) rows(dst []float32, stride int, xs []input, m *memo, _ *scratch, from, to int) {
	x, wp, pitch := xs[0], p.w+2*p.out, p.w*p.f+2*p.in
	lo, hi := min(max(from, p.out), to), max(min(to, p.h+p.out), from)
	channels := m.hi - m.lo
	for c := range channels {
		d := dst[c*stride:][:(to-from)*wp]
		clear(d[:(lo-from)*wp])
		clear(d[(max(lo, hi)-from)*wp:])
		for at := (lo - from) * wp; p.out > 0 && at < (hi-from)*wp; at += wp {
			zeros(d[at:][:p.out])
			zeros(d[at+wp-p.out:][:p.out])
		}
	}
	if lo >= hi {
		return
	}
	inner, src := dst[(lo-from)*wp+p.out:], x.x[((lo-p.out)*p.f+p.in-x.first)*pitch+p.in:]
	if p.avg {
		kernel.AvgPool2Rows(inner, stride, wp, src, x.hw, pitch, p.w, hi-lo, channels)
		return
	}
	kernel.MaxPoolRows(inner, stride, wp, src, x.hw, pitch, p.w, hi-lo, channels, p.f)
}

// zeros clears few floats.
func zeros(d []float32) {
	if len(d) == 1 {
		d[0] = 0 // not worth a call
		return
	}
	clear(d)
}
