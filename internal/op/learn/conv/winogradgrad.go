package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
	"csnet/internal/pages"
)

// winogradGrad is the gradients of a 3x3 convolution of whole maps by Winograd's F(4, 3):
// that of its input, which is a convolution of the output's gradient with the kernel
// turned by 180 degrees, and that of its weights. The convolution itself is a plain sum in
// training: what F(4, 3) adds to its rounding is little, but norms over few values make
// much of it in the gradients (docs/adr/0005).
type winogradGrad struct {
	in, out, h, w, dilation int
	toInput                 *op.Winograd // takes the output's gradient to the input's

	// For the weights' gradient some tiles' rows of one point of the transform lie in one
	// run, with zeros between them.
	tilesAtOnce, pitch, run int
	off                     []int32
	taps                    winograd.TapGrads
}

// newWinogradGrad returns the gradients of the convolution of maps of h x w, nil where
// they had better be plain sums.
func newWinogradGrad(in, out, h, w, dilation int, m *pages.Pool) *winogradGrad {
	if in < op.MinWinogradOutputs || out < op.MinWinogradOutputs || !op.WinogradPays(h, dilation) {
		return nil
	}
	t := &winogradGrad{in: in, out: out, h: h, w: w, dilation: dilation}
	t.toInput = op.NewWinograd(out, in, w, dilation, 0, m)
	tiles := 0
	for q := range dilation {
		tiles += t.tilesOf(q)
	}
	t.pitch = w + dilation
	t.tilesAtOnce = min(max(op.WinogradGradFloats/((in+out)*winograd.Points*t.pitch), 1), tiles)
	t.run = t.tilesAtOnce * t.pitch
	t.taps = winograd.NewTapGrads(3 * in * out)
	for c := range in {
		for x := range 3 {
			t.off = append(t.off, int32(c*winograd.Points*t.run+x*dilation))
		}
	}
	return t
}

// rowsOf is how many rows of the map have the remainder q by the dilation.
func (t *winogradGrad) rowsOf(q int) int { return (t.h - q + t.dilation - 1) / t.dilation }

// tilesOf is how many tiles these rows make.
func (t *winogradGrad) tilesOf(q int) int {
	return (t.rowsOf(q) + winograd.Rows - 1) / winograd.Rows
}

// inputGrad writes or adds rows [r, end) of the gradient of the input to dx, which begins with
// them. g holds the gradient of the output there, and a dilation above and below unless the map
// ends. r is a multiple of a tile's rows times the dilation.
func (t *winogradGrad) inputGrad(dx kernel.Planes, g op.Planes, r, end int, acc bool, s *Scratch) {
	s.winograd = append(s.winograd[:0], g)
	for q := range min(t.dilation, end-r) {
		dst := kernel.Planes{X: dx.X[q*t.w:], Stride: dx.Stride, Pitch: t.dilation * t.w}
		var e winograd.End
		if acc {
			e.Start = dst
		}
		t.toInput.Rows(dst, s.winograd, q, op.Block{Hi: t.in, From: r / t.dilation, To: (end - q + t.dilation - 1) / t.dilation}, e, s.Arena)
	}
}

// whole is g (out, h, w), the whole gradient of the output, as inputGrad takes it.
func (t *winogradGrad) whole(g []float32) op.Planes {
	return op.Planes{X: g, N: t.out, Stride: t.h * t.w, Pitch: t.w, Hi: t.h}
}

// weightGrad adds to part ([input][tap][output]) the weights' gradient for the gradient g
// of the output, whose channels lie gs apart, and the input x.
func (t *winogradGrad) weightGrad(part []float32, x kernel.Planes, g []float32, gs int, s *Scratch) {
	mark, sums := s.Mark(), t.sums(s)
	for q := range t.dilation {
		for k := range t.tilesOf(q) {
			sums.tile(q, k, x, kernel.Planes{X: g, Stride: gs, Pitch: t.w}, 0)
		}
	}
	sums.addTo(part)
	s.Release(mark)
}

// tileSums takes the sums of a weights' gradient, some tiles at a time.
type tileSums struct {
	*winogradGrad
	v, y, du []float32 // the transformed rows of input and output, and the sums
	zeros    []float32
	tiles    int // in v and y
}

// sums returns sums of nothing, in scratch memory.
func (t *winogradGrad) sums(s *Scratch) tileSums {
	plane, n := winograd.Points*t.run, winograd.Points*t.tilesAtOnce
	a := tileSums{winogradGrad: t, zeros: s.Zeros(t.w)}
	a.v = s.Get(t.dilation + t.in*plane + winograd.Slack)
	a.y = s.Get(t.out * plane)
	// Zeros before, between and after rows of v, and between those of y.
	clear(a.v[:t.dilation])
	pointwise.CopyRows(kernel.Rows(a.v[t.dilation+t.w:], t.pitch), kernel.Rows(a.zeros, 0), t.dilation, t.in*n)
	pointwise.CopyRows(kernel.Rows(a.y[t.w:], t.pitch), kernel.Rows(a.zeros, 0), t.dilation, t.out*n)
	a.du = s.Get(winograd.Points * 3 * t.in * t.out)
	clear(a.du)
	return a
}

// tile adds tile k of the rows with the remainder q: of the input x and of the gradient g of the
// output, which begins with row first.
func (a *tileSums) tile(q, k int, x, g kernel.Planes, first int) {
	var in [winograd.Points]winograd.Row
	var out [winograd.Rows]winograd.Row
	row := func(m *kernel.Planes, first, r int) winograd.Row {
		if r *= a.dilation; r+q < 0 || r+q >= a.h {
			return winograd.Row{X: a.zeros}
		}
		return winograd.Row{X: m.X[(r+q-first)*m.Pitch:], Stride: m.Stride}
	}
	for j := range in {
		in[j] = row(&x, 0, k*winograd.Rows+j-1)
	}
	for j := range out {
		out[j] = row(&g, first, k*winograd.Rows+j)
	}
	at, plane := a.tiles*a.pitch, winograd.Points*a.run
	winograd.In(&kernel.Planes{X: a.v[a.dilation+at:], Stride: plane, Pitch: a.run}, &in, a.w, a.in)
	winograd.GradIn(&kernel.Planes{X: a.y[at:], Stride: plane, Pitch: a.run}, &out, a.w, a.out)
	if a.tiles++; a.tiles == a.tilesAtOnce {
		a.sumTiles()
	}
}

// sumTiles adds to du the products of the tiles' transformed rows.
func (a *tileSums) sumTiles() {
	size, run := 3*a.in*a.out, a.tiles*a.pitch-a.dilation
	for k := 0; k < winograd.Points && a.tiles > 0; k++ {
		dense.ConvGrad(kernel.Packed(a.du[k*size:], a.out), kernel.Rows(a.v[k*a.run:], run), a.off, &kernel.Planes{X: a.y[k*a.run:], Stride: winograd.Points * a.run, Pitch: run}, run, 1)
	}
	a.tiles = 0
}

// addTo adds the sums to part.
func (a *tileSums) addTo(part []float32) {
	a.sumTiles()
	a.taps.Add(&kernel.Planes{X: part, Stride: 9 * a.out, Pitch: 3 * a.out}, a.du, 3*a.out, a.in)
}
