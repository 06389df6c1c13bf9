package conv

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel/kerneltest"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// forwardCase is a 3x3 convolution of maps of h x w after a max pool.
type forwardCase struct {
	in, out, h, w, pool int
	acc                 bool
	mixed               bool
}

func (c forwardCase) path() path {
	f := op.Filter{In: c.in, Out: c.out, K: 3, Scale: 0.5}
	return newPath(op.Path{Filter: f, InH: c.h * c.pool, InW: c.w * c.pool, H: c.h, W: c.w, Pool: c.pool, Up: 1}, c.mixed)
}

// TestWinogradForward compares the convolution by F(2, 3) with the plain sum of the same
// path and with that in float64. The bits do not depend on the size of bands, nor on how
// many outputs go by at a time.
func TestWinogradForward(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n, c := range []forwardCase{
			{16, 16, 6, 1, 1, false, false}, {16, 33, 6, 5, 1, true, false}, {40, 17, 8, 31, 2, false, false}, {17, 26, 14, 14, 1, true, false},
		} {
			t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { c.check(t, m, n) })
		}
	})
}

func (c forwardCase) check(t *testing.T, m kerneltest.Memory, seed int) {
	r, p, area := kerneltest.NewRand(seed), c.path(), c.h*c.w
	if p.forward23 == nil {
		t.Fatal("the path goes by plain sums")
	}
	w := m.Vector(t, p.Size(), 0).Random(r)
	x := m.Vector(t, c.in*area*c.pool*c.pool, seed%16).Random(r)
	start := m.Vector(t, c.out*area, seed%7).Random(r)
	p.pack(w.Data)
	run := func() []float32 {
		dst := m.Vector(t, c.out*area, seed%7)
		copy(dst.Data, start.Data)
		s := &Scratch{Arena: &op.Arena{}}
		p.forward(dst.Data, prenorm.Plain(x.Data, area*c.pool*c.pool), c.acc, s)
		dst.Check(t)
		return dst.Data
	}
	got := run()
	want, scale := c.slow(x.Data, w.Data, start.Data)
	for i := range scale {
		scale[i] *= 2
	}
	kerneltest.Same(t, "by F(2, 3)", got, want, scale)
	p.forward23.tiles, p.forward23.outputs = 2, 7
	kerneltest.SameBits(t, "in bands of two tiles", run(), got)
	p.forward23 = nil
	kerneltest.Same(t, "by plain sums", run(), want, scale)
}

// slow is the convolution in float64, and the sums of the terms' magnitudes.
func (c forwardCase) slow(x, w, start []float32) (want, scale []float32) {
	pooled := func(ch, y, col int) float64 {
		if y < 0 || y >= c.h || col < 0 || col >= c.w {
			return 0
		}
		most := math.Inf(-1)
		for i := range c.pool * c.pool {
			at := (ch*c.h*c.pool+y*c.pool+i/c.pool)*c.w*c.pool + col*c.pool + i%c.pool
			most = max(most, float64(x[at]))
		}
		return most
	}
	for i, v := range start {
		o, y, col := i/(c.h*c.w), i/c.w%c.h, i%c.w
		var s, abs float64
		if c.acc {
			s, abs = float64(v), math.Abs(float64(v))
		}
		for k, g := range w[o*c.in*9:][:c.in*9] {
			v := 0.5 * float64(g) * pooled(k/9, y+k%9/3-1, col+k%3-1)
			s, abs = s+v, abs+math.Abs(v)
		}
		want, scale = append(want, float32(s)), append(scale, float32(abs))
	}
	return want, scale
}

// TestWinogradForwardLeft: maps of an odd height, of few rows and of few channels are left
// to plain sums, and all those of 16 bits.
func TestWinogradForwardLeft(t *testing.T) {
	for _, c := range []forwardCase{{40, 40, 7, 14, 1, false, false}, {40, 40, 4, 14, 1, false, false}, {3, 40, 14, 14, 1, false, false}, {40, 3, 14, 14, 1, false, false}, {40, 40, 14, 14, 1, false, true}} {
		if p := c.path(); p.forward23 != nil {
			t.Errorf("%+v goes by F(2, 3)", c)
		}
	}
}
