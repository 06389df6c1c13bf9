package pixels

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

// TestInverse compares the transform with the sum of cosines, and its short ways and the
// kernel with the long one in plain Go, to the bit.
func TestInverse(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for n := range 2000 {
			var coef [64]int32
			last := 0
			for k := range 1 + n%64 {
				u, v := k%8, k/8
				if n%3 == 0 {
					u, v = v, u
				}
				if r.IntN(3) == 0 || k == 0 {
					coef[8*v+u] = int32(r.IntN(400)-200) / int32(1+k/4)
					last = max(last, k)
				}
			}
			want := longInverse(coef)
			if got := inverseTo(t, r, coef, last); got != want {
				t.Fatalf("%v: %v, %v by the long way", coef, got, want)
			}
			for i, v := range want {
				if plain := cosines(&coef, i%8, i/8); math.Abs(plain-float64(v)) > 1 {
					t.Fatalf("%v at %d: %d, the cosines add up to %.2f", coef, i, v, plain)
				}
			}
		}
		for range 500 { // what no encoder writes: whatever overflows does so alike
			var coef [64]int32
			for i := range coef {
				coef[i] = int32(r.Uint32()) >> r.IntN(32)
			}
			if got, want := inverseTo(t, r, coef, 63), longInverse(coef); got != want {
				t.Fatalf("%v: %v, %v by the long way", coef, got, want)
			}
		}
	})
}

// inverseTo transforms a block into a picture of which nothing else may change.
func inverseTo(t *testing.T, r *rand.Rand, coef [64]int32, last int) (got [64]byte) {
	t.Helper()
	stride := 8 + r.IntN(20)
	dst, check := guarded(r, 7*stride+8)
	before := append([]byte(nil), dst...)
	InverseDCT(&coef, last, dst, stride)
	check(t)
	for i, v := range dst {
		if x, y := i%stride, i/stride; x < 8 {
			got[8*y+x] = v
		} else if v != before[i] {
			t.Fatalf("stride %d: the byte at %d, %d was overwritten", stride, x, y)
		}
	}
	return got
}

func longInverse(coef [64]int32) (pixels [64]byte) {
	for y := range 8 {
		inverseRow(coef[8*y : 8*y+8])
	}
	for x := range 8 {
		inverseColumn(&coef, x, pixels[x:], 8)
	}
	return pixels
}

// cosines is T.81, A.3.3, clipped.
func cosines(coef *[64]int32, x, y int) float64 {
	sum := 0.0
	for i, c := range coef {
		u, v := i%8, i/8
		w := 0.25
		if u == 0 {
			w *= math.Sqrt(0.5)
		}
		if v == 0 {
			w *= math.Sqrt(0.5)
		}
		sum += w * float64(c) * math.Cos(float64((2*x+1)*u)*math.Pi/16) * math.Cos(float64((2*y+1)*v)*math.Pi/16)
	}
	return min(max(sum+128, 0), 255)
}

func BenchmarkInverse(b *testing.B) {
	var coef [64]int32
	for i := range 20 {
		coef[i] = int32(300 / (1 + i))
	}
	dst := make([]byte, 64)
	b.Run("block", func(b *testing.B) {
		kerneltest.Bench(b, 0, 64, func() { block := coef; InverseDCT(&block, 63, dst, 8) })
	})
}
