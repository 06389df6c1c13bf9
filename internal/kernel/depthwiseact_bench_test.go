package kernel

import "testing"

func BenchmarkDepthwiseAct(b *testing.B) {
	for _, c := range []struct {
		name         string
		n, h, planes int
	}{{"10x224", 224, 224, 10}, {"1x224", 224, 224, 1}, {"20x112", 112, 112, 20}, {"24x56", 56, 56, 24}, {"40x28", 28, 28, 40}, {"40x14", 14, 14, 40}, {"40x7", 7, 7, 40}} {
		b.Run(c.name, func(b *testing.B) {
			x, dst, par := make([]float32, c.n*c.h*c.planes), make([]float32, c.n*c.h*c.planes), make([]float32, DepthwiseParams*c.planes)
			bench(b, 9*len(x), 2*len(x), func() {
				DepthwiseAct(Band{X: dst, Stride: c.n * c.h}, Band{X: x, Stride: c.n * c.h}, par, c.n, c.h, 0, c.h, c.planes, false)
			})
		})
	}
}
