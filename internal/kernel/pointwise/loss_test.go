package pointwise

import (
	"math"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

// logits are random numbers of all magnitudes, and the ends of the range.
func logits(v kerneltest.Vector, seed int) kerneltest.Vector {
	r := kerneltest.NewRand(seed)
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 88, -88, 700, -700, 701, -745, 3e38, -3e38, 1e-8, -1e-8}
	for i := range v.Data {
		v.Data[i] = float32(r.NormFloat64() * math.Exp(3*r.NormFloat64()))
		if r.IntN(8) == 0 {
			v.Data[i] = special[r.IntN(len(special))]
		}
	}
	return v
}

// TestBCE: the kerneltest.Vector kernels use float64 as the loop does, and must agree to
// 1e-12 of the terms; a gradient to one rounding of float32.
func TestBCE(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			if n > 2000 {
				continue
			}
			x, y, dx := logits(m.Vector(t, n, i%16), i), m.Vector(t, n, i%3), m.Vector(t, n, i%5)
			dx.Random(kerneltest.NewRand(i))
			scale := 0.0
			for k := range y.Data {
				y.Data[k] = float32(kerneltest.NewRand(i*1000 + k).Float64())
				scale += math.Abs(float64(x.Data[k])) + 1
			}
			if got, want := BCE(x.Data, y.Data), bceGeneric(x.Data, y.Data); !(math.Abs(got-want) <= 1e-12*scale) {
				t.Fatalf("n %d: loss %v, want %v", n, got, want)
			}
			want := kerneltest.Clone(dx.Data)
			bceGradGeneric(want, x.Data, y.Data, 0.37)
			BCEGrad(dx.Data, x.Data, y.Data, 0.37)
			for k := range want {
				if math.Abs(float64(dx.Data[k])-float64(want[k])) > 0x1p-23*math.Abs(float64(want[k]))+1e-8 {
					t.Fatalf("n %d: x %v y %v: gradient %v, want %v", n, x.Data[k], y.Data[k], dx.Data[k], want[k])
				}
			}
			for _, v := range []kerneltest.Vector{x, y, dx} {
				v.Check(t)
			}
		}
	})
}

// TestBCEEach looks at each logit alone, where a sum would hide it: the loss to
// 1e-13 of itself, down to exp(-700).
func TestBCEEach(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
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
				g := flush(float32(Sigmoid(l) - s)) // kerneltest.Vector kernels make denormals 0
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
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
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

// TestSigmoids: every level gives the bits of the plain loop, for all lengths, in
// another row or over the logits, and for values all over the range.
func TestSigmoids(t *testing.T) {
	same := func(t *testing.T, x, got []float32) {
		t.Helper()
		for i, v := range x {
			if want := float32(1 / (1 + math.Exp(-float64(v)))); math.Float32bits(got[i]) != math.Float32bits(want) && (v == v || got[i] == got[i]) {
				t.Fatalf("%d of %d: logit %v gives %v, want %v", i, len(x), v, got[i], want)
			}
		}
	}
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, n := range lengths() {
			if n > 2000 {
				continue
			}
			x, dst := logits(m.Vector(t, n, i%16), i), m.Vector(t, n, i%5)
			if n > 2 {
				x.Data[n-1], x.Data[n-2], x.Data[n/2] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
			}
			before := kerneltest.Clone(x.Data)
			Sigmoids(dst.Data, x.Data)
			same(t, before, dst.Data)
			Sigmoids(x.Data, x.Data)
			same(t, before, x.Data)
			x.Check(t)
			dst.Check(t)
		}
		x, dst := make([]float32, 4096), make([]float32, 4096)
		for from := float32(-106); from < 106; from += 0.25 {
			for i := range x {
				x[i] = from + float32(i)/16384
			}
			Sigmoids(dst, x)
			same(t, x, dst)
		}
	})
}
