package gemm

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

func TestMulRows(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, mem kerneltest.Memory) {
		for i := range 120 {
			p := product{m: 1 + i%19, n: RowColumns * (1 + i%9), k: 1 + i%13, gap: i % 5, acc: i%3 == 0}
			if i > 115 {
				p.m, p.k = 49, 128
			}
			testMulRows(t, mem, p, i)
		}
	})
}

func testMulRows(t *testing.T, mem kerneltest.Memory, p product, seed int) {
	r := kerneltest.NewRand(seed)
	a := mem.Vector(t, (p.m-1)*(p.k+p.gap)+p.k, seed%16)
	a.Plane(r, 0, p.k+p.gap, p.k, p.m)
	b := mem.Vector(t, p.k*p.n, seed%5).Random(r)
	dst := mem.Vector(t, (p.m-1)*(p.n+p.gap)+p.n, (seed+7)%16)
	if p.acc {
		dst.Plane(r, 0, p.n+p.gap, p.n, p.m)
	}
	want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
	for i := range p.m {
		for j := range p.n {
			var s, q float64
			for k := range p.k {
				v := float64(a.Data[i*(p.k+p.gap)+k]) * float64(b.Data[RowPlace(p.n, p.k, k, j)])
				s, q = s+v, q+max(v, -v)
			}
			at := i*(p.n+p.gap) + j
			if p.acc {
				s, q = s+float64(want[at]), q+float64(scale[at])
			}
			want[at], scale[at] = float32(s), float32(q)
		}
	}
	MulRows(kernel.Rows(dst.Data, p.n+p.gap), kernel.Rows(a.Data, p.k+p.gap), b.Data, p.m, p.n, p.k, p.acc)
	kerneltest.Same(t, fmt.Sprintf("%+v", p), dst.Data, want, scale)
	for _, v := range []kerneltest.Vector{a, b, dst} {
		v.Check(t)
	}
}

// A packed matrix has a place of its own for each element.
func TestRowPlace(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, _ kerneltest.Memory) {
		for n := RowColumns; n <= 160; n += RowColumns {
			const k = 3
			made := make([]bool, n*k)
			for row := range k {
				for j := range n {
					if at := RowPlace(n, k, row, j); made[at] {
						t.Fatalf("%d columns: two elements at %d", n, at)
					} else {
						made[at] = true
					}
				}
			}
		}
	})
}

// The bits of a row do not depend on the rows beside it.
func TestMulRowsCuts(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, mem kerneltest.Memory) {
		if !mem.Words() {
			return
		}
		const m, n, k = 29, 64, 40
		r := kerneltest.NewRand(1)
		a, b := mem.Vector(t, m*k, 0).Random(r).Data, mem.Vector(t, k*n, 0).Random(r).Data
		whole, parts := make([]float32, m*n), make([]float32, m*n)
		MulRows(kernel.Rows(whole, n), kernel.Rows(a, k), b, m, n, k, false)
		for i := 0; i < m; {
			rows := min(1+i%11, m-i)
			MulRows(kernel.Rows(parts[i*n:], n), kernel.Rows(a[i*k:], k), b, rows, n, k, false)
			i += rows
		}
		kerneltest.SameBits(t, "parts", parts, whole)
	})
}

func BenchmarkMulRows(b *testing.B) {
	for _, p := range []product{{m: 64, n: 64, k: 64}, {m: 16, n: 256, k: 256}, {m: 64, n: 32, k: 128}} {
		b.Run(fmt.Sprintf("%dx%dx%d", p.m, p.n, p.k), func(b *testing.B) {
			a, x, y := make([]float32, p.m*(p.k+16)), make([]float32, p.k*p.n), make([]float32, p.m*(p.n+16))
			kerneltest.Bench(b, p.m*p.n*p.k, p.m*p.k+p.k*p.n+p.m*p.n, func() {
				MulRows(kernel.Rows(y, p.n+16), kernel.Rows(a, p.k+16), x, p.m, p.n, p.k, false)
			})
		})
	}
}
