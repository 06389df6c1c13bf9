package resample

import (
	"fmt"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

func BenchmarkResample(b *testing.B) {
	for _, s := range [][3]int{{112, 10, 2}, {56, 20, 2}, {28, 40, 2}, {14, 40, 2}, {7, 40, 2}, {28, 26, 4}} {
		n, channels, f := s[0], s[1], s[2]
		small, big := channels*n*n, channels*n*n*f*f
		x, y, tmp := kerneltest.Ones(small), kerneltest.Ones(big), make([]float32, (n+3)*8)
		each := func(name string, floats int, do func(x, y []float32)) {
			b.Run(fmt.Sprintf("%s/%dx%dby%d", name, n, channels, f), func(b *testing.B) {
				kerneltest.Bench(b, 0, floats, func() {
					for c := range channels {
						do(x[c*n*n:][:n*n], y[c*n*n*f*f:][:n*n*f*f])
					}
				})
			})
		}
		each("Upsample", small+2*big, func(x, y []float32) { Upsample(y, x, n, n, f, true, tmp) })
		each("UpsampleGrad", small+big, func(x, y []float32) { UpsampleGrad(x, y, n, n, f, 1, tmp) })
		each("MaxPool", small+big, func(x, y []float32) { MaxPool(kernel.Rows(x, n*f/f), kernel.Rows(y, n*f), n*f/f, n*f/f, 1, f) })
		dx := kerneltest.Ones(n * n * f * f)
		each("MaxPoolGrad", small+3*big, func(x, y []float32) { MaxPoolGrad(dx, y, x, n*f, n*f, f, true) })
		if f == 2 {
			each("AvgPool2", small+big, func(x, y []float32) { AvgPool2(x, y, 2*n, 2*n) })
			each("AvgPool2Grad", small+2*big, func(x, y []float32) { AvgPool2Grad(y, x, 2*n, 2*n, true) })
		}
	}
}

func BenchmarkPad(b *testing.B) {
	kerneltest.EachMap(b, func(b *testing.B, n, channels int) {
		x, y := kerneltest.Ones(channels*n*n), make([]float32, channels*(n+2)*(n+2))
		kerneltest.Bench(b, 0, len(x)+len(y), func() {
			for c := range channels {
				Pad(y[c*(n+2)*(n+2):], x[c*n*n:], n, n, 1)
			}
		})
	})
}

func BenchmarkAcross(b *testing.B) {
	for _, s := range [][3]int{{112, 10, 2}, {28, 40, 2}, {28, 26, 4}} {
		n, planes, f := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dby%d", n, planes, f), func(b *testing.B) {
			x, y := kerneltest.Ones(1+planes*n*n+AcrossSlack), kerneltest.Ones(planes*n*n*f)
			kerneltest.Bench(b, 0, len(x)+len(y), func() {
				Across(&kernel.Planes{X: y, Stride: n * n * f, Pitch: n * f}, &kernel.Planes{X: x, Stride: n * n, Pitch: n}, n, f, n, planes)
			})
		})
	}
}

func BenchmarkDeinterleave(b *testing.B) {
	kerneltest.EachMap(b, func(b *testing.B, n, channels int) {
		if n%2 > 0 {
			return
		}
		size, q := channels*n*n, n*n/4
		x, y := kerneltest.Ones(size), kerneltest.Ones(size)
		kerneltest.Bench(b, 0, 2*size, func() {
			for at := 0; at < size; at += n * n {
				d := y[at:]
				Deinterleave([4][]float32{d[:q], d[q : 2*q], d[2*q : 3*q], d[3*q:]}, x[at:], n, n)
			}
		})
	})
}
