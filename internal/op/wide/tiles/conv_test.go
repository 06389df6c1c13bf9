package tiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
)

func drawn(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// convs are convolutions of all kinds: two of one map, which have one border.
func convs() [][]Conv {
	return [][]Conv{
		{New(16, 16, 8, 8, 1)},
		{New(5, 7, 11, 6, 1), New(5, 40, 11, 6, 3)},
		{New(150, 20, 9, 10, 2)},                        // two sums
		{New(12, 18, 3, 2, 4), New(12, 3, 3, 2, 1)},     // taps outside the map, phases without pixels
		{New(64, 64, 36, 37, 1)},                        // two runs
		{New(33, 9, 30, 33, 16), New(33, 9, 30, 33, 8)}, // tiles of few pixels
	}
}

// Convolutions in steps, the tasks of each in the reverse order, against sums in float64.
func TestConv(t *testing.T) {
	for number, cs := range convs() {
		r := rand.New(rand.NewPCG(uint64(number), 5))
		x := drawn(r, cs[0].c*cs[0].h*cs[0].w)
		var m Map
		for i := range cs {
			m.Include(&cs[i])
		}
		pixels := drawn(r, m.Floats())
		for i := op.Parts - 1; i >= 0; i-- {
			m.Make(pixels, x, i)
		}
		for i := range cs {
			t.Run(fmt.Sprintf("%+v", cs[i]), func(t *testing.T) { testConv(t, r, &cs[i], &m, pixels, x) })
		}
	}
}

// The case of two runs has two.
func TestRuns(t *testing.T) {
	if v := New(64, 64, 36, 37, 1); v.Runs() != 2 {
		t.Errorf("%d runs of %d tiles", v.Runs(), v.tiles)
	}
}

func testConv(t *testing.T, r *rand.Rand, v *Conv, m *Map, pixels, x []float32) {
	w, factors := drawn(r, v.out*v.c*9), drawn(r, v.out)
	weights := make([]float32, v.WeightFloats())
	a, b, c := v.Room()
	values, products, output := drawn(r, a), drawn(r, b), drawn(r, c)
	scratch, dst := make([]float32, Scratch), make([]float32, v.out*v.h*v.w)
	backwards := func(n int, f func(i int)) {
		for i := n - 1; i >= 0; i-- {
			f(i)
		}
	}
	backwards(op.Parts, func(i int) { v.Pack(weights, w, func(o int) float32 { return factors[o] }, i) })
	backwards(v.Runs(), func(run int) {
		backwards(op.Parts, func(i int) { v.Evaluate(values, pixels, m, scratch, run, i) })
		backwards(v.MultiplyTasks(), func(i int) { v.Multiply(products, values, weights, run, i) })
		backwards(op.Parts, func(i int) { v.Interpolate(output, products, scratch, run, i) })
	})
	backwards(v.h, func(y int) { v.Write(dst, output, y, y+1) })
	var off, largest float64
	for i, got := range dst {
		o, y, px := i/(v.h*v.w), i/v.w%v.h, i%v.w
		var want float64
		for k := range v.c * 9 {
			sy, sx := y+(k%9/3-1)*v.dilation, px+(k%3-1)*v.dilation
			if sy >= 0 && sy < v.h && sx >= 0 && sx < v.w {
				want += float64(w[o*v.c*9+k]) * float64(x[(k/9*v.h+sy)*v.w+sx])
			}
		}
		want *= float64(factors[o])
		off, largest = max(off, math.Abs(want-float64(got))), max(largest, math.Abs(want))
	}
	if !(off <= 2e-6*largest) {
		t.Errorf("off by %.2g of the largest, %.3g", off/largest, largest)
	}
}

// The wide layers of ResNet-50 at 224x224 go by Winograd down to maps of 14x14.
func TestPays(t *testing.T) {
	for _, c := range []struct {
		channels, out, side, dilation, taps int
		pays                                bool
	}{
		{64, 64, 56, 1, 9, true}, {128, 128, 28, 1, 9, true}, {256, 256, 14, 1, 9, true}, {512, 512, 7, 1, 9, false},
		{128, 25, 56, 16, 9, true}, {256, 51, 28, 16, 9, false}, {512, 102, 14, 16, 1, false}, {16, 16, 56, 1, 9, false},
	} {
		v := New(c.channels, c.out, c.side, c.side, c.dilation)
		if got := v.Pays(c.taps); got != c.pays {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
