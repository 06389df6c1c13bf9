package main

import (
	"math"
	"slices"
	"sync"
	"time"

	"csnet/internal/kernel"
)

// opRecorder keeps the times of runs and of the ops in them, in ms. The ops
// come in the same order in every run, once or once for each image.
type opRecorder struct {
	rows     []opTimes
	at       int  // row of the op in work
	again    bool // not the first image of the run
	runs     []float64
	overhead []float64 // what a run took beyond its ops
	run, op  time.Time
	inOps    time.Duration // in this run
}

// opTimes are the times of one op in one pass.
type opTimes struct {
	op       string
	backward bool
	ms       []float64
}

func (r *opRecorder) reset() { *r = opRecorder{rows: slices.Grow(r.rows[:0], len(r.rows))} }

func (r *opRecorder) begin() {
	r.at, r.inOps, r.again = 0, 0, false
	r.run = time.Now()
}

func (r *opRecorder) end() {
	d := time.Since(r.run)
	r.runs = append(r.runs, ms(d))
	r.overhead = append(r.overhead, ms(d-r.inOps))
}

// event is told of every op.
func (r *opRecorder) event(op string, backward, begin bool) {
	if begin {
		r.op = time.Now()
		return
	}
	d := time.Since(r.op)
	r.inOps += d
	if r.at > 0 && !backward && op == r.rows[0].op {
		r.at, r.again = 0, true
	}
	if r.at == len(r.rows) {
		r.rows = append(r.rows, opTimes{op: op, backward: backward})
	}
	row := &r.rows[r.at]
	if r.again {
		row.ms[len(row.ms)-1] += ms(d)
	} else {
		row.ms = append(row.ms, ms(d))
	}
	r.at++
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median returns the median of xs, NaN of none.
func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n == 0 {
		return math.NaN()
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// peakGFLOPs is the fastest of some runs of multiply-adds in registers, on one
// core.
func peakGFLOPs() float64 {
	best := 0.0
	for start := time.Now(); time.Since(start) < 150*time.Millisecond; {
		t := time.Now()
		n := kernel.PeakFLOPs(200_000)
		best = max(best, float64(n)/time.Since(t).Seconds()/1e9)
	}
	return best
}

// bandwidthGBs is the fastest of some runs of adding one block of memory to
// another, of size bytes together, on every thread its share: GB read and
// written per second by all of them, in memory touched before.
func bandwidthGBs(size, threads int) float64 {
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
	for tries, start := 0, time.Now(); tries < 5 || time.Since(start) < 200*time.Millisecond; tries++ {
		t := time.Now()
		for _, p := range parts {
			wg.Go(func() {
				for range rounds {
					kernel.Add(p[:n], p[n:])
				}
			})
		}
		wg.Wait()
		best = max(best, float64(moved*rounds)/time.Since(t).Seconds()/1e9)
	}
	return best
}
