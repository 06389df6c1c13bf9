package op

import "csnet/internal/kernel"

// octThenPixel is, in evaluation, a conv of one output over the maps of an OctConv, run
// together: these are not kept. Outputs of the OctConv go by some at a time, so
// that what their rows start from stays in the cache.
type octThenPixel struct {
	*OctConv
	pixel *path // the conv over the maps
	bias  []float32
}

// pixelOutputs is how many outputs of the OctConv go at a time: whole blocks of
// the kernels.
const pixelOutputs = 20

// AbsorbOct makes the op, a 1x1 convolution with one output over the map of before,
// which nobody else reads, run that one along, and reports whether it can. It
// then reads the inputs of before.
func (f *Fused) AbsorbOct(before *Fused) bool {
	c, ok := before.infer.(*OctConv)
	l, fine := f.infer.(*OctConv)
	if !ok || !fine || f.train || f.nx != 1 || f.norm != nil || l.cout != 1 || !l.paths[0].plain() || l.paths[0].up > 1 {
		return false
	}
	if c.infer.winograd != nil || len(c.infer.direct) > 1 {
		return false
	}
	c.infer = octInfer{}
	c.planInfer(min(pixelOutputs, c.cout))
	f.infer, f.absorbed = &octThenPixel{OctConv: c, pixel: &l.paths[0]}, before
	before.absorbedBy = f
	return true
}

// packInfer packs the weights of the conv over the maps; the OctConv's op packs its own.
func (d *octThenPixel) packInfer(ws [][]float32, a inferEpilogue) {
	d.pixel.setInfer(ws[0], a)
	d.bias = a.bias
}

func (d *octThenPixel) memory() int { return 0 }

func (d *octThenPixel) rows(dst []float32, _ int, xs []input, _ *rowState, s *scratch, from, to int) {
	c, e := d.OctConv, &d.infer
	for lo := 0; lo < c.cout; lo += pixelOutputs {
		used, hi := s.used, min(lo+pixelOutputs, c.cout)
		m := &rowState{lo: lo, hi: hi, terms: s.get((hi - lo) * e.terms.stride)}
		s.reduce = kernel.Dot{W: d.pixel.fwd[lo:], Acc: lo > 0}
		if d.bias != nil {
			s.reduce.Bias = d.bias[0]
		}
		for r := from; r < to; r += e.groupRows {
			kept, end := s.used, min(r+e.groupRows, to)
			for k, i := range e.coarse {
				c.prepareCoarse(m, k, xs[i], s, r, end)
				s.used = kept
			}
			d.sumRows(dst[(r-from)*c.w:], xs, m, s, r, end)
			s.used = kept
			m.started = true
		}
		s.used = used
	}
}

// sumRows adds outputs m.lo up to m.hi, of rows from up to to, to dst.
func (d *octThenPixel) sumRows(dst []float32, xs []input, m *rowState, s *scratch, from, to int) {
	c, e := d.OctConv, &d.infer
	a := kernel.Act{Slope: e.epilogue.from(m.lo).slope}
	c.startTerms(&a, m, from, to, s)
	rows := to - from
	scratch := s.get(4 * rows * c.w)
	if len(e.direct) == 0 {
		kernel.DenseDot(dst, c.w, nil, 0, nil, nil, 0, m.hi-m.lo, c.w, rows, &a, &s.reduce, scratch)
		return
	}
	i := e.direct[0]
	p := &c.paths[i]
	x, xp := p.padded.planes(xs[i], s, from, to)
	a.Ahead = p.padded.prefetchAhead(xs[i])
	kernel.DenseDot(dst, c.w, x, xp, p.taps(xs[i], s), p.fwd[m.lo:], c.cout, m.hi-m.lo, c.w, rows, &a, &s.reduce, scratch)
}
