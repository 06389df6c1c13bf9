package kernel

import (
	"fmt"
	"testing"
	"time"
)

// The benchmarks run on CSNet's own maps at 224x224 and report GMAC/s, GB/s
// (every operand counted once) and the share of the peak that PeakFLOPs shows
// at the same level just before. Regenerate a table with
//
//	go test ./internal/kernel -run '^$' -bench . -benchtime 200ms
//
// and leave out plain Go with -bench '.*/.*/avx'.

// bench runs f at every level of the machine. The figures are those of its
// fastest run, so that other work on the machine does not count.
func bench(b *testing.B, macs, floats int, f func()) {
	defer Limit(AVX512)
	for l := Plain; l <= best(); l++ {
		b.Run(l.String(), func(b *testing.B) {
			Limit(l)
			peak := peakGMACs()
			fastest := time.Hour
			for b.Loop() {
				start := time.Now()
				f()
				fastest = min(fastest, time.Since(start))
			}
			s := fastest.Seconds()
			b.ReportMetric(s*1e6, "best-us")
			b.ReportMetric(float64(4*floats)/s/1e9, "GB/s")
			if macs > 0 {
				b.ReportMetric(float64(macs)/s/1e9, "GMAC/s")
				b.ReportMetric(100*float64(macs)/s/1e9/peak, "%peak")
			}
		})
	}
}

// peakGMACs is the best of a few short runs of PeakFLOPs.
func peakGMACs() (peak float64) {
	for range 20 {
		start := time.Now()
		n := PeakFLOPs(20000)
		peak = max(peak, float64(n)/2e9/time.Since(start).Seconds())
	}
	return peak
}

// BenchmarkPeak shows the peak itself.
func BenchmarkPeak(b *testing.B) {
	defer Limit(AVX512)
	for l := Plain; l <= best(); l++ {
		b.Run(l.String(), func(b *testing.B) {
			Limit(l)
			peak := peakGMACs()
			for b.Loop() {
				peak = max(peak, peakGMACs())
			}
			b.ReportMetric(peak, "GMAC/s")
		})
	}
}

// convolution is a dense one: channels in, outputs, side of the filter and of
// the map, dilation.
type convolution struct {
	name                    string
	in, out, side, n, apart int
}

func convolutions() []convolution {
	return []convolution{
		{"mix10to10at224", 10, 10, 1, 224, 1},
		{"mix19to19at224", 19, 19, 1, 224, 1},
		{"mix40to20at112", 40, 20, 1, 112, 1},
		{"mix40to40at56", 40, 40, 1, 56, 1},
		{"mix80to80at14", 80, 80, 1, 14, 1},
		{"stem3to20at112", 3, 20, 3, 112, 1},
		{"conv10to10at224", 10, 10, 3, 224, 1},
		{"conv20to20at112", 20, 20, 3, 112, 1},
		{"conv40to40at28", 40, 40, 3, 28, 1},
		{"conv40to40at14", 40, 40, 3, 14, 1},
		{"conv40to40at7", 40, 40, 3, 7, 1},
		{"dilated10to10at112", 10, 10, 3, 112, 4},
		{"dilated10to10at56", 10, 10, 3, 56, 8},
		{"dilated10to10at28", 10, 10, 3, 28, 16},
		{"head20to1at224", 20, 1, 1, 224, 1},
	}
}

// buffers returns x with its pitch and taps, weights and an output.
func (c convolution) buffers() (x []float32, xp int, off []int32, w, y []float32) {
	p := (c.side - 1) * c.apart
	xp = c.n + p
	plane := xp * xp
	for ch := range c.in {
		for i := range c.side {
			for k := range c.side {
				off = append(off, int32(ch*plane+i*c.apart*xp+k*c.apart))
			}
		}
	}
	return ones(c.in * plane), xp, off, ones(len(off) * c.out), ones(c.out * c.n * c.n)
}

func ones(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

func BenchmarkDense(b *testing.B) {
	for _, c := range convolutions() {
		b.Run(c.name, func(b *testing.B) {
			x, xp, off, w, y := c.buffers()
			bench(b, len(off)*len(y), len(x)+len(y), func() {
				Dense(y, c.n*c.n, c.n, x, xp, off, w, c.out, c.out, c.n, c.n, false)
			})
		})
	}
}

func BenchmarkDenseGrad(b *testing.B) {
	for _, c := range convolutions() {
		b.Run(c.name, func(b *testing.B) {
			x, xp, off, w, y := c.buffers()
			bench(b, len(off)*len(y), len(x)+len(y), func() {
				clear(w)
				DenseGrad(w, c.out, x, xp, off, y, c.n*c.n, c.n, c.out, c.n, c.n)
			})
		})
	}
}

// eachMap runs f for maps of several sides, with as many channels as CSNet
// has there.
func eachMap(b *testing.B, f func(b *testing.B, n, channels int)) {
	for _, m := range [][2]int{{224, 10}, {112, 20}, {56, 24}, {28, 40}, {14, 40}, {7, 40}} {
		b.Run(fmt.Sprintf("%dx%d", m[0], m[1]), func(b *testing.B) { f(b, m[0], m[1]) })
	}
}

func BenchmarkDepthwise(b *testing.B) {
	eachMap(b, func(b *testing.B, n, channels int) {
		plane := (n + 2) * (n + 2)
		x, y, w := ones(channels*plane), ones(channels*n*n), [9]float32{1, 2, 3}
		bench(b, 9*len(y), len(x)+len(y), func() {
			for c := range channels {
				Depthwise(y[c*n*n:], n, x[c*plane:], n+2, &w, n, n, nil)
			}
		})
	})
}

func BenchmarkDepthwiseGrad(b *testing.B) {
	eachMap(b, func(b *testing.B, n, channels int) {
		plane := (n + 2) * (n + 2)
		x, y := ones(channels*plane), ones(channels*n*n)
		bench(b, 9*len(y), len(x)+len(y), func() {
			for c := range channels {
				var w [9]float32
				DepthwiseGrad(&w, x[c*plane:], n+2, y[c*n*n:], n, n, n, nil, nil)
			}
		})
	})
}

// BenchmarkPointwise runs over ten maps of 224x224, which do not stay in the
// first cache: GB/s is what matters.
func BenchmarkPointwise(b *testing.B) {
	x, y := ones(10*224*224), ones(10*224*224)
	n := len(x)
	each := func(name string, floats int, f func(x, y []float32)) {
		b.Run(name, func(b *testing.B) {
			bench(b, 0, floats, func() {
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
		ActNormGrad(y, 0, y, 0, x, 0, len(x), 1, factors(1, 0.5, 0.25, 0.5, 0.25, 0.25, 0.5), 0)
	})
	each("Add", 3*n, func(x, y []float32) { Add(y, x) })
}

func BenchmarkResample(b *testing.B) {
	for _, s := range [][3]int{{112, 10, 2}, {56, 20, 2}, {28, 40, 2}, {14, 40, 2}, {7, 40, 2}, {28, 26, 4}} {
		n, channels, f := s[0], s[1], s[2]
		small, big := channels*n*n, channels*n*n*f*f
		x, y, tmp := ones(small), ones(big), make([]float32, (n+3)*8)
		each := func(name string, floats int, do func(x, y []float32)) {
			b.Run(fmt.Sprintf("%s/%dx%dby%d", name, n, channels, f), func(b *testing.B) {
				bench(b, 0, floats, func() {
					for c := range channels {
						do(x[c*n*n:][:n*n], y[c*n*n*f*f:][:n*n*f*f])
					}
				})
			})
		}
		each("Upsample", small+2*big, func(x, y []float32) { Upsample(y, x, n, n, f, true, tmp) })
		each("UpsampleGrad", small+big, func(x, y []float32) { UpsampleGrad(x, y, n, n, f, 1, tmp) })
		each("MaxPool", small+big, func(x, y []float32) { MaxPool(x, y, n*f, n*f, f) })
		dx := ones(n * n * f * f)
		each("MaxPoolGrad", small+3*big, func(x, y []float32) { MaxPoolGrad(dx, y, x, n*f, n*f, f, true) })
		if f == 2 {
			each("AvgPool2", small+big, func(x, y []float32) { AvgPool2(x, y, 2*n, 2*n) })
			each("AvgPool2Grad", small+2*big, func(x, y []float32) { AvgPool2Grad(y, x, 2*n, 2*n, true) })
		}
	}
}

func BenchmarkLoss(b *testing.B) {
	n := 224 * 224
	x, y := ones(n), ones(n)
	b.Run("BCE", func(b *testing.B) { bench(b, 0, 2*n, func() { BCE(x, y) }) })
	b.Run("BCEGrad", func(b *testing.B) { bench(b, 0, 3*n, func() { BCEGrad(x, x, y, 1e-9) }) })
	b.Run("Adam", func(b *testing.B) {
		m, v := make([]float32, n), make([]float32, n)
		bench(b, 0, 7*n, func() { Adam(x, y, m, v, AdamStep{Rate: 1e-4, Beta1: 0.9, Beta2: 0.99, Root2: 0.1, Eps: 1e-8}) })
	})
}

func BenchmarkPad(b *testing.B) {
	eachMap(b, func(b *testing.B, n, channels int) {
		x, y := ones(channels*n*n), make([]float32, channels*(n+2)*(n+2))
		bench(b, 0, len(x)+len(y), func() {
			for c := range channels {
				Pad(y[c*(n+2)*(n+2):], x[c*n*n:], n, n, 1)
			}
		})
	})
}
