package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/op"
	"csnet/internal/pages"
)

// The weights' gradient by Winograd is that of plain sums, where all tiles are done at once
// and where they go by some at a time, the last ones fewer.
func TestWinogradWeightGrad(t *testing.T) {
	for _, c := range []struct{ in, out, h, w, dilation, pieces int }{
		{3, 4, 20, 17, 1, 1}, {10, 10, 70, 200, 1, 4}, {10, 5, 90, 300, 2, 4}, {12, 9, 61, 250, 3, 4},
	} {
		var pool pages.Pool
		g := newWinogradGrad(c.in, c.out, c.h, c.w, c.dilation, &pool)
		if g == nil {
			t.Fatalf("%+v: no Winograd", c)
		}
		tiles := 0
		for q := range c.dilation {
			tiles += g.tilesOf(q)
		}
		if pieces := (tiles + g.tilesAtOnce - 1) / g.tilesAtOnce; pieces < c.pieces {
			t.Errorf("%+v: %d tiles in %d pieces, the test wants %d", c, tiles, pieces, c.pieces)
		}
		r, n := rand.New(rand.NewPCG(1, 2)), c.h*c.w
		x, d := make([]float32, c.in*n), make([]float32, c.out*n)
		for _, v := range [][]float32{x, d} {
			for i := range v {
				v[i] = r.Float32() - 0.5
			}
		}
		e := op.NewEnv(1)
		got := make([]float32, c.in*9*c.out)
		g.weightGrad(got, kernel.Planes{X: x, Stride: n, Pitch: c.w}, d, n, &Scratch{Arena: e.Arena(0)})
		e.Close()
		for i, v := range got {
			want := plainWeightGrad(x[i/(9*c.out)*n:][:n], d[i%c.out*n:][:n], c.h, c.w, c.dilation, i/c.out%9)
			if math.Abs(float64(v)-want) > 1e-3 {
				t.Fatalf("%+v: gradient %d is %v, by plain sums %v", c, i, v, want)
			}
		}
	}
}

// plainWeightGrad is the gradient of one weight, that of a tap, for planes of h x w.
func plainWeightGrad(x, d []float32, h, w, dilation, tap int) float64 {
	var sum float64
	dy, dx := (tap/3-1)*dilation, (tap%3-1)*dilation
	for y := max(0, -dy); y < min(h, h-dy); y++ {
		for c := max(0, -dx); c < min(w, w-dx); c++ {
			sum += float64(d[y*w+c]) * float64(x[(y+dy)*w+c+dx])
		}
	}
	return sum
}
