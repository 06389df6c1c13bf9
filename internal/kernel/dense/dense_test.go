package dense

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
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
func denseCases(m kerneltest.Memory) []denseCase {
	var cs []denseCase
	for n := 1; n <= 70; n++ {
		cs = append(cs, denseCase{1 + n%3, 1 + n%2*2, 1 + n%11, n, 1 + n%4, n % 5, n%2 == 0})
	}
	for oc := 1; oc <= 23; oc++ {
		cs = append(cs, denseCase{2, 3, oc, 56, 3, 0, oc%2 == 0}, denseCase{5, 1, oc, 130, 1, 3, oc%2 == 1})
	}
	if !m.Words() {
		return cs
	}
	for _, n := range []int{7, 14, 28, 112} {
		cs = append(cs, denseCase{3, 3, 10, n, 7, 0, false}, denseCase{9, 1, 13, n, n, 0, true})
	}
	return append(cs, denseCase{40, 1, 12, 9001, 1, 0, false}, denseCase{40, 1, 11, 3500, 2, 1, true},
		denseCase{64, 3, 11, 56, 6, 2, false}, denseCase{32, 3, 7, 112, 11, 0, true})
}

func TestDense(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, c := range denseCases(m) {
			testDense(t, m, c, i)
		}
	})
}

func testDense(t *testing.T, m kerneltest.Memory, c denseCase, seed int) {
	r := kerneltest.NewRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.Vector(t, size, seed%16)
	for _, f := range off {
		x.Plane(r, int(f), xp, c.n, c.rows)
	}
	w := m.Vector(t, (len(off)-1)*ws+c.oc, seed%7)
	w.Plane(r, 0, ws, c.oc, len(off))
	dp := c.n + c.gap
	ds := dp*c.rows + c.gap
	dst := m.Vector(t, (c.oc-1)*ds+(c.rows-1)*dp+c.n, (seed+5)%16)
	if c.acc {
		for o := range c.oc {
			dst.Plane(r, o*ds, dp, c.n, c.rows)
		}
	}
	want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
	ConvGeneric(&kernel.Planes{X: want, Stride: ds, Pitch: dp}, kernel.Rows(x.Data, xp), off, &kernel.Weights{W: w.Data, Stride: ws, Outputs: c.oc}, c.n, c.rows, c.acc)
	ConvGeneric(&kernel.Planes{X: scale, Stride: ds, Pitch: dp}, kernel.Rows(kerneltest.Magnitudes(x.Data), xp), off, &kernel.Weights{W: kerneltest.Magnitudes(w.Data), Stride: ws, Outputs: c.oc}, c.n, c.rows, c.acc)
	Conv(&kernel.Planes{X: dst.Data, Stride: ds, Pitch: dp}, kernel.Rows(x.Data, xp), off, &kernel.Weights{W: w.Data, Stride: ws, Outputs: c.oc}, c.n, c.rows, c.acc)
	kerneltest.Same(t, fmt.Sprintf("dense %v: dst", c), dst.Data, want, scale)
	for _, v := range []kerneltest.Vector{x, w, dst} {
		v.Check(t)
	}
}

func TestDenseGrad(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, c := range denseCases(m) {
			testDenseGrad(t, m, c, i)
		}
	})
}

func testDenseGrad(t *testing.T, m kerneltest.Memory, c denseCase, seed int) {
	r := kerneltest.NewRand(seed)
	xp, size, off := c.layout()
	ws := c.oc + seed%3
	x := m.Vector(t, size, seed%16)
	for _, f := range off {
		x.Plane(r, int(f), xp, c.n, c.rows)
	}
	gp := c.n + c.gap
	gs := gp*c.rows + c.gap
	g := m.Vector(t, (c.oc-1)*gs+(c.rows-1)*gp+c.n, (seed+5)%16)
	for o := range c.oc {
		g.Plane(r, o*gs, gp, c.n, c.rows)
	}
	dw := m.Vector(t, (len(off)-1)*ws+c.oc, seed%7)
	dw.Plane(r, 0, ws, c.oc, len(off))
	want, scale := kerneltest.Clone(dw.Data), kerneltest.Magnitudes(dw.Data)
	convGradGeneric(&kernel.Weights{W: want, Stride: ws, Outputs: c.oc}, kernel.Rows(x.Data, xp), off, &kernel.Planes{X: g.Data, Stride: gs, Pitch: gp}, c.n, c.rows)
	convGradGeneric(&kernel.Weights{W: scale, Stride: ws, Outputs: c.oc}, kernel.Rows(kerneltest.Magnitudes(x.Data), xp), off, &kernel.Planes{X: kerneltest.Magnitudes(g.Data), Stride: gs, Pitch: gp}, c.n, c.rows)
	ConvGrad(&kernel.Weights{W: dw.Data, Stride: ws, Outputs: c.oc}, kernel.Rows(x.Data, xp), off, &kernel.Planes{X: g.Data, Stride: gs, Pitch: gp}, c.n, c.rows)
	kerneltest.Same(t, fmt.Sprintf("dense gradient %v: dw", c), dw.Data, want, scale)
	for _, v := range []kerneltest.Vector{x, g, dw} {
		v.Check(t)
	}
}

// TestDenseNothing: no taps, outputs, columns or rows do what the loop does.
func TestDenseNothing(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		dst := []float32{1, 2}
		Conv(&kernel.Planes{X: dst, Stride: 1, Pitch: 2}, kernel.Rows(nil, 2), nil, &kernel.Weights{W: nil, Stride: 1, Outputs: 1}, 2, 1, true)
		if dst[0] != 1 || dst[1] != 2 {
			t.Fatal(dst)
		}
		Conv(&kernel.Planes{X: dst, Stride: 1, Pitch: 2}, kernel.Rows(dst, 2), []int32{0}, &kernel.Weights{W: dst, Stride: 1, Outputs: 0}, 2, 1, false)
		Conv(&kernel.Planes{X: dst, Stride: 1, Pitch: 2}, kernel.Rows(dst, 2), []int32{0}, &kernel.Weights{W: dst, Stride: 1, Outputs: 1}, 0, 1, false)
		Conv(&kernel.Planes{X: dst, Stride: 1, Pitch: 2}, kernel.Rows(dst, 2), []int32{0}, &kernel.Weights{W: dst, Stride: 1, Outputs: 1}, 2, 0, false)
		ConvGrad(&kernel.Weights{W: dst, Stride: 1, Outputs: 1}, kernel.Rows(dst, 2), nil, &kernel.Planes{X: dst, Stride: 1, Pitch: 2}, 2, 1)
		if dst[0] != 1 || dst[1] != 2 {
			t.Fatal(dst)
		}
		Conv(&kernel.Planes{X: dst, Stride: 1, Pitch: 2}, kernel.Rows(nil, 2), nil, &kernel.Weights{W: nil, Stride: 1, Outputs: 1}, 2, 1, false)
		if dst[0] != 0 || dst[1] != 0 {
			t.Fatal(dst)
		}
	})
}

// piece is a part of a map of outputs: rows x cols of one output, or all of all.
type piece struct{ output, row, rows, col, cols int }

// testCuts fails unless conv gives every element the same bits when it makes all
// outputs of c in one as when rows, up to most at a time, columns and outputs are cut
// anyhow.
func testCuts(t *testing.T, m kerneltest.Memory, c denseCase, most int, conv func(dst, x *kernel.Planes, off []int32, w *kernel.Weights, p piece)) {
	r := kerneltest.NewRand(1)
	xp, size, off := c.layout()
	x, w := m.Vector(t, size, 3).Random(r), m.Vector(t, len(off)*c.oc, 1).Random(r)
	plane := c.n * c.rows
	whole := &kernel.Planes{X: make([]float32, c.oc*plane), Stride: plane, Pitch: c.n}
	conv(whole, kernel.Rows(x.Data, xp), off, kernel.Packed(w.Data, c.oc), piece{0, 0, c.rows, 0, c.n})
	parts := make([]float32, c.oc*plane)
	for o := range c.oc {
		one := &kernel.Weights{W: w.Data[o:], Stride: c.oc, Outputs: 1}
		kerneltest.Cuts(r, c.rows, c.n, most, func(row, rows, col, cols int) {
			dst := kernel.Rows(parts[o*plane+row*c.n+col:], c.n)
			conv(dst, kernel.Rows(x.Data[row*xp+col:], xp), off, one, piece{o, row, rows, col, cols})
		})
	}
	kerneltest.SameBits(t, "parts", parts, whole.X)
}

// TestDenseCuts: an element's bits do not depend on how rows, columns and
// outputs are cut.
func TestDenseCuts(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		testCuts(t, m, denseCase{7, 3, 13, 61, 6, 0, false}, 3, func(dst, x *kernel.Planes, off []int32, w *kernel.Weights, p piece) {
			Conv(dst, x, off, w, p.cols, p.rows, false)
		})
	})
}
