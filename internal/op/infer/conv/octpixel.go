package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
)

// OctThenPixel is an Oct and a 1x1 convolution of one output over its map, which is not
// written. The outputs of the Oct go by some at a time, so that what their rows begin
// with stays in the cache.
type OctThenPixel struct {
	*Oct
	pixel *path
	bias  []float32
}

// NewOctThenPixel returns pixel, a convolution of one output over the map of oct, with
// oct as its first half, and whether that can be. The weights of oct are packed by itself;
// where the answer is yes, oct must not run by itself any more.
func NewOctThenPixel(oct, pixel Conv) (*OctThenPixel, bool) {
	c, ok := oct.(*Oct)
	if !ok || c.winograd != nil || len(c.direct) > 1 {
		return nil, false
	}
	p, ok := pixel.(*Oct)
	if !ok || p.Out != 1 || len(p.paths) != 1 || !p.paths[0].Pointwise() || p.paths[0].Up > 1 {
		return nil, false
	}
	c.plan(min(op.PixelOutputs, c.Out))
	return &OctThenPixel{Oct: c, pixel: &p.paths[0]}, true
}

// Pack packs the weights of the 1x1 convolution alone.
func (d *OctThenPixel) Pack(ws [][]float32, e Epilogue) {
	pack(d.pixel.weights, d.pixel.Filter, ws[0], e)
	d.bias = e.Bias
}

// StateFloats is 0: the terms are in scratch memory.
func (d *OctThenPixel) StateFloats() int { return 0 }

// Rows is as in Conv, with one output channel.
func (d *OctThenPixel) Rows(dst []float32, _ int, xs []Input, _ *State, s *Scratch, from, to int) {
	c := d.Oct
	for lo := 0; lo < c.Out; lo += op.PixelOutputs {
		mark, hi := s.Mark(), min(lo+op.PixelOutputs, c.Out)
		st := &State{Lo: lo, Hi: hi, Terms: s.Get((hi - lo) * c.terms.stride)}
		s.reduce = dense.Reduce{W: d.pixel.weights[lo:], Acc: lo > 0}
		if d.bias != nil {
			s.reduce.Bias = d.bias[0]
		}
		for r := from; r < to; r += c.groupRows {
			inner, end := s.Mark(), min(r+c.groupRows, to)
			c.prepareTerms(st, xs, s, r, end)
			d.sumRows(dst[(r-from)*c.W:], xs, st, s, r, end)
			s.Release(inner)
			st.started = true
		}
		s.Release(mark)
	}
}

// sumRows adds the outputs [st.Lo, st.Hi) of rows [from, to), times their weights, to
// dst.
func (d *OctThenPixel) sumRows(dst []float32, xs []Input, st *State, s *Scratch, from, to int) {
	c := d.Oct
	a := dense.Act{Slope: c.epilogue.from(st.Lo).Slope}
	c.startSums(&a, st, from, to, s)
	rows := to - from
	s.reduce.Scratch = s.Get(4 * rows * c.W)
	if len(c.direct) == 0 {
		dense.ConvReduce(kernel.Rows(dst, c.W), &kernel.Planes{}, nil, &kernel.Weights{Outputs: st.Hi - st.Lo}, c.W, rows, &a, &s.reduce)
		return
	}
	i := c.direct[0]
	p := &c.paths[i]
	x, xp := p.padded.planes(xs[i], s, from, to)
	a.Prefetch = p.padded.prefetchDistance(xs[i])
	dense.ConvReduce(kernel.Rows(dst, c.W), kernel.Rows(x, xp), p.taps(xs[i], s), c.weights(p, st), c.W, rows, &a, &s.reduce)
}
