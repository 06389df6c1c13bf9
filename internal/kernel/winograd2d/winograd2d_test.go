package winograd2d

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

// slowIn is In as the matrices say it, in float64; abs takes magnitudes.
func slowIn(dst []float32, point int, src []float32, row, column, n int, abs bool) {
	const a, b, p, s = pointA, pointB, aa * bb, aa + bb
	bt := [Side][Side]float64{
		{p, 0, -s, 0, 1, 0},
		{0, -a * bb, -bb, a, 1, 0},
		{0, a * bb, -bb, -a, 1, 0},
		{0, -b * aa, -aa, b, 1, 0},
		{0, b * aa, -aa, -b, 1, 0},
		{0, p, 0, -s, 0, 1},
	}
	slowTransform(n, func(i, y int) float64 { return bt[i][y] }, Side, func(y, x, c int) float32 { return src[y*row+x*column+c] },
		func(i, j, c int, v float32) { dst[(i*Side+j)*point+c] = v }, abs)
}

// slowOut is Out in the same way.
func slowOut(dst []float32, row, column int, src []float32, point, n int, abs bool) {
	const a, b = pointA, pointB
	at := [Tile][Side]float64{
		{1, 1, 1, 1, 1, 0},
		{0, a, -a, b, -b, 0},
		{0, aa, aa, bb, bb, 0},
		{0, a * aa, -a * aa, b * bb, -b * bb, 1},
	}
	slowTransform(n, func(i, y int) float64 { return at[i][y] }, Tile, func(y, x, c int) float32 { return src[(y*Side+x)*point+c] },
		func(i, j, c int, v float32) { dst[i*row+j*column+c] = v }, abs)
}

// slowTransform is M d Mᵀ for each channel, M with so many rows of Side.
func slowTransform(n int, m func(i, y int) float64, rows int, from func(y, x, c int) float32, to func(i, j, c int, v float32), abs bool) {
	sign := func(v float64) float64 {
		if abs {
			return math.Abs(v)
		}
		return v
	}
	for c := range n {
		for i := range rows {
			for j := range rows {
				var s float64
				for y := range Side {
					for x := range Side {
						s += sign(m(i, y)) * sign(m(j, x)) * sign(float64(from(y, x, c)))
					}
				}
				to(i, j, c, float32(s))
			}
		}
	}
}

func TestIn(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := Channels; n <= 6*Channels; n += Channels {
			r := kerneltest.NewRand(n)
			column, point := n+n%5, n+n%3
			row := 7 * column
			src := m.Vector(t, (Side-1)*(row+column)+n, n%13).Random(r)
			dst := m.Vector(t, (Points-1)*point+n, n%11)
			scratch := m.Vector(t, Scratch, 0)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			slowIn(want, point, src.Data, row, column, n, false)
			slowIn(scale, point, src.Data, row, column, n, true)
			In(dst.Data, point, src.Data, row, column, n, scratch.Data)
			kerneltest.Same(t, fmt.Sprintf("in, %d channels", n), dst.Data, want, scale)
			for _, v := range []kerneltest.Vector{src, dst, scratch} {
				v.Check(t)
			}
		}
	})
}

func TestOut(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := Channels; n <= 6*Channels; n += Channels {
			r := kerneltest.NewRand(n)
			column, point := n+n%5, n+n%3
			row := 5 * column
			src := m.Vector(t, (Points-1)*point+n, n%13).Random(r)
			dst := m.Vector(t, (Tile-1)*(row+column)+n, n%11)
			scratch := m.Vector(t, Scratch, 0)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			slowOut(want, row, column, src.Data, point, n, false)
			slowOut(scale, row, column, src.Data, point, n, true)
			Out(dst.Data, row, column, src.Data, point, n, scratch.Data)
			kerneltest.Same(t, fmt.Sprintf("out, %d channels", n), dst.Data, want, scale)
			for _, v := range []kerneltest.Vector{src, dst, scratch} {
				v.Check(t)
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i := range 200 {
			rows, columns := 1+i%29, 1+i*7%31
			ss, ds := columns+i%3, rows+i%4
			src := m.Vector(t, (rows-1)*ss+columns, i%16)
			src.Plane(kerneltest.NewRand(i), 0, ss, columns, rows)
			dst := m.Vector(t, (columns-1)*ds+rows, i%7)
			want := kerneltest.Clone(dst.Data)
			for r := range rows {
				for c := range columns {
					want[c*ds+r] = src.Data[r*ss+c]
				}
			}
			Transpose(dst.Data, ds, src.Data, ss, rows, columns)
			kerneltest.SameBits(t, fmt.Sprintf("%d x %d", rows, columns), dst.Data, want)
			src.Check(t)
			dst.Check(t)
		}
	})
}

// A tile by way of the points is the convolution of its inputs.
func TestTile(t *testing.T) {
	r := kerneltest.NewRand(1)
	var d [Points]float32
	var g [9]float32
	for i := range d {
		d[i] = float32(r.NormFloat64())
	}
	for i := range g {
		g[i] = float32(r.NormFloat64())
	}
	x, v, m, y := make([]float32, Points*Channels), make([]float32, Points*Channels), make([]float32, Points*Channels), make([]float32, Tile*Tile*Channels)
	for i, u := range d {
		x[i*Channels] = u
	}
	scratch := make([]float32, Scratch)
	In(v, Channels, x, Side*Channels, Channels, Channels, scratch)
	for i, u := range Taps(&g) {
		m[i*Channels] = u * v[i*Channels]
	}
	Out(y, Tile*Channels, Channels, m, Channels, Channels, scratch)
	for i := range Tile {
		for j := range Tile {
			var want float64
			for k, w := range g {
				want += float64(w) * float64(d[(i+k/3)*Side+j+k%3])
			}
			if got := y[(i*Tile+j)*Channels]; math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("output %d, %d is %g, must be %g", i, j, got, want)
			}
		}
	}
}
