package kerneltest

import (
	"fmt"
	"testing"
	"time"

	"csnet/internal/kernel"
)

// The benchmarks run on CSNet's own maps at 224x224 and report GMAC/s, GB/s
// (every operand counted once) and the share of the peak that PeakFLOPs shows
// at the same level just before. Regenerate a table with
//
//	go test ./internal/kernel/... -run '^$' -bench . -benchtime 200ms
//
// and leave out plain Go with -bench '.*/.*/avx'.

// Bench runs f at every level of the machine. The figures are those of its
// fastest run, so that other work on the machine does not count.
func Bench(b *testing.B, macs, floats int, f func()) {
	best := kernel.Limit(kernel.AVX512)
	defer kernel.Limit(best)
	for l := kernel.Plain; l <= best; l++ {
		b.Run(l.String(), func(b *testing.B) {
			kernel.Limit(l)
			peak := PeakGMACs()
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

// PeakGMACs is the best of a few short runs of PeakFLOPs.
func PeakGMACs() (peak float64) {
	for range 20 {
		start := time.Now()
		n := kernel.PeakFLOPs(20000)
		peak = max(peak, float64(n)/2e9/time.Since(start).Seconds())
	}
	return peak
}

// Ones is n ones.
func Ones(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// EachMap runs f for maps of several sides, with as many channels as CSNet
// has there.
func EachMap(b *testing.B, f func(b *testing.B, n, channels int)) {
	for _, m := range [][2]int{{224, 10}, {112, 20}, {56, 24}, {28, 40}, {14, 40}, {7, 40}} {
		b.Run(fmt.Sprintf("%dx%d", m[0], m[1]), func(b *testing.B) { f(b, m[0], m[1]) })
	}
}
