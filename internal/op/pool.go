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
	for c := range m.hi - m.lo {
		d := dst[c*stride:][:(to-from)*wp]
		clear(d[:(lo-from)*wp])
		if lo < hi {
			p.sides(d[(lo-from)*wp:], hi-lo)
			src := x.x[c*x.hw+((lo-p.out)*p.f+p.in-x.first)*pitch+p.in:]
			if inner := d[(lo-from)*wp+p.out:]; p.avg {
				kernel.AvgPool2Rows(inner, wp, src, pitch, p.w, hi-lo)
			} else {
				kernel.MaxPoolRows(inner, wp, src, pitch, p.w, hi-lo, p.f)
			}
		}
		clear(d[(max(lo, hi)-from)*wp:])
	}
}

// sides clears the border left and right of rows.
func (p *pool) sides(d []float32, rows int) {
	wp := p.w + 2*p.out
	for y := range rows {
		clear(d[y*wp:][:p.out])
		clear(d[y*wp+p.out+p.w:][:p.out])
	}
}
