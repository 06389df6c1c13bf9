package op

import "csnet/internal/kernel"

// dotted is, in evaluation, a conv of one output over the maps of an OctConv, run
// together: these are not kept. Outputs of the OctConv go by some at a time, so
// that what their rows start from stays in the cache.
type dotted struct {
	*OctConv
	last *path // the conv over the maps
	bias []float32
}

// dottedOutputs is how many outputs of the OctConv go at a time: whole blocks of
// the kernels.
const dottedOutputs = 20

// Dot makes the op, a 1x1 convolution with one output over the map of before,
// which nobody else reads, run that one along, and reports whether it can. It
// then reads the inputs of before.
func (f *Fused) Dot(before *Fused) bool {
	c, ok := before.eval.(*OctConv)
	l, fine := f.eval.(*OctConv)
	if !ok || !fine || f.train || f.nx != 1 || f.norm != nil || l.cout != 1 || !l.paths[0].plain() || l.paths[0].up > 1 {
		return false
	}
	if c.eval.tiles != nil || len(c.eval.direct) > 1 {
		return false
	}
	c.eval = octEval{}
	c.plan(min(dottedOutputs, c.cout))
	f.eval, f.inner = &dotted{OctConv: c, last: &l.paths[0]}, before
	before.outer = f
	return true
}

// fold packs the weights of the conv over the maps; the OctConv's op packs its own.
func (d *dotted) fold(ws [][]float32, a act) {
	d.last.fold(ws[0], a)
	d.bias = a.bias
}

func (d *dotted) memory() int { return 0 }

func (d *dotted) rows(dst []float32, _ int, xs []input, _ *memo, s *scratch, from, to int) {
	c, e := d.OctConv, &d.eval
	for lo := 0; lo < c.cout; lo += dottedOutputs {
		used, hi := s.used, min(lo+dottedOutputs, c.cout)
		m := &memo{lo: lo, hi: hi, z: s.get((hi - lo) * e.rises.stride)}
		s.dot = kernel.Dot{W: d.last.fwd[lo:], Acc: lo > 0}
		if d.bias != nil {
			s.dot.Bias = d.bias[0]
		}
		for r := from; r < to; r += e.group {
			kept, end := s.used, min(r+e.group, to)
			for k, i := range e.coarse {
				c.lift(m, k, xs[i], s, r, end)
				s.used = kept
			}
			d.sums(dst[(r-from)*c.w:], xs, m, s, r, end)
			s.used = kept
			m.begun = true
		}
		s.used = used
	}
}

// sums adds outputs m.lo up to m.hi, of rows from up to to, to dst.
func (d *dotted) sums(dst []float32, xs []input, m *memo, s *scratch, from, to int) {
	c, e := d.OctConv, &d.eval
	a := kernel.Act{Slope: e.act.from(m.lo).slope}
	c.start(&a, m, from, to, s)
	rows := to - from
	scratch := s.get(4 * rows * c.w)
	if len(e.direct) == 0 {
		kernel.DenseDot(dst, c.w, nil, 0, nil, nil, 0, m.hi-m.lo, c.w, rows, &a, &s.dot, scratch)
		return
	}
	i := e.direct[0]
	p := &c.paths[i]
	x, xp := p.feed.planes(xs[i], s, from, to)
	a.Ahead = p.feed.ahead(xs[i])
	kernel.DenseDot(dst, c.w, x, xp, p.taps(xs[i], s), p.fwd[m.lo:], c.cout, m.hi-m.lo, c.w, rows, &a, &s.dot, scratch)
}
