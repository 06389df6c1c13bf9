package depthwise

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

func BenchmarkDepthwise(b *testing.B) {
	kerneltest.EachMap(b, func(b *testing.B, n, channels int) {
		plane := (n + 2) * (n + 2)
		x, y, w := kerneltest.Ones(channels*plane), kerneltest.Ones(channels*n*n), [9]float32{1, 2, 3}
		kerneltest.Bench(b, 9*len(y), len(x)+len(y), func() {
			for c := range channels {
				Conv(kernel.Rows(y[c*n*n:], n), kernel.Rows(x[c*plane:], n+2), &w, n, n, Next{})
			}
		})
	})
}

func BenchmarkDepthwiseGrad(b *testing.B) {
	kerneltest.EachMap(b, func(b *testing.B, n, channels int) {
		plane := (n + 2) * (n + 2)
		x, y := kerneltest.Ones(channels*plane), kerneltest.Ones(channels*n*n)
		kerneltest.Bench(b, 9*len(y), len(x)+len(y), func() {
			for c := range channels {
				var w [9]float32
				ConvGrad(&w, kernel.Rows(x[c*plane:], n+2), kernel.Rows(y[c*n*n:], n), n, n, [2]Next{})
			}
		})
	})
}

func BenchmarkDepthwiseAct(b *testing.B) {
	for _, c := range []struct {
		name         string
		n, h, planes int
	}{{"10x224", 224, 224, 10}, {"1x224", 224, 224, 1}, {"20x112", 112, 112, 20}, {"24x56", 56, 56, 24}, {"40x28", 28, 28, 40}, {"40x14", 14, 14, 40}, {"40x7", 7, 7, 40}} {
		b.Run(c.name, func(b *testing.B) {
			x, dst, par := make([]float32, c.n*c.h*c.planes), make([]float32, c.n*c.h*c.planes), make([]float32, Params*c.planes)
			kerneltest.Bench(b, 9*len(x), 2*len(x), func() {
				ConvAct(Band{X: dst, Stride: c.n * c.h}, Band{X: x, Stride: c.n * c.h}, par, Span{Width: c.n, Height: c.h, From: 0, To: c.h, Planes: c.planes}, false)
			})
		})
	}
}
