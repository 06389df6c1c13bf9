// Package parallel spreads tasks over goroutines.
package parallel

import (
	"context"
	"runtime"
	"sync"
)

// Each calls do(worker, i) once for every i from 0 to n-1, on at most workers
// goroutines, which are numbered from 0. A worker does one task at a time, so
// that what belongs to it (buffers, a net) needs no lock. progress, which may be
// nil, is told after each task how many are done, one call at a time.
//
// An error or the end of ctx stops it early: tasks that have begun are finished,
// no other one begins. The error is that of the smallest i that failed, whatever
// the number of workers; ctx's error when ctx ended before the last task.
func Each(ctx context.Context, workers, n int, progress func(done, total int), do func(worker, i int) error) error {
	q := queue{n: n, failed: n, progress: progress}
	var wg sync.WaitGroup
	for w := range max(1, min(workers, n)) {
		wg.Go(func() {
			for i, ok := q.take(ctx); ok; i, ok = q.take(ctx) {
				q.finish(i, do(w, i))
			}
		})
	}
	wg.Wait()
	if q.first == nil && q.done < n {
		return ctx.Err()
	}
	return q.first
}

// Workers is how many goroutines are worth starting for n tasks that keep a core
// busy: one per core, no more than there are tasks, at least 1.
func Workers(n int) int { return max(1, min(n, runtime.GOMAXPROCS(0))) }

// queue hands out 0..n-1 and keeps the first error.
type queue struct {
	n        int
	progress func(done, total int)

	mu         sync.Mutex
	next, done int
	failed     int // index of first; n while there is none
	first      error
}

func (q *queue) take(ctx context.Context) (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first != nil || q.next == q.n || ctx.Err() != nil {
		return 0, false
	}
	q.next++
	return q.next - 1, true
}

func (q *queue) finish(i int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil && i < q.failed {
		q.failed, q.first = i, err
	}
	q.done++
	if q.progress != nil {
		q.progress(q.done, q.n)
	}
}
