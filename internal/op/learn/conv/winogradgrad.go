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

// inputGrad writes or adds rows [r, end) of the gradient of the input, for the whole gradient of
// the output g (out, h, w), to dx, which begins with them. r is a multiple of a tile's rows times
// the dilation.
func (t *winogradGrad) inputGrad(dx kernel.Planes, g []float32, r, end int, acc bool, s *Scratch) {
	s.winograd = append(s.winograd[:0], op.Planes{X: g, N: t.out, Stride: t.h * t.w, Pitch: t.w, Hi: t.h})
	for q := range min(t.dilation, end-r) {
		dst := kernel.Planes{X: dx.X[q*t.w:], Stride: dx.Stride, Pitch: t.dilation * t.w}
		var e winograd.End
		if acc {
			e.Start = dst
		}
		t.toInput.Rows(dst, s.winograd, q, op.Block{Hi: t.in, From: r / t.dilation, To: (end - q + t.dilation - 1) / t.dilation}, e, s.Arena)
	}
}

// weightGrad adds to part ([input][tap][output]) the weights' gradient for the gradient g
// of the output and the input x, whose channels lie gs and xs apart.
func (t *winogradGrad) weightGrad(part, x []float32, xs int, g []float32, gs int, s *Scratch) {
	mark, plane, n := s.Mark(), winograd.Points*t.run, winograd.Points*t.tilesAtOnce
	v := s.Get(t.dilation + t.in*plane + winograd.Slack)
	y := s.Get(t.out * plane)
	zeros := s.Zeros(t.w)
	// Zeros before, between and after rows of v, and between those of y.
	clear(v[:t.dilation])
	pointwise.CopyRows(kernel.Rows(v[t.dilation+t.w:], t.pitch), kernel.Rows(zeros, 0), t.dilation, t.in*n)
	pointwise.CopyRows(kernel.Rows(y[t.w:], t.pitch), kernel.Rows(zeros, 0), t.dilation, t.out*n)
	du := s.Get(winograd.Points * 3 * t.in * t.out)
	clear(du)
	tiles := 0
	for q := range t.dilation {
		for k := range t.tilesOf(q) {
			var in [winograd.Points]winograd.Row
			var out [winograd.Rows]winograd.Row
			row := func(m []float32, stride, r int) winograd.Row {
				if r *= t.dilation; r+q < 0 || r+q >= t.h {
					return winograd.Row{X: zeros}
				}
				return winograd.Row{X: m[(r+q)*t.w:], Stride: stride}
			}
			for j := range in {
				in[j] = row(x, xs, k*winograd.Rows+j-1)
			}
			for j := range out {
				out[j] = row(g, gs, k*winograd.Rows+j)
			}
			at := tiles * t.pitch
			winograd.In(&kernel.Planes{X: v[t.dilation+at:], Stride: plane, Pitch: t.run}, &in, t.w, t.in)
			winograd.GradIn(&kernel.Planes{X: y[at:], Stride: plane, Pitch: t.run}, &out, t.w, t.out)
			if tiles++; tiles == t.tilesAtOnce {
				t.sumTiles(du, v, y, tiles)
				tiles = 0
			}
		}
	}
	t.sumTiles(du, v, y, tiles)
	t.taps.Add(&kernel.Planes{X: part, Stride: 9 * t.out, Pitch: 3 * t.out}, du, 3*t.out, t.in)
	s.Release(mark)
}

// sumTiles adds to du the products of so many tiles' transformed rows.
func (t *winogradGrad) sumTiles(du, v, y []float32, tiles int) {
	size, run := 3*t.in*t.out, tiles*t.pitch-t.dilation
	for k := 0; k < winograd.Points && tiles > 0; k++ {
		dense.ConvGrad(kernel.Packed(du[k*size:], t.out), kernel.Rows(v[k*t.run:], run), t.off, &kernel.Planes{X: y[k*t.run:], Stride: winograd.Points * t.run, Pitch: run}, run, 1)
	}
}
