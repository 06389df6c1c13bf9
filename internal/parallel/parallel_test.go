package parallel

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

// Every task is done once, whatever the number of workers; no worker has a number
// out of range or two tasks at a time; progress counts 1..n in order.
func TestEach(t *testing.T) {
	for _, c := range []struct{ workers, n int }{{1, 0}, {0, 3}, {1, 5}, {3, 2}, {4, 100}} {
		var busy [4]atomic.Bool
		times := make([]atomic.Int32, c.n)
		var seen []int
		err := Each(context.Background(), c.workers, c.n, func(done, total int) {
			if total != c.n {
				t.Errorf("%v: total is %d", c, total)
			}
			seen = append(seen, done)
		}, func(w, i int) error {
			if !busy[w].CompareAndSwap(false, true) {
				t.Errorf("%v: worker %d has two tasks", c, w)
			}
			times[i].Add(1)
			busy[w].Store(false)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range times {
			if n := times[i].Load(); n != 1 {
				t.Errorf("%v: task %d was done %d times", c, i, n)
			}
		}
		if !slices.IsSorted(seen) || len(seen) != c.n {
			t.Errorf("%v: progress %v", c, seen)
		}
	}
}

// The error is that of the smallest index for any number of workers, and stops
// the rest.
func TestEachFirstError(t *testing.T) {
	errs := []error{nil, nil, nil, errors.New("3"), errors.New("4"), nil, errors.New("6"), nil}
	for _, workers := range []int{1, 2, 8} {
		for range 50 {
			if err := Each(context.Background(), workers, len(errs), nil, func(_, i int) error { return errs[i] }); err != errs[3] {
				t.Fatalf("%d workers: error %v, want 3", workers, err)
			}
		}
	}
	done := 0
	err := Each(context.Background(), 1, 1000, nil, func(_, i int) error {
		done++
		if i == 9 {
			return errs[3]
		}
		return nil
	})
	if err != errs[3] || done != 10 {
		t.Errorf("%v after %d tasks, want an end after 10", err, done)
	}
}

// A cancelled context ends it with its error, but not when all was done.
func TestEachCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := 0
	err := Each(ctx, 1, 100, nil, func(_, i int) error {
		done++
		if i == 4 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || done != 5 {
		t.Errorf("%v after %d tasks, want cancelled after 5", err, done)
	}
	ctx, cancel = context.WithCancel(context.Background())
	if err := Each(ctx, 1, 5, func(done, _ int) {
		if done == 5 {
			cancel()
		}
	}, func(_, _ int) error { return nil }); err != nil {
		t.Errorf("all was done: %v", err)
	}
}

func TestWorkers(t *testing.T) {
	if Workers(0) != 1 || Workers(1) != 1 || Workers(1<<20) < 1 {
		t.Error(Workers(0), Workers(1), Workers(1<<20))
	}
}
