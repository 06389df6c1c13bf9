package saliency

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/data"
)

// TestBox compares with the plain mean over a window.
func TestBox(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range [][3]int{{9, 7, 2}, {5, 4, 6}, {1, 1, 3}, {40, 3, 5}} {
		w, h, k := c[0], c[1], c[2]
		src := make([]float32, w*h)
		for i := range src {
			src[i] = r.Float32()
		}
		got := newBox(w, h, k).mean(src)
		for i, v := range got {
			sum := 0.0
			for dy := -k; dy <= k; dy++ {
				for dx := -k; dx <= k; dx++ {
					sum += float64(src[reflected(i/w+dy, h)*w+reflected(i%w+dx, w)])
				}
			}
			if want := sum / float64((2*k+1)*(2*k+1)); math.Abs(want-float64(v)) > 1e-5 {
				t.Fatalf("%v at %d: %g, want %g", c, i, v, want)
			}
		}
	}
}

// TestSolve: the matrix times what solve gives is the covariance.
func TestSolve(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		var x [5][3]float64
		for i := range x {
			for j := range 3 {
				x[i][j] = r.Float64()
			}
		}
		at := func(i, j int) (s float64) {
			for k := range x {
				s += x[k][i] * x[k][j] / 5
			}
			return s
		}
		s := [6]float64{at(0, 0), at(0, 1), at(0, 2), at(1, 1), at(1, 2), at(2, 2)}
		cov := [3]float64{r.Float64(), r.Float64(), r.Float64()}
		a := solve(s, cov)
		m := [3][3]float64{{s[0] + regularizer, s[1], s[2]}, {s[1], s[3] + regularizer, s[4]}, {s[2], s[4], s[5] + regularizer}}
		for i := range 3 {
			if got := m[i][0]*a[0] + m[i][1]*a[1] + m[i][2]*a[2]; math.Abs(got-cov[i]) > 1e-8 {
				t.Fatalf("row %d: %g, want %g", i, got, cov[i])
			}
		}
	}
}

// disc is a photo of a bright disc on dark ground, its true map, and the same map
// as a net would give it: small and soft.
func disc(side, size int) (photo *data.Photo, truth, prob []float32) {
	photo, truth = &data.Photo{W: side, H: side, Pix: make([]uint8, 3*side*side)}, make([]float32, side*side)
	inside := func(x, y float64) bool { return math.Hypot(x-0.5, y-0.45) < 0.28 }
	for i := range truth {
		grey := uint8(40)
		if inside((float64(i%side)+0.5)/float64(side), (float64(i/side)+0.5)/float64(side)) {
			truth[i], grey = 1, 190
		}
		photo.Pix[3*i], photo.Pix[3*i+1], photo.Pix[3*i+2] = grey, grey/2, 255-grey
	}
	prob = make([]float32, size*size)
	for i := range prob {
		d := 0.28 - math.Hypot((float64(i%size)+0.5)/float64(size)-0.5, (float64(i/size)+0.5)/float64(size)-0.45)
		prob[i] = float32(1 / (1 + math.Exp(-d*60)))
	}
	return photo, truth, prob
}

// TestEdges: a soft map of a disc becomes sharp along the disc's edge, at the
// guide's size and at four times that.
func TestEdges(t *testing.T) {
	guide, _, prob := disc(100, 32)
	e := NewEdges(prob, 32, guide)
	for _, side := range []int{100, 400} {
		photo, truth, _ := disc(side, 32)
		rgb := func(row []uint8, y int) { copy(row, photo.Pix[3*side*y:]) }
		soft, sharp := Plain(prob, 32, side, side), e.Rows(side, side, rgb)
		var before, after float64
		line, bytes := make([]float32, side), make([]uint8, side)
		for y := range side {
			soft.Floats(line, y)
			for x, v := range line {
				before += math.Abs(float64(v - truth[y*side+x]))
			}
			sharp.Floats(line, y)
			sharp.Bytes(bytes, y)
			for x, v := range line {
				after += math.Abs(float64(v - truth[y*side+x]))
				if bytes[x] != uint8(v*255) {
					t.Fatalf("byte %d for %g", bytes[x], v)
				}
			}
		}
		if after > before/4 {
			t.Errorf("side %d: error %.0f before and %.0f after", side, before, after)
		}
	}
}

// TestPlain: down to half the side it is the protocol's map; made smaller it keeps its
// mean.
func TestPlain(t *testing.T) {
	_, _, prob := disc(10, 32)
	for _, size := range [][2]int{{50, 40}, {29, 22}, {16, 60}} {
		w, h := size[0], size[1]
		want := data.Restore(nil, w, h, prob, 32)
		rows, got := Plain(prob, 32, w, h), make([]uint8, w)
		for y := range h {
			rows.Bytes(got, y)
			if string(got) != string(want[y*w:(y+1)*w]) {
				t.Fatalf("%dx%d: row %d differs", w, h, y)
			}
		}
	}
	mean := func(v []float32) (m float64) {
		for _, x := range v {
			m += float64(x) / float64(len(v))
		}
		return m
	}
	for _, size := range [][2]int{{7, 5}, {32, 3}, {1, 1}} {
		small := shrunk(prob, 32, 32, size[0], size[1])
		if math.Abs(mean(small)-mean(prob)) > 1e-6 {
			t.Errorf("%v: mean %g, was %g", size, mean(small), mean(prob))
		}
	}
}

// TestSideOf: small photos stay, large ones come to 400 pixels, or by halving alone to
// little more.
func TestSideOf(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 1}, {400, 300, 400}, {300, 400, 400}, {401, 9, 400}, {500, 500, 400}, {799, 5, 400}, {800, 5, 400}, {1000, 750, 500},
		{4000, 3000, 500}, {3024, 4032, 504}, {4624, 3468, 400}, {3264, 2448, 408}, {9000, 6000, 400}, {16000, 12, 500}} {
		if got := SideOf(c[0], c[1]); got != c[2] {
			t.Errorf("%dx%d: %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
