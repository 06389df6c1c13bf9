package pixels

import (
	"bytes"
	"hash/adler32"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// eachLevel runs f at every level of the machine.
func eachLevel(t *testing.T, f func(t *testing.T, r *rand.Rand)) {
	best := kernel.Limit(kernel.AVX512)
	defer kernel.Limit(best)
	for l := kernel.Plain; l <= best; l++ {
		t.Run(l.String(), func(t *testing.T) {
			kernel.Limit(l)
			f(t, rand.New(rand.NewPCG(1, 2)))
		})
	}
}

// guarded gives n random bytes, and a check that those around them are untouched.
func guarded(r *rand.Rand, n int) (in []byte, check func(t *testing.T)) {
	const pad = 70
	all := make([]byte, n+2*pad)
	for i := range all {
		all[i] = byte(r.IntN(256))
	}
	before := bytes.Clone(all)
	return all[pad : pad+n : pad+n], func(t *testing.T) {
		t.Helper()
		if !bytes.Equal(all[:pad], before[:pad]) || !bytes.Equal(all[pad+n:], before[pad+n:]) {
			t.Fatalf("bytes around a row of %d were overwritten", n)
		}
	}
}

// TestBlend: every level cuts down what the formula gives, value by value.
func TestBlend(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for n := range 200 {
			a, b := make([]float32, n), make([]float32, n)
			for i := range a {
				a[i], b[i] = r.Float32()*1.4-0.2, r.Float32()*1.4-0.2
				switch r.IntN(20) {
				case 0: // a whole number of 255ths, from which nothing may be lost
					a[i] = float32(r.IntN(256)) / 255
					b[i] = a[i]
				case 1:
					a[i] = []float32{1e30, -1e30, 1e-40, float32(math.Inf(1)), float32(math.Inf(-1))}[r.IntN(5)]
				}
			}
			w := []float32{0, 1, 0.5, r.Float32()}[n%4]
			dst, check := guarded(r, n)
			Blend(dst, a, b, w)
			for i, got := range dst {
				v := float32(a[i] + float32(float32(b[i]-a[i])*w))
				if v != v {
					continue // an infinite number that is cut down is one thing, none another
				}
				if want := uint8(min(max(v*255, 0), 255)); got != want {
					t.Fatalf("%d of %d, %g to %g by %g: %d, want %d", i, n, a[i], b[i], w, got, want)
				}
			}
			check(t)
		}
	})
}

// TestDifference: byte by byte, into another row or over the first.
func TestDifference(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for n := range 200 {
			x, checkX := guarded(r, n)
			y, _ := guarded(r, n)
			dst, check := guarded(r, n)
			want := make([]byte, n)
			for i := range want {
				want[i] = x[i] - y[i]
			}
			Difference(dst, x, y)
			check(t)
			Difference(x, x, y)
			checkX(t)
			if !bytes.Equal(dst, want) || !bytes.Equal(x, want) {
				t.Fatalf("%d bytes: %v and %v, want %v", n, dst, x, want)
			}
		}
	})
}

// TestAdler32: pieces of any length give what hash/adler32 gives for all of them, the
// largest bytes in the longest piece too.
func TestAdler32(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		sum, all := uint32(1), []byte(nil)
		for i := range 300 {
			p := make([]byte, r.IntN(1+i*100))
			for j := range p {
				p[j] = byte(r.IntN(256))
				if i%3 == 0 {
					p[j] = 255
				}
			}
			sum, all = Adler32(sum, p), append(all, p...)
			if want := adler32.Checksum(all); sum != want {
				t.Fatalf("piece %d of %d bytes: %x, want %x", i, len(p), sum, want)
			}
		}
	})
}

// TestRGB compares with package color, pixel by pixel.
func TestRGB(t *testing.T) {
	eachLevel(t, func(t *testing.T, r *rand.Rand) {
		for n := range 200 {
			for _, pairs := range []bool{false, true} {
				share := 1
				if pairs {
					share = 2
				}
				luma, _ := guarded(r, n)
				cb, _ := guarded(r, (n+share-1)/share)
				cr, _ := guarded(r, (n+share-1)/share)
				dst, check := guarded(r, 3*n)
				RGB(dst, luma, cb, cr, pairs)
				check(t)
				for i, y := range luma {
					red, green, blue := color.YCbCrToRGB(y, cb[i/share], cr[i/share])
					if got := [3]uint8(dst[3*i:]); got != [3]uint8{red, green, blue} {
						t.Fatalf("%d of %d, pairs %v: %v, want %d %d %d", i, n, pairs, got, red, green, blue)
					}
				}
			}
		}
	})
}

func BenchmarkPixels(b *testing.B) {
	const n = 4000
	x, y, a := kerneltest.Ones(n), kerneltest.Ones(n), make([]byte, n)
	p, q, rgb := make([]byte, n), make([]byte, n), make([]byte, 3*n)
	b.Run("Blend", func(b *testing.B) { kerneltest.Bench(b, 0, 2*n+n/4, func() { Blend(a, x, y, 0.3) }) })
	b.Run("Difference", func(b *testing.B) { kerneltest.Bench(b, 0, 3*n/4, func() { Difference(a, p, q) }) })
	b.Run("RGB", func(b *testing.B) { kerneltest.Bench(b, 0, n, func() { RGB(rgb, p, q[:n/2], q[n/2:], true) }) })
	b.Run("Adler32", func(b *testing.B) { kerneltest.Bench(b, 0, n/4, func() { Adler32(1, p) }) })
}
