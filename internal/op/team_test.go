package op

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestEnvTasks: every part of every task is done once and before run returns, with more and
// fewer threads than processors, with workers asleep and awake.
func TestEnvTasks(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		for _, threads := range []int{1, 2, 3, 8} {
			t.Run(fmt.Sprintf("%d threads on %d", threads, procs), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				e := NewEnv(threads)
				defer e.Close()
				for round := range 300 {
					n := round % 11
					counts := make([]int32, n) // not atomic for reading: run returned
					e.Run(n, func(_, i int) { atomic.AddInt32(&counts[i], 1) })
					for i, c := range counts {
						if c != 1 {
							t.Fatalf("round %d: part %d of %d ran %d times", round, i, n, c)
						}
					}
					if round%100 == 99 {
						time.Sleep(3 * time.Millisecond) // workers sleep
					}
				}
			})
		}
	}
}

// run waits, asleep in the end, for a worker that takes long.
func TestEnvWaits(t *testing.T) {
	e := NewEnv(2)
	defer e.Close()
	for range 5 {
		both := sync.WaitGroup{} // both parts run at once
		both.Add(2)
		var done [2]bool
		e.Run(2, func(thread, i int) {
			both.Done()
			both.Wait()
			if thread != 0 {
				time.Sleep(10 * time.Millisecond)
			}
			done[i] = true
		})
		if !done[0] || !done[1] {
			t.Fatal(done)
		}
	}
}

// Workers end with Close, asleep or not.
func TestEnvClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 20 {
		e := NewEnv(4)
		e.Run(8, func(int, int) {})
		if i%5 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
		e.Close()
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}

// Every index is worked on once, whatever the number of threads, also with
// fewer indices than threads and after Close.
func TestEnvRun(t *testing.T) {
	for _, threads := range []int{-1, 0, 1, 2, 5} {
		for _, n := range []int{0, 1, 2, 3, 100} {
			t.Run(fmt.Sprintf("%d threads, %d tasks", threads, n), func(t *testing.T) {
				env := NewEnv(threads)
				counts := make([]int, n)
				count := func(_, i int) { counts[i]++ }
				env.Run(n, count)
				env.Close()
				env.Run(n, count)
				env.Close()
				for i, c := range counts {
					if c != 2 {
						t.Errorf("task %d ran %d times in two runs", i, c)
					}
				}
			})
		}
	}
}
