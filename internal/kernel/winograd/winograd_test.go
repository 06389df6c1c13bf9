package winograd

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// slowWinogradIn is WinogradIn as its comment says it; abs takes magnitudes.
func slowWinogradIn(dst []float32, ds, dk int, x *[Points]Row, n, planes int, abs bool) {
	const a, b = 5. / 8, 3. / 2
	minus := -1.
	if abs {
		minus = 1
	}
	for p := range planes {
		for i := range n {
			var d [Points]float64
			for j := range d {
				d[j] = float64(x[j].X[p*x[j].Stride+i])
				if abs {
					d[j] = math.Abs(d[j])
				}
			}
			for k, v := range [Points]float64{
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
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 70; n++ {
			r, planes := kerneltest.NewRand(n), 1+n%3
			dk := n + n%4
			ds := (Points-1)*dk + n + n%5
			var x [Points]Row
			var vs []kerneltest.Vector
			for j := range x {
				stride := (n + j) * ((n + j) % 4) // 0: the same row for all planes
				v := m.Vector(t, (planes-1)*stride+n, (n+j)%16).Random(r)
				x[j], vs = Row{v.Data, stride}, append(vs, v)
			}
			dst := m.Vector(t, (planes-1)*ds+(Points-1)*dk+n, n%16)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			slowWinogradIn(want, ds, dk, &x, n, planes, false)
			slowWinogradIn(scale, ds, dk, &x, n, planes, true)
			In(&kernel.Planes{X: dst.Data, Stride: ds, Pitch: dk}, &x, n, planes)
			kerneltest.Same(t, fmt.Sprintf("winograd in %d, %d planes: dst", n, planes), dst.Data, want, scale)
			for _, v := range append(vs, dst) {
				v.Check(t)
			}
		}
	})
}

// TestWinogradGrad: the gradients of vertical taps by way of the points are those
// of the plain sum: for rows x, gradients g and taps y, the sum of x[r+y]*g[r].
func TestWinogradGrad(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := 1; n <= 70; n++ {
			r, planes := kerneltest.NewRand(n), 1+n%3
			dk := n + n%4
			ds := Points*dk + n%5
			var gs [Rows]Row
			var xs [Points]Row
			var vs []kerneltest.Vector
			row := func(j int) Row {
				stride := (n + j) * ((n + j) % 4)
				v := m.Vector(t, (planes-1)*stride+n, (n+j)%16).Random(r)
				vs = append(vs, v)
				return Row{v.Data, stride}
			}
			for j := range xs {
				xs[j] = row(j)
			}
			for j := range gs {
				gs[j] = row(j + 6)
			}
			x, g := m.Vector(t, (planes-1)*ds+(Points-1)*dk+n, n%16), m.Vector(t, (planes-1)*ds+(Points-1)*dk+n, (n+1)%16)
			In(&kernel.Planes{X: x.Data, Stride: ds, Pitch: dk}, &xs, n, planes)
			GradIn(&kernel.Planes{X: g.Data, Stride: ds, Pitch: dk}, &gs, n, planes)
			for _, v := range append(vs, x, g) {
				v.Check(t)
			}
			// One tap for every plane and column.
			du := make([]float32, Points*planes*n)
			for k := range Points {
				for p := range planes {
					for i := range n {
						at := p*ds + k*dk + i
						du[(k*planes+p)*n+i] = x.Data[at] * g.Data[at]
					}
				}
			}
			dst := m.Vector(t, 3*planes*n, n%7).Random(r)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
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
			NewTapGrads(planes*n).Add(&kernel.Planes{X: dst.Data, Stride: 3 * n, Pitch: n}, du, n, planes)
			kerneltest.Same(t, fmt.Sprintf("winograd gradient of %d, %d planes", n, planes), dst.Data, want, scale)
			dst.Check(t)
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
	x, v, w, dst, scratch kerneltest.Vector
	g                     []float32 // vertical taps, [tap][3][output]
	off                   []int32
	pitch, tiles          int
	plane, xp             int // of x: (rows of tiles + 2) rows
	ds, dp                int
	e                     *End
	extras                []kerneltest.Vector
}

func (c winogradCase) data(t *testing.T, m kerneltest.Memory, seed int) *winogradData {
	r := kerneltest.NewRand(seed)
	d := &winogradData{pitch: c.n + c.dil, tiles: (c.rows + Rows - 1) / Rows}
	d.xp = c.n
	d.plane = d.xp * (d.tiles*Rows + 2)
	d.x = m.Vector(t, c.channels*d.plane, seed%16).Random(r)
	size := d.tiles * Points * d.pitch
	d.v = m.Vector(t, c.dil+c.channels*size+Slack, (seed+1)%16)
	clear(d.v.Data)
	for k := range d.tiles {
		var rows [Points]Row
		for j := range rows {
			rows[j] = Row{d.x.Data[(k*Rows+j)*d.xp:], d.plane}
		}
		In(&kernel.Planes{X: d.v.Data[c.dil+k*Points*d.pitch:], Stride: size, Pitch: d.pitch}, &rows, c.n, c.channels)
	}
	for ch := range c.channels {
		for x := range 3 {
			d.off = append(d.off, int32(ch*size+x*c.dil))
		}
	}
	d.g = make([]float32, 3*len(d.off)*c.oc)
	d.w = m.Vector(t, Points*len(d.off)*c.oc, seed%7)
	for q := range d.off {
		for o := range c.oc {
			g := [3]float32{float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())}
			for y, v := range g {
				d.g[(3*q+y)*c.oc+o] = v
			}
			for k, u := range Taps(g[0], g[1], g[2]) {
				d.w.Data[(k*len(d.off)+q)*c.oc+o] = u
			}
		}
	}
	d.dp = c.n + c.gap
	rows := c.rows - c.skip
	d.ds = d.dp*rows + c.gap
	d.dst = m.Vector(t, (c.oc-1)*d.ds+(rows-1)*d.dp+c.n, (seed+5)%16)
	for o := range c.oc {
		d.dst.Plane(r, o*d.ds, d.dp, c.n, rows)
	}
	d.scratch = m.Vector(t, Scratch(c.n), 0)
	d.e = &End{Scratch: d.scratch.Data}
	if seed%4 > 0 {
		v := m.Vector(t, c.oc, seed%5).Random(r)
		d.e.Bias, d.extras = v.Data, append(d.extras, v)
	}
	if seed%3 > 0 {
		v := m.Vector(t, c.oc, seed%3).Random(r)
		for o, s := range v.Data {
			if seed%2 == 0 { // none above 1
				v.Data[o] = min(s, 1)
			}
		}
		d.e.Slope, d.extras = v.Data, append(d.extras, v)
	}
	if seed%5 < 2 {
		sp := c.n + seed%3
		ss := d.tiles * Rows * sp
		v := m.Vector(t, (c.oc-1)*ss+(rows-1)*sp+c.n, seed%11).Random(r)
		d.e.Start, d.extras = kernel.Planes{X: v.Data, Stride: ss, Pitch: sp}, append(d.extras, v)
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
				case d.e.Start.X != nil:
					s = mag(d.e.Start.X[o*d.e.Start.Stride+(r-c.skip)*d.e.Start.Pitch+i])
				case d.e.Bias != nil:
					s = mag(d.e.Bias[o])
				}
				for q := range d.off {
					ch, col := q/3, i+(q%3-1)*c.dil
					if col < 0 || col >= c.n {
						continue
					}
					for y := range 3 {
						s += mag(d.g[(3*q+y)*c.oc+o]) * mag(d.x.Data[ch*d.plane+(r+y)*d.xp+col])
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
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, c := range winogradCases() {
			d := c.data(t, m, i)
			want, scale := kerneltest.Clone(d.dst.Data), kerneltest.Clone(d.dst.Data)
			c.direct(want, d, nil)
			c.direct(scale, d, want)
			for k, v := range scale {
				if math.Float32bits(v) != kerneltest.Guard {
					scale[k] = 3 * v
				}
			}
			ConvAct(&kernel.Planes{X: d.dst.Data, Stride: d.ds, Pitch: d.dp}, &kernel.Planes{X: d.v.Data, Stride: Points * d.pitch, Pitch: d.pitch}, d.off, &kernel.Weights{W: d.w.Data, Stride: c.oc, Outputs: c.oc}, c.n, c.skip, c.rows, d.e)
			kerneltest.Same(t, fmt.Sprintf("winograd %+v: dst", c), d.dst.Data, want, scale)
			for _, v := range append(d.extras, d.v, d.w, d.dst, d.scratch) {
				v.Check(t)
			}
		}
	})
}

// TestWinogradCuts: an element's bits do not depend on how tiles and outputs are
// cut, nor on which rows of a tile are wanted.
func TestWinogradCuts(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		c := winogradCase{5, 13, 61, 0, 11, 1, 0}
		d := c.data(t, m, 26)
		e := d.e
		run := func(dst []float32, o, oc, t, skip, rows int) {
			row := t*Rows + skip
			part := *e
			if e.Bias != nil {
				part.Bias = e.Bias[o:]
			}
			if e.Slope != nil {
				part.Slope = e.Slope[o:]
			}
			if e.Start.X != nil {
				part.Start.X = e.Start.X[o*e.Start.Stride+row*e.Start.Pitch:]
			}
			ConvAct(&kernel.Planes{X: dst[o*d.ds+row*d.dp:], Stride: d.ds, Pitch: d.dp}, &kernel.Planes{X: d.v.Data[t*Points*d.pitch:], Stride: Points * d.pitch, Pitch: d.pitch}, d.off, &kernel.Weights{W: d.w.Data[o:], Stride: c.oc, Outputs: oc}, c.n, skip, rows, &part)
		}
		whole, parts := make([]float32, len(d.dst.Data)), make([]float32, len(d.dst.Data))
		run(whole, 0, c.oc, 0, 0, c.rows)
		for o := range c.oc {
			for y := range c.rows {
				run(parts, o, 1, y/Rows, y%Rows, y%Rows+1)
			}
		}
		kerneltest.SameBits(t, "parts", parts, whole)
	})
}

func BenchmarkWinograd(b *testing.B) {
	for _, c := range []winogradCase{{10, 19, 112, 0, 16, 1, 0}, {34, 24, 56, 0, 8, 1, 0}, {3, 8, 224, 0, 16, 1, 0}, {24, 4, 56, 0, 28, 1, 0}} {
		b.Run(fmt.Sprintf("%dto%dat%dx%d", c.channels, c.oc, c.rows, c.n), func(b *testing.B) {
			pitch, tiles := c.n+1, c.rows/Rows
			size := tiles * Points * pitch
			var off []int32
			for k := range 3 * c.channels {
				off = append(off, int32(k/3*size+k%3))
			}
			v, w, y := kerneltest.Ones(c.channels*size+2+Slack), kerneltest.Ones(Points*len(off)*c.oc), kerneltest.Ones(c.oc*c.n*c.rows)
			e := &End{Bias: w, Slope: w, Scratch: kerneltest.Ones(Scratch(c.n))}
			// GMAC/s of the plain sum.
			kerneltest.Bench(b, 3*len(off)*len(y), len(v)+len(y), func() {
				ConvAct(&kernel.Planes{X: y, Stride: c.n * c.rows, Pitch: c.n}, &kernel.Planes{X: v, Stride: Points * pitch, Pitch: pitch}, off, &kernel.Weights{W: w, Stride: c.oc, Outputs: c.oc}, c.n, 0, c.rows, e)
			})
		})
	}
}
