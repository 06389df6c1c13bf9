package kernel

import (
	"math"
	"testing"
)

// logits are random numbers of all magnitudes, and the ends of the range.
func logits(v vector, seed int) vector {
	r := newRand(seed)
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 88, -88, 700, -700, 701, -745, 3e38, -3e38, 1e-8, -1e-8}
	for i := range v.data {
		v.data[i] = float32(r.NormFloat64() * math.Exp(3*r.NormFloat64()))
		if r.IntN(8) == 0 {
			v.data[i] = special[r.IntN(len(special))]
		}
	}
	return v
}

// TestBCE: the vector kernels use float64 as the loop does, and must agree to
// 1e-12 of the terms; a gradient to one rounding of float32.
func TestBCE(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for i, n := range lengths() {
			if n > 2000 {
				continue
			}
			x, y, dx := logits(m.vector(t, n, i%16), i), m.vector(t, n, i%3), m.vector(t, n, i%5)
			dx.random(newRand(i))
			scale := 0.0
			for k := range y.data {
				y.data[k] = float32(newRand(i*1000 + k).Float64())
				scale += math.Abs(float64(x.data[k])) + 1
			}
			if got, want := BCE(x.data, y.data), bceGeneric(x.data, y.data); !(math.Abs(got-want) <= 1e-12*scale) {
				t.Fatalf("n %d: loss %v, want %v", n, got, want)
			}
			want := clone(dx.data)
			bceGradGeneric(want, x.data, y.data, 0.37)
			BCEGrad(dx.data, x.data, y.data, 0.37)
			for k := range want {
				if math.Abs(float64(dx.data[k])-float64(want[k])) > 0x1p-23*math.Abs(float64(want[k]))+1e-8 {
					t.Fatalf("n %d: x %v y %v: gradient %v, want %v", n, x.data[k], y.data[k], dx.data[k], want[k])
				}
			}
			for _, v := range []vector{x, y, dx} {
				v.check(t)
			}
		}
	})
}

// TestBCEEach looks at each logit alone, where a sum would hide it: the loss to
// 1e-13 of itself, down to exp(-700).
func TestBCEEach(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		x, y, one := make([]float32, 16), make([]float32, 16), make([]float32, 16)
		for i := range one {
			one[i] = 1
		}
		for v := float32(-690); v < 690; v += 0.37 {
			for i := range x {
				x[i] = v
			}
			for _, target := range [][]float32{y, one} {
				l, s := float64(v), float64(target[0])
				want := 16 * (math.Max(l, 0) - l*s + math.Log1p(math.Exp(-math.Abs(l))))
				if got := BCE(x, target); math.Abs(got-want) > 1e-13*want {
					t.Fatalf("x %v y %v: %v, want %v", v, s, got, want)
				}
				dx := make([]float32, 16)
				BCEGrad(dx, x, target, 1)
				g := flush(float32(Sigmoid(l) - s)) // vector kernels make denormals 0
				for i := range dx {
					if math.Abs(float64(flush(dx[i])-g)) > 0x1p-23*math.Abs(float64(g)) {
						t.Fatalf("x %v y %v: gradient %v, want %v", v, s, dx[i], g)
					}
				}
			}
		}
	})
}

func TestBCENaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		for at := range 19 {
			x, y, dx := make([]float32, 19), make([]float32, 19), make([]float32, 19)
			x[at] = float32(math.NaN())
			if s := BCE(x, y); s == s {
				t.Fatalf("NaN at %d: loss %v", at, s)
			}
			BCEGrad(dx, x, y, 1)
			for i, v := range dx {
				if (v != v) != (i == at) {
					t.Fatalf("NaN at %d: gradient [%d] = %v", at, i, v)
				}
			}
		}
	})
}
