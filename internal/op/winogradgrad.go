package op

import "csnet/internal/kernel"

// winogradGrad is the gradients of a 3x3 convolution of whole maps by Winograd's F(4, 3):
// that of its input, which is a convolution of the output's gradient with the
// kernel turned by 180 degrees, and that of its weights. The convolution itself is
// a plain sum in training: what F(4, 3) adds to its rounding is little, but norms
// over few values make much of it in the gradients.
type winogradGrad struct {
	cin, cout, h, w, dil int
	toInput              *winograd
	// Rows for the weights' gradient, all tiles of a point in one run.
	tiles, pitch, run int
	off               []int32
	taps              kernel.WinogradTapGrads
}

// newWinogradGrad returns the gradients of the convolution of maps of h x w, nil where
// they had better be plain sums.
func newWinogradGrad(cin, cout, h, w, dil int) *winogradGrad {
	if cin < minWinogradOutputs || cout < minWinogradOutputs || !winogradPays(h, dil) {
		return nil
	}
	t := &winogradGrad{cin: cin, cout: cout, h: h, w: w, dil: dil}
	t.toInput = newWinograd(cout, cin, w, dil, 0)
	for q := range dil {
		t.tiles += t.tilesOf(q)
	}
	t.pitch = w + dil
	t.run = t.tiles * t.pitch
	t.taps = kernel.NewWinogradTapGrads(3 * cin * cout)
	for c := range cin {
		for x := range 3 {
			t.off = append(t.off, int32(c*kernel.WinogradPoints*t.run+x*dil))
		}
	}
	return t
}

// rowsOf is how many rows of the map have the remainder q by the dilation.
func (t *winogradGrad) rowsOf(q int) int { return (t.h - q + t.dil - 1) / t.dil }

func (t *winogradGrad) tilesOf(q int) int {
	return (t.rowsOf(q) + kernel.WinogradRows - 1) / kernel.WinogradRows
}

// packTurned packs the weights w (cin, cout, 3, 3) of the convolution of which this one
// takes the output's gradient to the input's, times scale.
func (g *winograd) packTurned(w []float32, scale float32) {
	for c := range g.cin {
		for o := range g.cout {
			k := w[(c*g.cout+o)*9:][:9]
			for x := range 3 {
				for p, u := range kernel.WinogradTaps(scale*k[8-x], scale*k[5-x], scale*k[2-x]) {
					g.u[(p*3*g.cin+3*c+x)*g.cout+o] = u
				}
			}
		}
	}
}

// inputGrad writes or adds the input's gradient for g (cout, h, w) to dx (cin, h,
// w).
func (t *winogradGrad) inputGrad(dx, g []float32, acc bool, s *scratch) {
	n := t.h * t.w
	s.planes = append(s.planes[:0], planes{x: g, n: t.cout, stride: n, pitch: t.w, hi: t.h})
	for q := range t.dil {
		var e kernel.WinogradEnd
		if acc {
			e = kernel.WinogradEnd{Start: dx[q*t.w:], SS: n, SP: t.dil * t.w}
		}
		t.toInput.rows(dx[q*t.w:], n, t.dil*t.w, s.planes, q, 0, t.cin, 0, t.rowsOf(q), e, s)
	}
}

// weightGrad adds to part ([input][tap][output]) the weights' gradient for the
// gradient g of the output and the input x, channels gs and xs apart.
func (t *winogradGrad) weightGrad(part, x []float32, xs int, g []float32, gs int, s *scratch) {
	used, plane := s.used, kernel.WinogradPoints*t.run
	v := s.get(t.dil + t.cin*plane + kernel.WinogradSlack)
	y := s.get(t.cout * plane)
	zeros := s.zeros(t.w)
	// Zeros before, between and after rows of v, and between those of y.
	clear(v[:t.dil])
	kernel.CopyRows(v[t.dil+t.w:], t.pitch, zeros, 0, t.dil, t.cin*kernel.WinogradPoints*t.tiles)
	kernel.CopyRows(y[t.w:], t.pitch, zeros, 0, t.dil, t.cout*kernel.WinogradPoints*t.tiles)
	at := 0
	for q := range t.dil {
		for k := range t.tilesOf(q) {
			var in [kernel.WinogradPoints]kernel.Row
			var out [kernel.WinogradRows]kernel.Row
			row := func(m []float32, stride, r int) kernel.Row {
				if r *= t.dil; r+q < 0 || r+q >= t.h {
					return kernel.Row{X: zeros}
				}
				return kernel.Row{X: m[(r+q)*t.w:], Stride: stride}
			}
			for j := range in {
				in[j] = row(x, xs, k*kernel.WinogradRows+j-1)
			}
			for j := range out {
				out[j] = row(g, gs, k*kernel.WinogradRows+j)
			}
			kernel.WinogradIn(v[t.dil+at:], plane, t.run, &in, t.w, t.cin)
			kernel.WinogradGradIn(y[at:], plane, t.run, &out, t.w, t.cout)
			at += t.pitch
		}
	}
	size := 3 * t.cin * t.cout
	du := s.get(kernel.WinogradPoints * size)
	clear(du)
	for k := range kernel.WinogradPoints {
		run := t.run - t.dil
		kernel.DenseGrad(du[k*size:], t.cout, v[k*t.run:], run, t.off, y[k*t.run:], plane, run, t.cout, run, 1)
	}
	t.taps.Add(part, 9*t.cout, 3*t.cout, du, 3*t.cout, t.cin)
	s.used = used
}
