package kernel

import (
	"fmt"
	"math"
	"testing"
)

// slowWinogradIn is WinogradIn as its comment says it; abs takes magnitudes.
func slowWinogradIn(dst []float32, ds, dk int, x *[WinogradPoints]Row, n, planes int, abs bool) {
	const a, b = 5. / 8, 3. / 2
	minus := -1.
	if abs {
		minus = 1
	}
	for p := range planes {
		for i := range n {
			var d [WinogradPoints]float64
			for j := range d {
				d[j] = float64(x[j].X[p*x[j].Stride+i])
				if abs {
					d[j] = math.Abs(d[j])
				}
			}
			for k, v := range [WinogradPoints]float64{
				d[4] + minus*(a*a+b*b)*d[2] + a*a*b*b*d[0],
				d[4] + minus*b*b*d[2] + a*(d[3]+minus*b*b*d[1]),
				d[4] + minus*b*b*d[2] + minus*a*(d[3]+minus*b*b*d[1]),
				d[4] + minus*a*a*d[2] + b*(d[3]+minus*a*a*d[1]),
				d[4] + minus*a*a*d[2] + minus*b*(d[3]+minus*a*a*d[1]),
				d[5] + minus*(a*a+b*b)*d[3] + a*a*b*b*d[1],
			} {
				dst[p*ds+k*dk+i] = float32(v)
			}
		}
	}
}

func TestWinogradIn(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for n := 1; n <= 70; n++ {
			r, planes := newRand(n), 1+n%3
			dk := n + n%4
			ds := (WinogradPoints-1)*dk + n + n%5
			var x [WinogradPoints]Row
			var vs []vector
			for j := range x {
				stride := (n + j) * ((n + j) % 4) // 0: the same row for all planes
				v := m.vector(t, (planes-1)*stride+n, (n+j)%16).random(r)
				x[j], vs = Row{v.data, stride}, append(vs, v)
			}
			dst := m.vector(t, (planes-1)*ds+(WinogradPoints-1)*dk+n, n%16)
			want, scale := clone(dst.data), clone(dst.data)
			slowWinogradIn(want, ds, dk, &x, n, planes, false)
			slowWinogradIn(scale, ds, dk, &x, n, planes, true)
			WinogradIn(dst.data, ds, dk, &x, n, planes)
			same(t, fmt.Sprintf("winograd in %d, %d planes: dst", n, planes), dst.data, want, scale)
			for _, v := range append(vs, dst) {
				v.check(t)
			}
		}
	})
}

// TestWinogradGrad: the gradients of vertical taps by way of the points are those
// of the plain sum: for rows x, gradients g and taps y, the sum of x[r+y]*g[r].
func TestWinogradGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for n := 1; n <= 70; n++ {
			r, planes := newRand(n), 1+n%3
			dk := n + n%4
			ds := WinogradPoints*dk + n%5
			var gs [WinogradRows]Row
			var xs [WinogradPoints]Row
			var vs []vector
			row := func(j int) Row {
				stride := (n + j) * ((n + j) % 4)
				v := m.vector(t, (planes-1)*stride+n, (n+j)%16).random(r)
				vs = append(vs, v)
				return Row{v.data, stride}
			}
			for j := range xs {
				xs[j] = row(j)
			}
			for j := range gs {
				gs[j] = row(j + 6)
			}
			x, g := m.vector(t, (planes-1)*ds+(WinogradPoints-1)*dk+n, n%16), m.vector(t, (planes-1)*ds+(WinogradPoints-1)*dk+n, (n+1)%16)
			WinogradIn(x.data, ds, dk, &xs, n, planes)
			WinogradGradIn(g.data, ds, dk, &gs, n, planes)
			for _, v := range append(vs, x, g) {
				v.check(t)
			}
			// One tap for every plane and column.
			du := make([]float32, WinogradPoints*planes*n)
			for k := range WinogradPoints {
				for p := range planes {
					for i := range n {
						at := p*ds + k*dk + i
						du[(k*planes+p)*n+i] = x.data[at] * g.data[at]
					}
				}
			}
			dst := m.vector(t, 3*planes*n, n%7).random(r)
			want, scale := clone(dst.data), magnitudes(dst.data)
			for p := range planes {
				for y := range 3 {
					for i := range n {
						at := (p*3+y)*n + i
						s, abs := float64(want[at]), float64(scale[at])
						for j := range gs {
							v := float64(xs[j+y].X[p*xs[j+y].Stride+i]) * float64(gs[j].X[p*gs[j].Stride+i])
							s, abs = s+v, abs+math.Abs(v)
						}
						// The terms that cancel are some times as large.
						for j := range xs {
							abs += math.Abs(float64(xs[j].X[p*xs[j].Stride+i]) * float64(gs[j%4].X[p*gs[j%4].Stride+i]))
						}
						want[at], scale[at] = float32(s), float32(8*abs)
					}
				}
			}
			NewWinogradTapGrads(planes*n).Add(dst.data, 3*n, n, du, n, planes)
			same(t, fmt.Sprintf("winograd gradient of %d, %d planes", n, planes), dst.data, want, scale)
			dst.check(t)
		}
	})
}

// winogradCase is a 3x3 convolution over padded planes, rows of output skip to
// rows of some tiles.
type winogradCase struct{ channels, oc, n, skip, rows, dil, gap int }

func winogradCases() []winogradCase {
	var cs []winogradCase
	for n := 1; n <= 90; n++ {
		rows := 1 + n%13
		cs = append(cs, winogradCase{1 + n%3, 1 + n%13, n, min(n%5%4, rows-1), rows, 1 + n%4, n % 4})
	}
	return append(cs, winogradCase{10, 19, 112, 0, 12, 1, 0}, winogradCase{34, 24, 56, 0, 8, 1, 0}, winogradCase{24, 4, 56, 0, 7, 8, 3})
}

// winogradData is what WinogradAct takes for a case.
type winogradData struct {
	x, v, w, dst, scratch vector
	g                     []float32 // vertical taps, [tap][3][output]
	off                   []int32
	pitch, tiles          int
	plane, xp             int // of x: (rows of tiles + 2) rows
	ds, dp                int
	e                     *WinogradEnd
	extras                []vector
}

func (c winogradCase) data(t *testing.T, m memory, seed int) *winogradData {
	r := newRand(seed)
	d := &winogradData{pitch: c.n + c.dil, tiles: (c.rows + WinogradRows - 1) / WinogradRows}
	d.xp = c.n
	d.plane = d.xp * (d.tiles*WinogradRows + 2)
	d.x = m.vector(t, c.channels*d.plane, seed%16).random(r)
	size := d.tiles * WinogradPoints * d.pitch
	d.v = m.vector(t, c.dil+c.channels*size+WinogradSlack, (seed+1)%16)
	clear(d.v.data)
	for k := range d.tiles {
		var rows [WinogradPoints]Row
		for j := range rows {
			rows[j] = Row{d.x.data[(k*WinogradRows+j)*d.xp:], d.plane}
		}
		WinogradIn(d.v.data[c.dil+k*WinogradPoints*d.pitch:], size, d.pitch, &rows, c.n, c.channels)
	}
	for ch := range c.channels {
		for x := range 3 {
			d.off = append(d.off, int32(ch*size+x*c.dil))
		}
	}
	d.g = make([]float32, 3*len(d.off)*c.oc)
	d.w = m.vector(t, WinogradPoints*len(d.off)*c.oc, seed%7)
	for q := range d.off {
		for o := range c.oc {
			g := [3]float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}
			for y, v := range g {
				d.g[(3*q+y)*c.oc+o] = v
			}
			for k, u := range WinogradTaps(g[0], g[1], g[2]) {
				d.w.data[(k*len(d.off)+q)*c.oc+o] = u
			}
		}
	}
	d.dp = c.n + c.gap
	rows := c.rows - c.skip
	d.ds = d.dp*rows + c.gap
	d.dst = m.vector(t, (c.oc-1)*d.ds+(rows-1)*d.dp+c.n, (seed+5)%16)
	for o := range c.oc {
		d.dst.plane(r, o*d.ds, d.dp, c.n, rows)
	}
	d.scratch = m.vector(t, WinogradScratch(c.n), 0)
	d.e = &WinogradEnd{}
	if seed%4 > 0 {
		v := m.vector(t, c.oc, seed%5).random(r)
		d.e.Bias, d.extras = v.data, append(d.extras, v)
	}
	if seed%3 > 0 {
		v := m.vector(t, c.oc, seed%3).random(r)
		for o, s := range v.data {
			if seed%2 == 0 { // none above 1
				v.data[o] = min(s, 1)
			}
		}
		d.e.Slope, d.extras = v.data, append(d.extras, v)
	}
	if seed%5 < 2 {
		d.e.SP = c.n + seed%3
		d.e.SS = d.tiles * WinogradRows * d.e.SP
		v := m.vector(t, (c.oc-1)*d.e.SS+(rows-1)*d.e.SP+c.n, seed%11).random(r)
		d.e.Start, d.extras = v.data, append(d.extras, v)
	}
	return d
}

// direct is the convolution by its plain sum, with start and PReLU; abs takes
// magnitudes throughout.
func (c winogradCase) direct(dst []float32, d *winogradData, want []float32) {
	abs := want != nil
	mag := func(v float32) float64 {
		if abs {
			return math.Abs(float64(v))
		}
		return float64(v)
	}
	for o := range c.oc {
		for r := c.skip; r < c.rows; r++ {
			for i := range c.n {
				var s float64
				switch {
				case d.e.Start != nil:
					s = mag(d.e.Start[o*d.e.SS+(r-c.skip)*d.e.SP+i])
				case d.e.Bias != nil:
					s = mag(d.e.Bias[o])
				}
				for q := range d.off {
					ch, col := q/3, i+(q%3-1)*c.dil
					if col < 0 || col >= c.n {
						continue
					}
					for y := range 3 {
						s += mag(d.g[(3*q+y)*c.oc+o]) * mag(d.x.data[ch*d.plane+(r+y)*d.xp+col])
					}
				}
				at := o*d.ds + (r-c.skip)*d.dp + i
				if d.e.Slope != nil {
					if abs {
						s *= max(1, mag(d.e.Slope[o]))
					} else if s < 0 {
						s *= float64(d.e.Slope[o])
					}
				}
				dst[at] = float32(s)
			}
		}
	}
}

// TestWinograd compares the whole way, taps, planes and sums, with the plain sum.
// Errors of F(4, 3) with these points are up to some 1.4e-6 of the sum's
// magnitudes (Barabasz et al.: about 1.5 times those of the plain sum); a wrong
// coefficient anywhere is far outside.
func TestWinograd(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, c := range winogradCases() {
			d := c.data(t, m, i)
			want, scale := clone(d.dst.data), clone(d.dst.data)
			c.direct(want, d, nil)
			c.direct(scale, d, want)
			for k, v := range scale {
				if math.Float32bits(v) != guard {
					scale[k] = 3 * v
				}
			}
			WinogradAct(d.dst.data, d.ds, d.dp, d.v.data, d.pitch, WinogradPoints*d.pitch, d.off, d.w.data, c.oc, c.oc, c.n, c.skip, c.rows, d.e, d.scratch.data)
			same(t, fmt.Sprintf("winograd %+v: dst", c), d.dst.data, want, scale)
			for _, v := range append(d.extras, d.v, d.w, d.dst, d.scratch) {
				v.check(t)
			}
		}
	})
}

// TestWinogradCuts: an element's bits do not depend on how tiles and outputs are
// cut, nor on which rows of a tile are wanted.
func TestWinogradCuts(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		c := winogradCase{5, 13, 61, 0, 11, 1, 0}
		d := c.data(t, m, 26)
		e := d.e
		run := func(dst []float32, o, oc, t, skip, rows int) {
			row := t*WinogradRows + skip
			part := *e
			if e.Bias != nil {
				part.Bias = e.Bias[o:]
			}
			if e.Slope != nil {
				part.Slope = e.Slope[o:]
			}
			if e.Start != nil {
				part.Start = e.Start[o*e.SS+row*e.SP:]
			}
			WinogradAct(dst[o*d.ds+row*d.dp:], d.ds, d.dp, d.v.data[t*WinogradPoints*d.pitch:], d.pitch, WinogradPoints*d.pitch, d.off, d.w.data[o:], c.oc, oc, c.n, skip, rows, &part, d.scratch.data)
		}
		whole, parts := make([]float32, len(d.dst.data)), make([]float32, len(d.dst.data))
		run(whole, 0, c.oc, 0, 0, c.rows)
		for o := range c.oc {
			for y := range c.rows {
				run(parts, o, 1, y/WinogradRows, y%WinogradRows, y%WinogradRows+1)
			}
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("element %d: %v in one, %v in parts", i, whole[i], parts[i])
			}
		}
	})
}

func BenchmarkWinograd(b *testing.B) {
	for _, c := range []winogradCase{{10, 19, 112, 0, 16, 1, 0}, {34, 24, 56, 0, 8, 1, 0}, {3, 8, 224, 0, 16, 1, 0}, {24, 4, 56, 0, 28, 1, 0}} {
		b.Run(fmt.Sprintf("%dto%dat%dx%d", c.channels, c.oc, c.rows, c.n), func(b *testing.B) {
			pitch, tiles := c.n+1, c.rows/WinogradRows
			size := tiles * WinogradPoints * pitch
			var off []int32
			for k := range 3 * c.channels {
				off = append(off, int32(k/3*size+k%3))
			}
			v, w, y := ones(c.channels*size+2+WinogradSlack), ones(WinogradPoints*len(off)*c.oc), ones(c.oc*c.n*c.rows)
			scratch, e := ones(WinogradScratch(c.n)), &WinogradEnd{Bias: w, Slope: w}
			// GMAC/s of the plain sum.
			bench(b, 3*len(off)*len(y), len(v)+len(y), func() {
				WinogradAct(y, c.n*c.rows, c.n, v, pitch, WinogradPoints*pitch, off, w, c.oc, c.oc, c.n, 0, c.rows, e, scratch)
			})
		})
	}
}
