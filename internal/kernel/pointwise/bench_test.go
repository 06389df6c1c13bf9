package pointwise

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

// BenchmarkPointwise runs over ten maps of 224x224, which do not stay in the
// first cache: GB/s is what matters.
func BenchmarkPointwise(b *testing.B) {
	x, y := kerneltest.Ones(10*224*224), kerneltest.Ones(10*224*224)
	n := len(x)
	each := func(name string, floats int, f func(x, y []float32)) {
		b.Run(name, func(b *testing.B) {
			kerneltest.Bench(b, 0, floats, func() {
				for c := 0; c < n; c += 224 * 224 {
					f(x[c:c+224*224], y[c:c+224*224])
				}
			})
		})
	}
	each("Sum", n, func(x, y []float32) { Sum(x) })
	each("Moments", n, func(x, y []float32) { Moments(x, 0.5) })
	each("NormAct", 2*n, func(x, y []float32) { NormAct(y, x, 1, 0.5, 0.25) })
	each("ActSums", 2*n, func(x, y []float32) { ActSums(y, x, 1, 0.5, 0.25, 0.5) })
	each("ActNormGrad", 3*n, func(x, y []float32) {
		ActNormGrad(kernel.Rows(y, 0), kernel.Rows(y, 0), kernel.Rows(x, 0), len(x), 1, factors(1, 0.5, 0.25, 0.5, 0.25, 0.25, 0.5), 0)
	})
	each("Add", 3*n, func(x, y []float32) { Add(y, x) })
}

func BenchmarkLoss(b *testing.B) {
	n := 224 * 224
	x, y := kerneltest.Ones(n), kerneltest.Ones(n)
	b.Run("BCE", func(b *testing.B) { kerneltest.Bench(b, 0, 2*n, func() { BCE(x, y) }) })
	b.Run("BCEGrad", func(b *testing.B) { kerneltest.Bench(b, 0, 3*n, func() { BCEGrad(x, x, y, 1e-9) }) })
	b.Run("Adam", func(b *testing.B) {
		m, v := make([]float32, n), make([]float32, n)
		kerneltest.Bench(b, 0, 7*n, func() { Adam(x, y, m, v, AdamStep{Rate: 1e-4, Beta1: 0.9, Beta2: 0.99, Root2: 0.1, Eps: 1e-8}) })
	})
}

func BenchmarkCopies(b *testing.B) {
	kerneltest.EachMap(b, func(b *testing.B, n, channels int) {
		size := channels * n * n
		x, y := kerneltest.Ones(size), kerneltest.Ones(size)
		b.Run("CopyRows", func(b *testing.B) {
			kerneltest.Bench(b, 0, 2*size, func() { CopyRows(kernel.Rows(y, n*n), kernel.Rows(x, n*n), n*n, channels) })
		})
		b.Run("Stream", func(b *testing.B) { kerneltest.Bench(b, 0, 2*size, func() { Stream(y, x) }) })
	})
}
