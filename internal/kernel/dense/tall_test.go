package dense

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// tallCase lays out a 3x3 convolution for DenseTall: rows of output apart are
// rows of x, and columns of the filter are d floats apart.
type tallCase struct{ channels, oc, n, rows, d, gap int }

func tallCases() []tallCase {
	var cs []tallCase
	for n := 1; n <= 80; n++ {
		cs = append(cs, tallCase{1 + n%3, 1 + n%2, n, 1 + n%9, 1 + n%5, n % 4})
	}
	return append(cs, tallCase{12, 1, 112, 13, 2, 0}, tallCase{12, 2, 112, 7, 4, 0}, tallCase{24, 2, 56, 8, 1, 0})
}

func TestDenseTall(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, c := range tallCases() {
			testDenseTall(t, m, c, i)
		}
	})
}

func testDenseTall(t *testing.T, m kerneltest.Memory, c tallCase, seed int) {
	r := kerneltest.NewRand(seed)
	xp := c.n + 2*c.d + c.gap
	plane := xp * (c.rows + 2)
	var off, all []int32
	for ch := range c.channels {
		for k := range 3 {
			off = append(off, int32(ch*plane+k*c.d))
			for y := range 3 {
				all = append(all, int32(ch*plane+k*c.d+y*xp))
			}
		}
	}
	x := m.Vector(t, int(all[len(all)-1])+(c.rows-1)*xp+c.n, seed%16).Random(r)
	w := m.Vector(t, len(all)*c.oc, seed%7).Random(r)
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.Vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	for o := range c.oc {
		dst.Plane(r, o*ds, dp, c.n, c.rows)
	}
	a := &Act{}
	if seed%4 > 0 {
		a.Bias = m.Vector(t, c.oc, seed%5).Random(r).Data
	}
	if seed%3 > 0 {
		a.Slope = m.Vector(t, c.oc, seed%3).Random(r).Data
		for o, s := range a.Slope {
			if seed%2 == 0 { // none above 1
				a.Slope[o] = min(s, 1)
			}
		}
	}
	out := kernel.Planes{X: dst.Data, Stride: ds, Pitch: dp}
	want, scale := out, out
	want.X, scale.X = kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
	weights := kernel.Packed(w.Data, c.oc)
	slowConvAct(&want, kernel.Rows(x.Data, xp), all, weights, c.n, c.rows, a)
	slowConvAct(&scale, kernel.Rows(kerneltest.Magnitudes(x.Data), xp), all, kernel.Packed(kerneltest.Magnitudes(w.Data), c.oc), c.n, c.rows, a.magnitudes())
	slowPReLU(&want, &scale, c.n, c.rows, a)
	Tall(&out, kernel.Rows(x.Data, xp), off, weights, c.n, c.rows, a.Bias, a.Slope)
	kerneltest.Same(t, fmt.Sprintf("dense tall %+v: dst", c), dst.Data, want.X, scale.X)
	for _, v := range []kerneltest.Vector{x, w, dst} {
		v.Check(t)
	}

	// Rows and columns cut anyhow give the same bits.
	cut := kerneltest.Clone(dst.Data)
	kerneltest.Cuts(r, c.rows, c.n, 5, func(row, rows, col, cols int) {
		for o := range c.oc {
			clear(cut[o*ds+row*dp+col:][:cols])
		}
		part := kernel.Planes{X: cut[row*dp+col:], Stride: ds, Pitch: dp}
		Tall(&part, kernel.Rows(x.Data[row*xp+col:], xp), off, weights, cols, rows, a.Bias, a.Slope)
	})
	kerneltest.SameBits(t, fmt.Sprintf("dense tall %+v in parts", c), cut, dst.Data)
}

func BenchmarkDenseTall(b *testing.B) {
	for _, c := range []tallCase{{12, 1, 112, 56, 1, 0}, {12, 2, 112, 14, 4, 0}, {24, 1, 56, 28, 1, 0}} {
		b.Run(fmt.Sprintf("%dto%dat%dx%d", c.channels, c.oc, c.rows, c.n), func(b *testing.B) {
			xp := c.n + 2*c.d
			plane := xp * (c.rows + 2)
			var off []int32
			for ch := range c.channels {
				for k := range 3 {
					off = append(off, int32(ch*plane+k*c.d))
				}
			}
			x, w, y := kerneltest.Ones(c.channels*plane), kerneltest.Ones(3*len(off)*c.oc), kerneltest.Ones(c.oc*c.n*c.rows)
			kerneltest.Bench(b, 3*len(off)*len(y), len(x)+len(y), func() {
				Tall(&kernel.Planes{X: y, Stride: c.n * c.rows, Pitch: c.n}, kernel.Rows(x, xp), off, kernel.Packed(w, c.oc), c.n, c.rows, w, w)
			})
		})
	}
}
