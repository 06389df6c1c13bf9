package channels

import (
	"fmt"
	"math"
	"testing"

	"csnet/internal/kernel/kerneltest"
)

func TestAcross(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i := range 40 {
			r := kerneltest.NewRand(i)
			n, from, pixels := Multiple*(1+i%4), 1+i%7, 1+i%11
			src := m.Vector(t, from*n, i%16).Random(r)
			dst := m.Vector(t, pixels*n, i%9)
			var l Line
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			for j := range pixels {
				a, b, f, g := r.IntN(from)*n, r.IntN(from)*n, r.NormFloat64(), r.NormFloat64()
				l.At, l.F = append(l.At, int32(a), int32(b)), append(l.F, float32(f), float32(g))
				for c := range n {
					x, y := float64(l.F[2*j])*float64(src.Data[a+c]), float64(l.F[2*j+1])*float64(src.Data[b+c])
					want[j*n+c], scale[j*n+c] = float32(x+y), float32(math.Abs(x)+math.Abs(y))
				}
			}
			Across(dst.Data, src.Data, &l, n)
			kerneltest.Same(t, fmt.Sprintf("%d pixels of %d channels", pixels, n), dst.Data, want, scale)
			src.Check(t)
			dst.Check(t)
		}
	})
}

func TestBlend(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i := range 40 {
			r, n := kerneltest.NewRand(i), Multiple*(1+i%9)
			x, y, dst := m.Vector(t, n, i%16).Random(r), m.Vector(t, n, i%5).Random(r), m.Vector(t, n, i%7).Random(r)
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
			const fx, fy = 0.75, -1.5
			for k := range want {
				u, v := fx*float64(x.Data[k]), fy*float64(y.Data[k])
				if i%2 == 0 {
					want[k], scale[k] = 0, 0
				}
				want[k] = float32(float64(want[k]) + u + v)
				scale[k] += float32(math.Abs(u) + math.Abs(v))
			}
			if i%2 == 0 {
				Blend(dst.Data, x.Data, y.Data, fx, fy)
			} else {
				AddBlend(dst.Data, x.Data, y.Data, fx, fy)
			}
			kerneltest.Same(t, fmt.Sprintf("%d floats", n), dst.Data, want, scale)
			for _, v := range []kerneltest.Vector{x, y, dst} {
				v.Check(t)
			}
		}
	})
}

func TestScore(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i := range 40 {
			r, n, pixels := kerneltest.NewRand(i), Multiple*(1+i%4), 1+i%13
			z, dst := m.Vector(t, n*pixels, i%16).Random(r), m.Vector(t, pixels, i%5)
			var of [4]kerneltest.Vector
			for k := range of {
				of[k] = m.Vector(t, n, (i+k)%16).Random(r)
			}
			want, scale := kerneltest.Clone(dst.Data), kerneltest.Clone(dst.Data)
			for p := range pixels {
				var s, q float64
				for c := range n {
					x := float64(of[0].Data[c]) * float64(z.Data[p*n+c])
					u, f := x+float64(of[1].Data[c]), float64(of[2].Data[c])
					if u < 0 {
						f = float64(of[3].Data[c])
					}
					s, q = s+f*u, q+math.Abs(f)*(math.Abs(x)+math.Abs(float64(of[1].Data[c])))
				}
				want[p], scale[p] = float32(s), float32(q)
			}
			Score(dst.Data, z.Data, &Scorer{of[0].Data, of[1].Data, of[2].Data, of[3].Data})
			kerneltest.Same(t, fmt.Sprintf("%d pixels of %d channels", pixels, n), dst.Data, want, scale)
			for _, v := range append(of[:], z, dst) {
				v.Check(t)
			}
		}
	})
}
