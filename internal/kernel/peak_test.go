package kernel_test

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/kerneltest"
)

func TestPeakFLOPs(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T, m kerneltest.Memory) {
		const chains = 12
		if got, want := kernel.PeakFLOPs(1000), 1000*2*chains*kernel.Current().Lanes(); got != want {
			t.Fatalf("%d operations, want %d", got, want)
		}
	})
}

// BenchmarkPeak shows the peak itself.
func BenchmarkPeak(b *testing.B) {
	best := kernel.Limit(kernel.AVX512)
	defer kernel.Limit(best)
	for l := kernel.Plain; l <= best; l++ {
		b.Run(l.String(), func(b *testing.B) {
			kernel.Limit(l)
			peak := kerneltest.PeakGMACs()
			for b.Loop() {
				peak = max(peak, kerneltest.PeakGMACs())
			}
			b.ReportMetric(peak, "GMAC/s")
		})
	}
}
