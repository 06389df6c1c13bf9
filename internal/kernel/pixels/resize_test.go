package pixels

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

// TestAcrossRGB: every level gives the values of the formula to the bit, and touches
// nothing else, for rows of all lengths, in the middle of a picture and at its end.
func TestAcrossRGB(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		r := rand.New(rand.NewPCG(3, 4))
		var taps Taps
		for n := range 70 {
			w := 1 + r.IntN(120)
			all := make([]uint8, 3*w+1)
			for i := range all {
				all[i] = uint8(r.IntN(256))
			}
			taps.Reset(n)
			type tap struct {
				a, b int
				w    float32
			}
			want := make([]tap, n)
			for i := range want {
				want[i] = tap{3 * r.IntN(w), 3 * r.IntN(w), r.Float32()}
				taps.Set(i, want[i].a, want[i].b, want[i].w)
			}
			for _, src := range [][]uint8{all, all[: 3*w : 3*w]} {
				dst := m.Vector(t, 3*n, n%16)
				AcrossRGB(dst.Data, src, &taps)
				dst.Check(t)
				for i, at := range want {
					for c := range 3 {
						p, q := float32(src[at.a+c]), float32(src[at.b+c])
						if got, want := dst.Data[c*n+i], p+float32((q-p)*at.w); math.Float32bits(got) != math.Float32bits(want) {
							t.Fatalf("%d of %d, colour %d: %v, want %v", i, n, c, got, want)
						}
					}
				}
			}
		}
	})
}

// TestBetween: likewise.
func TestBetween(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 200 {
			a, b, dst := m.Vector(t, n, n%16), m.Vector(t, n, n%5), m.Vector(t, n, n%3)
			a.Random(kerneltest.NewRand(n))
			b.Random(kerneltest.NewRand(n + 1000))
			w, scale, shift := r.Float32(), r.Float32(), r.Float32()
			Between(dst.Data, a.Data, b.Data, w, scale, shift)
			for i, got := range dst.Data {
				v := a.Data[i] + float32((b.Data[i]-a.Data[i])*w)
				if want := float32(v*scale) + shift; math.Float32bits(got) != math.Float32bits(want) {
					t.Fatalf("%d of %d: %v, want %v", i, n, got, want)
				}
			}
			for _, v := range []kerneltest.Vector{a, b, dst} {
				v.Check(t)
			}
		}
	})
}

func BenchmarkResize(b *testing.B) {
	const n, w = 224, 400
	var taps Taps
	taps.Reset(n)
	for i := range n {
		taps.Set(i, 3*(i*(w-2)/n), 3*(i*(w-2)/n+1), 0.3)
	}
	src, dst, x, y := make([]uint8, 3*w+1), make([]float32, 3*n), kerneltest.Ones(n), kerneltest.Ones(n)
	b.Run("AcrossRGB", func(b *testing.B) { kerneltest.Bench(b, 0, 3*n, func() { AcrossRGB(dst, src, &taps) }) })
	b.Run("Between", func(b *testing.B) { kerneltest.Bench(b, 0, 3*n, func() { Between(dst[:n], x, y, 0.3, 2, 1) }) })
}
