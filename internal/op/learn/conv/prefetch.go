package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op/learn/prenorm"
)

// prefetcher brings what the next band of an OctGroup reads into the cache, some of it after
// each step of the band before: memory would otherwise wait while kernels compute, and
// kernels for memory.
type prefetcher struct {
	parts [][]float32
	at    int // the part in work
	quota int // floats a step
}

// addPrefetch adds n values, from number from on, of each of some channels of x that lie
// stride apart.
func addPrefetch[H kernel.Half](a *prefetcher, x prenorm.Stored[H], channels, stride, from, n int) {
	for c := 0; c < channels && n > 0 && !x.Nil(); c++ {
		a.parts = append(a.parts, x.Cut(c*stride+from, n).Memory())
	}
}

// begin sets how many steps there will be for what was added.
func (a *prefetcher) begin(steps int) {
	n := 0
	for _, p := range a.parts {
		n += len(p)
	}
	a.quota = n/steps + 1
}

// step prefetches some more.
func (a *prefetcher) step() {
	for left := a.quota; left > 0 && a.at < len(a.parts); {
		p := a.parts[a.at]
		n := min(left, len(p))
		pointwise.Prefetch(p[:n])
		if p = p[n:]; len(p) == 0 {
			a.at++
		} else {
			a.parts[a.at] = p
		}
		left -= n
	}
}

// clear forgets what is left.
func (a *prefetcher) clear() { a.parts, a.at = a.parts[:0], 0 }
