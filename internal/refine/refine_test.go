package refine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slow is the guided filter of the paper in plain loops and float64: every window
// fitted by itself, the functions of all windows that hold a pixel averaged there.
func slow(p []float32, rgb []uint8, w, h, r int, eps float64) []float64 {
	around := func(i int) (ks []int) {
		for y := max(i/w-r, 0); y <= min(i/w+r, h-1); y++ {
			for x := max(i%w-r, 0); x <= min(i%w+r, w-1); x++ {
				ks = append(ks, y*w+x)
			}
		}
		return ks
	}
	colour := func(i, c int) float64 { return float64(rgb[3*i+c]) / 255 }
	coefs := make([][4]float64, w*h)
	for i := range coefs {
		ks := around(i)
		n := float64(len(ks))
		var mean [3]float64
		mp := 0.0
		for _, k := range ks {
			for c := range 3 {
				mean[c] += colour(k, c) / n
			}
			mp += float64(p[k]) / n
		}
		var m [3][4]float64 // covariance | right-hand side
		for _, k := range ks {
			for a := range 3 {
				for b := range 3 {
					m[a][b] += (colour(k, a) - mean[a]) * (colour(k, b) - mean[b]) / n
				}
				m[a][3] += (colour(k, a) - mean[a]) * (float64(p[k]) - mp) / n
			}
		}
		for a := range 3 {
			m[a][a] += eps
		}
		solve(&m)
		f := [4]float64{m[0][3], m[1][3], m[2][3], mp}
		for c := range 3 {
			f[3] -= f[c] * mean[c]
		}
		coefs[i] = f
	}
	out := make([]float64, w*h)
	for i := range out {
		ks := around(i)
		for _, k := range ks {
			v := coefs[k][3]
			for c := range 3 {
				v += coefs[k][c] * colour(i, c)
			}
			out[i] += v / float64(len(ks))
		}
	}
	return out
}

// solve is Gauss-Jordan elimination; the solution is in the last column.
func solve(m *[3][4]float64) {
	for i := range 3 {
		d := m[i][i]
		for c := range 4 {
			m[i][c] /= d
		}
		for r := range 3 {
			if f := m[r][i]; r != i {
				for c := range 4 {
					m[r][c] -= f * m[i][c]
				}
			}
		}
	}
}

func scene(w, h int) (p []float32, rgb []uint8) {
	rng := rand.New(rand.NewPCG(3, 4))
	p, rgb = make([]float32, w*h), make([]uint8, 3*w*h)
	for i := range p {
		in := math.Hypot(float64(i%w)-float64(w)/2, float64(i/w)-float64(h)/2) < float64(h)/3
		p[i] = float32(rng.Float64() * 0.2)
		for c := range 3 {
			rgb[3*i+c] = uint8(40 + rng.IntN(60))
		}
		if in {
			p[i] += 0.8
			rgb[3*i] = uint8(180 + rng.IntN(60))
		}
	}
	return p, rgb
}

func TestFilterIsThePapers(t *testing.T) {
	for _, c := range []struct {
		w, h, r int
		eps     float64
	}{{23, 17, 3, 1e-3}, {9, 31, 8, 1e-2}, {1, 1, 2, 1e-3}, {40, 2, 1, 1e-3}} {
		p, rgb := scene(c.w, c.h)
		Scores(p, p)
		f, err := New(p, rgb, c.w, c.h, Options{Radius: c.r, Eps: c.eps})
		if err != nil {
			t.Fatal(err)
		}
		got := make([]uint8, c.w*c.h)
		if err := f.Apply(got, rgb, c.w, c.h, 0, c.h); err != nil {
			t.Fatal(err)
		}
		for i, v := range slow(p, rgb, c.w, c.h, c.r, c.eps) {
			want := 255 / (1 + math.Exp(-2*min(max(v, -4), 4)))
			if math.Abs(float64(got[i])+0.5-want) > 0.8 { // cut down to whole numbers, logits in 512ths
				t.Fatalf("%dx%d, radius %d: pixel %d is %d, must be %.2f", c.w, c.h, c.r, i, got[i], want)
			}
		}
	}
}

// Bands give what the whole photo gives at once.
func TestBands(t *testing.T) {
	p, rgb := scene(30, 20)
	Scores(p, p)
	f, err := New(p, rgb, 30, 20, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const w, h = 77, 53
	_, big := scene(w, h)
	whole := make([]uint8, w*h)
	if err := f.Apply(whole, big, w, h, 0, h); err != nil {
		t.Fatal(err)
	}
	var parts []uint8
	for y := 0; y < h; y += 7 {
		to := min(y+7, h)
		band := make([]uint8, w*(to-y))
		if err := f.Apply(band, big[3*w*y:3*w*to], w, h, y, to); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, band...)
	}
	if !slices.Equal(parts, whole) {
		t.Error("bands differ from the whole")
	}
}

func TestScores(t *testing.T) {
	z := make([]float32, 5)
	Scores(z, []float32{0, 0.01, 0.5, 0.9, 1})
	want := []float32{-4, -4, 0, float32(math.Log(9)), 4}
	for i, v := range want {
		if math.Abs(float64(z[i]-v)) > 1e-6 {
			t.Errorf("score %d is %g, must be %g", i, z[i], v)
		}
	}
}

func TestRefuses(t *testing.T) {
	p, rgb := scene(4, 4)
	if _, err := New(p[:3], rgb, 4, 4, Options{}); err == nil {
		t.Error("a map that is too short is accepted")
	}
	if _, err := New(p, rgb, 4, 4, Options{Radius: -1}); err == nil {
		t.Error("a radius below 0 is accepted")
	}
	f, _ := New(p, rgb, 4, 4, Options{})
	if f.Apply(make([]uint8, 4), make([]uint8, 12), 4, 4, 4, 5) == nil {
		t.Error("a row that is not there is accepted")
	}
}
