package kernel

import (
	"fmt"
	"testing"
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
	eachLevel(t, func(t *testing.T, m memory) {
		for i, c := range tallCases() {
			testDenseTall(t, m, c, i)
		}
	})
}

func testDenseTall(t *testing.T, m memory, c tallCase, seed int) {
	r := newRand(seed)
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
	x := m.vector(t, int(all[len(all)-1])+(c.rows-1)*xp+c.n, seed%16).random(r)
	w := m.vector(t, len(all)*c.oc, seed%7).random(r)
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	for o := range c.oc {
		dst.plane(r, o*ds, dp, c.n, c.rows)
	}
	a := &Act{}
	if seed%4 > 0 {
		a.Bias = m.vector(t, c.oc, seed%5).random(r).data
	}
	if seed%3 > 0 {
		a.Slope = m.vector(t, c.oc, seed%3).random(r).data
		for o, s := range a.Slope {
			if seed%2 == 0 { // none above 1
				a.Slope[o] = min(s, 1)
			}
		}
	}
	want, scale := clone(dst.data), clone(dst.data)
	slowDenseAct(want, ds, dp, x.data, xp, all, w.data, c.oc, c.oc, c.n, c.rows, a)
	slowDenseAct(scale, ds, dp, magnitudes(x.data), xp, all, magnitudes(w.data), c.oc, c.oc, c.n, c.rows, a.magnitudes(nil))
	for o := range c.oc {
		for k := range c.n * c.rows {
			at := o*ds + k/c.n*dp + k%c.n
			if a.Slope != nil && want[at] < 0 {
				want[at], scale[at] = want[at]*a.Slope[o], scale[at]*max(a.Slope[o], -a.Slope[o])
			}
		}
	}
	DenseTall(dst.data, ds, dp, x.data, xp, off, w.data, c.oc, c.n, c.rows, a.Bias, a.Slope)
	same(t, fmt.Sprintf("dense tall %+v: dst", c), dst.data, want, scale)
	for _, v := range []vector{x, w, dst} {
		v.check(t)
	}

	// Rows and columns cut anyhow give the same bits.
	cut := clone(dst.data)
	for y := 0; y < c.rows; {
		rows, col := min(c.rows-y, 1+r.IntN(5)), r.IntN(c.n)
		for _, part := range [][2]int{{0, col}, {col, c.n}} {
			if part[0] < part[1] {
				DenseTall(cut[y*dp+part[0]:], ds, dp, x.data[y*xp+part[0]:], xp, off, w.data, c.oc, part[1]-part[0], rows, a.Bias, a.Slope)
			}
		}
		y += rows
	}
	for k, v := range cut {
		if v != dst.data[k] && v == v {
			t.Fatalf("dense tall %+v in parts: [%d] = %v, want %v", c, k, v, dst.data[k])
		}
	}
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
			x, w, y := ones(c.channels*plane), ones(3*len(off)*c.oc), ones(c.oc*c.n*c.rows)
			bench(b, 3*len(off)*len(y), len(x)+len(y), func() {
				DenseTall(y, c.n*c.rows, c.n, x, xp, off, w, c.oc, c.n, c.rows, w, w)
			})
		})
	}
}
