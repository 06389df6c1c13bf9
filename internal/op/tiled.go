package op

import "csnet/internal/kernel"

// tiled is a 3x3 convolution in training, of whole maps, by Winograd's F(4, 3):
// the convolution, the gradient of its input, which is one of the output's
// gradient with the kernel turned by 180 degrees, and that of its weights.
type tiled struct {
	cin, cout, h, w, dil int
	fwd, bwd             *winograd
	// Rows of the weights' gradient, by point and tile: as those of fwd, but all
	// tiles of a point in one run.
	tiles, pitch, run int
	off               []int32
}

// newTiled returns the convolution of maps of h x w, nil where its gradients had
// better be plain sums.
func newTiled(cin, cout, h, w, dil int) *tiled {
	if cin < leastWinograd || cout < leastWinograd || h < 2*kernel.WinogradRows*dil {
		return nil
	}
	t := &tiled{cin: cin, cout: cout, h: h, w: w, dil: dil}
	t.fwd, t.bwd = newWinograd(cin, cout, w, dil, 0), newWinograd(cout, cin, w, dil, 0)
	for q := range dil {
		t.tiles += t.tilesOf(q)
	}
	t.pitch = w + dil
	t.run = t.tiles * t.pitch
	for c := range cin {
		for x := range 3 {
			t.off = append(t.off, int32(c*kernel.WinogradPoints*t.run+x*dil))
		}
	}
	return t
}

// rowsOf is how many rows of the map have the remainder q by the dilation.
func (t *tiled) rowsOf(q int) int { return (t.h - q + t.dil - 1) / t.dil }

func (t *tiled) tilesOf(q int) int {
	return (t.rowsOf(q) + kernel.WinogradRows - 1) / kernel.WinogradRows
}

// set packs the weights w times scale.
func (t *tiled) set(w []float32, scale float32) {
	t.fwd.fold(0, t.cin, w, act{}, scale)
	t.bwd.turn(w, scale)
}

// turn packs the weights w (cin, cout, 3, 3) of the convolution of which this one
// takes the output's gradient to the input's, times scale.
func (g *winograd) turn(w []float32, scale float32) {
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

// conv writes or adds the conv by g, fwd or bwd, of x to dst (outputs, h, w).
func (t *tiled) conv(g *winograd, dst, x []float32, xs int, acc bool, s *scratch) {
	s.planes = append(s.planes[:0], planes{x: x, n: g.cin, stride: xs, pitch: t.w, hi: t.h})
	n := t.h * t.w
	for q := range t.dil {
		var e kernel.WinogradEnd
		if acc {
			e = kernel.WinogradEnd{Start: dst[q*t.w:], SS: n, SP: t.dil * t.w}
		}
		g.rows(dst[q*t.w:], n, t.dil*t.w, s.planes, q, 0, g.cout, 0, t.rowsOf(q), e, s)
	}
}

// weightGrad adds to part ([input][tap][output]) the weights' gradient for the
// gradient g of the output and the input x, channels gs and xs apart.
func (t *tiled) weightGrad(part, x []float32, xs int, g []float32, gs int, s *scratch) {
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
	kernel.WinogradTapGrads(part, 9*t.cout, 3*t.cout, du, size, 3*t.cout, t.cin)
	s.used = used
}
