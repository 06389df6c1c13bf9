package gemm

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// product is a case of Mul: m x k by k x n.
type product struct {
	m, n, k int
	gap     int // floats between rows
	acc     bool
}

func products() []product {
	var ps []product
	for m := 1; m <= 19; m++ {
		ps = append(ps, product{m, 50, 5, 3, m%2 == 0}, product{m, 16, 1, 0, m%2 == 1})
	}
	for n := 1; n <= 100; n++ {
		ps = append(ps, product{1 + n%9, n, 1 + n%7, n % 4, n%3 == 0})
	}
	return append(ps, product{25, 196, 128, 0, true}, product{64, 49, 77, 5, false}, product{8, 577, 128, 15, true})
}

func TestMul(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		for i, p := range products() {
			testMul(t, m, p, i)
		}
	})
}

func testMul(t *testing.T, mem kerneltest.Memory, p product, seed int) {
	r := kerneltest.NewRand(seed)
	pitch := p.n + p.gap
	w := mem.Vector(t, (p.m-1)*(p.k+p.gap)+p.k, seed%16)
	w.Plane(r, 0, p.k+p.gap, p.k, p.m)
	a := mem.Vector(t, p.m*p.k, seed%5)
	Pack(a.Data, w.Data, p.m, p.k, p.k+p.gap, 1)
	b := mem.Vector(t, (p.k-1)*pitch+p.n, (seed+3)%16)
	b.Plane(r, 0, pitch, p.n, p.k)
	dst := mem.Vector(t, (p.m-1)*pitch+p.n, (seed+7)%16)
	if p.acc {
		dst.Plane(r, 0, pitch, p.n, p.m)
	}
	want, scale := kerneltest.Clone(dst.Data), kerneltest.Magnitudes(dst.Data)
	for o := range p.m {
		for i := range p.n {
			var s, q float64
			for k := range p.k {
				v := float64(w.Data[o*(p.k+p.gap)+k]) * float64(b.Data[k*pitch+i])
				s, q = s+v, q+max(v, -v)
			}
			at := o*pitch + i
			if p.acc {
				s, q = s+float64(want[at]), q+float64(scale[at])
			}
			want[at], scale[at] = float32(s), float32(q)
		}
	}
	Mul(&kernel.Planes{X: dst.Data, Stride: pitch}, a.Data, p.m, kernel.Rows(b.Data, pitch), p.n, p.k, p.acc)
	kerneltest.Same(t, fmt.Sprintf("%+v", p), dst.Data, want, scale)
	for _, v := range []kerneltest.Vector{w, a, b, dst} {
		v.Check(t)
	}
}

// What MulEnd does to the sums has the bits of the same done afterwards.
func TestMulEnd(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, mem kerneltest.Memory) {
		for i, p := range products() {
			r, stride := kerneltest.NewRand(i), p.n+p.gap
			a, b := mem.Vector(t, p.m*p.k, i%5).Random(r), mem.Vector(t, (p.k-1)*stride+p.n, i%16).Random(r)
			more, shift := mem.Vector(t, (p.m-1)*stride+p.n, i%7).Random(r), mem.Vector(t, p.m, i%3).Random(r)
			e := End{ReLU: i%2 == 0}
			if i%3 > 0 {
				e.More = more.Data
			}
			if i%4 > 0 {
				e.Shift = shift.Data
			}
			dst := mem.Vector(t, (p.m-1)*stride+p.n, i%11).Random(r)
			want := kerneltest.Clone(dst.Data)
			Mul(&kernel.Planes{X: want, Stride: stride}, a.Data, p.m, kernel.Rows(b.Data, stride), p.n, p.k, p.acc)
			for o := range p.m {
				e.finish(want[o*stride:][:p.n], o, o*stride)
			}
			MulEnd(&kernel.Planes{X: dst.Data, Stride: stride}, a.Data, p.m, kernel.Rows(b.Data, stride), p.n, p.k, p.acc, &e)
			kerneltest.SameBits(t, fmt.Sprintf("%+v", p), dst.Data, want)
			for _, v := range []kerneltest.Vector{a, b, more, shift, dst} {
				v.Check(t)
			}
		}
	})
}

// Any cut of columns and outputs gives the same bits.
func TestMulCuts(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, mem kerneltest.Memory) {
		if !mem.Words() {
			return
		}
		const m, n, k = 24, 150, 40
		r := kerneltest.NewRand(1)
		w, b := mem.Vector(t, m*k, 0).Random(r).Data, mem.Vector(t, k*n, 0).Random(r).Data
		a, whole, parts := make([]float32, m*k), make([]float32, m*n), make([]float32, m*n)
		Pack(a, w, m, k, k, 1)
		Mul(&kernel.Planes{X: whole, Stride: n}, a, m, kernel.Rows(b, n), n, k, false)
		for o := 0; o < m; o += 12 {
			Pack(a, w[o*k:], 12, k, k, 1)
			kerneltest.Cuts(r, 1, n, 1, func(_, _, at, columns int) {
				Mul(&kernel.Planes{X: parts[o*n+at:], Stride: n}, a, 12, kernel.Rows(b[at:], n), columns, k, false)
			})
		}
		kerneltest.SameBits(t, "parts", parts, whole)
	})
}

func BenchmarkMul(b *testing.B) {
	for _, p := range []product{{m: 64, n: 576, k: 128}, {m: 256, n: 196, k: 128}, {m: 512, n: 49, k: 128}} {
		b.Run(fmt.Sprintf("%dx%dx%d", p.m, p.n, p.k), func(b *testing.B) {
			a, x, y := make([]float32, p.m*p.k), make([]float32, p.k*(p.n+16)), make([]float32, p.m*p.n)
			kerneltest.Bench(b, p.m*p.n*p.k, p.m*p.k+p.k*p.n+p.m*p.n, func() {
				Mul(&kernel.Planes{X: y, Stride: p.n}, a, p.m, kernel.Rows(x, p.n+16), p.n, p.k, true)
			})
		})
	}
}
