package kernel

import (
	"fmt"
	"testing"
)

// denseCase is a dense convolution of 3x3 or 1x1 taps over some channels.
type denseCase struct {
	channels, side, oc, n, rows int
	gap                         int // extra floats between rows and planes of dst
	acc                         bool
}

func (c denseCase) String() string {
	return fmt.Sprintf("%dx%dx%d to %d over %dx%d gap %d acc %v", c.channels, c.side, c.side, c.oc, c.rows, c.n, c.gap, c.acc)
}

// layout returns x's pitch and length and the taps' offsets.
func (c denseCase) layout() (xp, size int, off []int32) {
	xp = c.n + c.side - 1
	if c.side > 1 {
		xp += c.gap
	}
	plane := xp * (c.rows + c.side - 1)
	for ch := range c.channels {
		for y := range c.side {
			for k := range c.side {
				off = append(off, int32(ch*plane+y*xp+k))
			}
		}
	}
	if c.channels == 0 {
		return xp, 0, nil
	}
	return xp, int(off[len(off)-1]) + (c.rows-1)*xp + c.n, off
}

// denseCases are all tails and numbers of outputs, and, on plain memory, CSNet's
// maps and some that are cut into tiles.
func denseCases(m memory) []denseCase {
	var cs []denseCase
	for n := 1; n <= 70; n++ {
		cs = append(cs, denseCase{1 + n%3, 1 + n%2*2, 1 + n%11, n, 1 + n%4, n % 5, n%2 == 0})
	}
	for oc := 1; oc <= 23; oc++ {
		cs = append(cs, denseCase{2, 3, oc, 56, 3, 0, oc%2 == 0}, denseCase{5, 1, oc, 130, 1, 3, oc%2 == 1})
	}
	if m.name != guardWords().name {
		return cs
	}
	for _, n := range []int{7, 14, 28, 112} {
		cs = append(cs, denseCase{3, 3, 10, n, 7, 0, false}, denseCase{9, 1, 13, n, n, 0, true})
	}
	return append(cs, denseCase{40, 1, 12, 9001, 1, 0, false}, denseCase{40, 1, 11, 3500, 2, 1, true},
		denseCase{64, 3, 11, 56, 6, 2, false}, denseCase{32, 3, 7, 112, 11, 0, true})
}

func TestDense(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, c := range denseCases(m) {
			testDense(t, m, c, i)
		}
	})
}

func testDense(t *testing.T, m memory, c denseCase, seed int) {
	r := newRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.vector(t, size, seed%16)
	for _, f := range off {
		x.plane(r, int(f), xp, c.n, c.rows)
	}
	w := m.vector(t, (len(off)-1)*ws+c.oc, seed%7)
	w.plane(r, 0, ws, c.oc, len(off))
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	if c.acc {
		for o := range c.oc {
			dst.plane(r, o*ds, dp, c.n, c.rows)
		}
	}
	want, scale := clone(dst.data), magnitudes(dst.data)
	denseGeneric(want, ds, dp, x.data, xp, off, w.data, ws, c.oc, c.n, c.rows, c.acc)
	denseGeneric(scale, ds, dp, magnitudes(x.data), xp, off, magnitudes(w.data), ws, c.oc, c.n, c.rows, c.acc)
	Dense(dst.data, ds, dp, x.data, xp, off, w.data, ws, c.oc, c.n, c.rows, c.acc)
	same(t, fmt.Sprintf("dense %v: dst", c), dst.data, want, scale)
	for _, v := range []vector{x, w, dst} {
		v.check(t)
	}
}

func TestDenseGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, c := range denseCases(m) {
			testDenseGrad(t, m, c, i)
		}
	})
}

func testDenseGrad(t *testing.T, m memory, c denseCase, seed int) {
	r := newRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.vector(t, size, seed%16)
	for _, f := range off {
		x.plane(r, int(f), xp, c.n, c.rows)
	}
	gp := c.n + c.gap
	gs := gp*c.rows + c.gap
	g := m.vector(t, (c.oc-1)*gs+(c.rows-1)*gp+c.n, (seed+5)%16)
	for o := range c.oc {
		g.plane(r, o*gs, gp, c.n, c.rows)
	}
	dw := m.vector(t, (len(off)-1)*ws+c.oc, seed%7)
	dw.plane(r, 0, ws, c.oc, len(off))
	want, scale := clone(dw.data), magnitudes(dw.data)
	denseGradGeneric(want, ws, x.data, xp, off, g.data, gs, gp, c.oc, c.n, c.rows)
	denseGradGeneric(scale, ws, magnitudes(x.data), xp, off, magnitudes(g.data), gs, gp, c.oc, c.n, c.rows)
	DenseGrad(dw.data, ws, x.data, xp, off, g.data, gs, gp, c.oc, c.n, c.rows)
	same(t, fmt.Sprintf("dense gradient %v: dw", c), dw.data, want, scale)
	for _, v := range []vector{x, g, dw} {
		v.check(t)
	}
}

// TestDenseNothing: no taps, outputs, columns or rows do what the loop does.
func TestDenseNothing(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		dst := []float32{1, 2}
		Dense(dst, 1, 2, nil, 2, nil, nil, 1, 1, 2, 1, true)
		if dst[0] != 1 || dst[1] != 2 {
			t.Fatal(dst)
		}
		Dense(dst, 1, 2, dst, 2, []int32{0}, dst, 1, 0, 2, 1, false)
		Dense(dst, 1, 2, dst, 2, []int32{0}, dst, 1, 1, 0, 1, false)
		Dense(dst, 1, 2, dst, 2, []int32{0}, dst, 1, 1, 2, 0, false)
		DenseGrad(dst, 1, dst, 2, nil, dst, 1, 2, 1, 2, 1)
		if dst[0] != 1 || dst[1] != 2 {
			t.Fatal(dst)
		}
		Dense(dst, 1, 2, nil, 2, nil, nil, 1, 1, 2, 1, false)
		if dst[0] != 0 || dst[1] != 0 {
			t.Fatal(dst)
		}
	})
}

// TestDenseCuts: an element's bits do not depend on how rows, columns and
// outputs are cut.
func TestDenseCuts(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		r := newRand(1)
		c := denseCase{7, 3, 13, 61, 6, 0, false}
		xp, size, off := c.layout()
		x, w := m.vector(t, size, 3).random(r), m.vector(t, len(off)*c.oc, 1).random(r)
		plane := c.n * c.rows
		whole, parts := make([]float32, c.oc*plane), make([]float32, c.oc*plane)
		Dense(whole, plane, c.n, x.data, xp, off, w.data, c.oc, c.oc, c.n, c.rows, false)
		for o := range c.oc {
			for y := range c.rows {
				for _, cut := range [][2]int{{0, 5}, {5, 22}, {22, 61}} {
					Dense(parts[o*plane+y*c.n+cut[0]:], plane, c.n, x.data[y*xp+cut[0]:], xp, off, w.data[o:], c.oc, 1, cut[1]-cut[0], 1, false)
				}
			}
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("element %d: %v in one, %v in parts", i, whole[i], parts[i])
			}
		}
	})
}
