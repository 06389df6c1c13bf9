package tail

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/channels"
	"csnet/internal/kernel/gemm"
	"csnet/internal/kernel/winograd2d"
	"csnet/internal/op"
	"csnet/internal/op/wide"
	"csnet/internal/op/wide/matmul"

	"gorgonia.org/tensor"
)

// octave is one of the maps, and how what it gives comes to the size of the finest.
type octave struct {
	c, h, w int
	x       []float32 // the map of the image at hand, pixel by pixel
	pitch   int       // floats between its pixels
	weights []float32 // packed, group by group
	rows    []wide.Mix
	line    channels.Line
}

func newOctave(m, finest tensor.Shape, columns int) octave {
	o := octave{c: m[1], h: m[2], w: m[3], pitch: matmul.Pitch(m[1]), rows: wide.Mixes(m[2], finest[2], false)}
	for _, x := range wide.Mixes(m[3], finest[3], false) {
		o.line.At = append(o.line.At, int32(x.A*columns), int32(x.B*columns))
		o.line.F = append(o.line.F, 1-x.T, x.T)
	}
	return o
}

// turn makes part i of the maps, of each op.Parts, pixel by pixel.
func (t *Tail) turn(_, i int) {
	k, part := i/op.Parts, i%op.Parts
	o := &t.octaves[k]
	area := o.h * o.w
	from, to := op.Cut(area, part, op.Parts), op.Cut(area, part+1, op.Parts)
	if from < to {
		winograd2d.Transpose(o.x[from*o.pitch:], o.pitch, t.Xs[k][t.image*o.c*area+from:], area, o.c, to-from)
	}
}

// ofGroup are the weights of a group.
func (o *octave) ofGroup(g, columns int) []float32 { return o.weights[g*o.c*columns:][:o.c*columns] }

// sum returns the channels that are summed by themselves as sum number s.
func (o *octave) sum(s int) (from, to int) {
	return s * matmul.SumLength, min((s+1)*matmul.SumLength, o.c)
}

// multiply makes what n pixels from the one at first on give to the channels of group g, or
// adds it to dst.
func (o *octave) multiply(dst []float32, g, columns, first, n int, acc bool) {
	w := o.ofGroup(g, columns)
	for s := range matmul.Sums(o.c) {
		from, to := o.sum(s)
		x := kernel.Rows(o.x[first*o.pitch+from:], o.pitch)
		gemm.MulRows(kernel.Rows(dst, columns), x, w[from*columns:], n, columns, to-from, acc || s > 0)
	}
}
