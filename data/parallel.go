package data

import (
	"context"
	"runtime"
	"sync"
)

// each calls do(worker, i) for i = 0..n-1 on all threads, and progress, one call
// at a time, after each. The error it returns is that of the smallest i, whatever
// the number of threads; it ends early on an error or a cancelled ctx. A nil
// progress is none.
func each(ctx context.Context, n int, progress func(done, total int), do func(worker, i int) error) error {
	var (
		mu         sync.Mutex
		next, done int
		failed     = n
		first      error
		wg         sync.WaitGroup
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == n || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	finish := func(i int, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil && i < failed {
			failed, first = i, err
		}
		done++
		if progress != nil {
			progress(done, n)
		}
	}
	for w := range workers(n) {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				finish(i, do(w, i))
			}
		})
	}
	wg.Wait()
	if first == nil && done < n {
		return ctx.Err()
	}
	return first
}

// workers is the number of goroutines that each starts for n tasks.
func workers(n int) int { return max(1, min(n, runtime.GOMAXPROCS(0))) }
