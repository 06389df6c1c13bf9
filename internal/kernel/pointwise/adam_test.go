package pointwise

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

// adamValue is a number of any magnitude, often one near the smallest normal number, a 0 of
// either sign, or bits of any kind.
func adamValue(r *rand.Rand) float32 {
	switch r.IntN(8) {
	case 0:
		return math.Float32frombits(r.Uint32())
	case 1:
		return float32(math.Ldexp(r.NormFloat64(), -126))
	case 2:
		return float32(math.Copysign(0, r.NormFloat64()))
	}
	return float32(math.Exp(4*r.NormFloat64()) * r.NormFloat64())
}

// Adam gives the bits of plain Go at every level, also of values that decay below the
// smallest normal number, of denormals, infinities and NaN (whose bits may be others).
func TestAdamSameBits(t *testing.T) {
	steps := []AdamStep{
		{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Root2: 0.1, Eps: 1e-8},
		{Rate: 3e-2, Beta1: 0.9, Beta2: 0.999, Root2: 0.7, Eps: 1e-8, L2: 5e-3},
		{Root2: 1},
	}
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		r := kerneltest.NewRand(1)
		for _, s := range steps {
			for _, n := range []int{1, 3, 7, 8, 9, 31, 1000, 5011} {
				var got [4]kerneltest.Vector
				var want [4][]float32
				for k := range got {
					got[k] = m.Vector(t, n, k)
					for i := range got[k].Data {
						got[k].Data[i] = adamValue(r)
						if k == 3 { // squares
							got[k].Data[i] = float32(math.Abs(float64(got[k].Data[i])))
						}
					}
					want[k] = kerneltest.Clone(got[k].Data)
				}
				adamGeneric(want[0], want[1], want[2], want[3], s)
				Adam(got[0].Data, got[1].Data, got[2].Data, got[3].Data, s)
				for k, v := range got {
					v.Check(t)
					for i, x := range v.Data {
						if y := want[k][i]; math.Float32bits(x) != math.Float32bits(y) && (x == x || y == y) {
							t.Fatalf("%+v, %d values: number %d of array %d is %g, want %g", s, n, i, k, x, y)
						}
					}
				}
			}
		}
	})
}
