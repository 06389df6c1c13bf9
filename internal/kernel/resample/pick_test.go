package resample

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

func TestEvens(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := range 70 {
			src := m.Vector(t, max(2*n-1, 0), n%16).Random(kerneltest.NewRand(n))
			dst := m.Vector(t, n, n%7)
			want := kerneltest.Clone(dst.Data)
			for i := range want {
				want[i] = src.Data[2*i]
			}
			Evens(dst.Data, src.Data)
			kerneltest.SameBits(t, fmt.Sprintf("%d floats", n), dst.Data, want)
			src.Check(t)
			dst.Check(t)
		}
	})
}

// The larger of two, NaN if one is, and of equal ones the first: zeros keep their sign.
func TestMaximum(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1, -1}
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for n := range 70 {
			r := kerneltest.NewRand(n)
			x, dst := m.Vector(t, n, n%16).Random(r), m.Vector(t, n, n%7).Random(r)
			for i := range n {
				if i%2 == 0 {
					x.Data[i], dst.Data[i] = special[r.IntN(len(special))], special[r.IntN(len(special))]
				}
			}
			want := kerneltest.Clone(dst.Data)
			for i, v := range x.Data {
				if v > want[i] || v != v {
					want[i] = v
				}
			}
			Maximum(dst.Data, x.Data)
			kerneltest.SameBits(t, fmt.Sprintf("%d floats", n), dst.Data, want)
			x.Check(t)
			dst.Check(t)
		}
	})
}
