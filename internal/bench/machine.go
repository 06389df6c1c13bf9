package bench

import (
	"sync"
	"time"

	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
)

// peakGFLOPs is the fastest of some runs of multiply-adds in registers, on one
// core.
func peakGFLOPs(clock func() time.Duration) float64 {
	best := 0.0
	for start := clock(); clock()-start < 150*time.Millisecond; {
		t := clock()
		n := kernel.PeakFLOPs(200_000)
		best = max(best, float64(n)/(clock()-t).Seconds()/1e9)
	}
	return best
}

// bandwidthGBs is the fastest of some runs of adding one block of memory to
// another, of size bytes together, on every thread its share: GB read and
// written per second by all of them, in memory touched before.
func bandwidthGBs(clock func() time.Duration, size, threads int) float64 {
	n := max(size/8/threads, 1<<12)
	parts := make([][]float32, threads)
	for i := range parts {
		parts[i] = make([]float32, 2*n)
		for k := range parts[i] {
			parts[i][k] = 1 / float32(k+1)
		}
	}
	moved := 12 * n * threads
	rounds := max(1, (32<<20)/moved) // of a run: 32 MB or so
	best := 0.0
	var wg sync.WaitGroup
	for tries, start := 0, clock(); tries < 5 || clock()-start < 200*time.Millisecond; tries++ {
		t := clock()
		for _, p := range parts {
			wg.Go(func() {
				for range rounds {
					pointwise.Add(p[:n], p[n:])
				}
			})
		}
		wg.Wait()
		best = max(best, float64(moved*rounds)/(clock()-t).Seconds()/1e9)
	}
	return best
}
