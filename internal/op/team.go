package op

import (
	"runtime"
	"sync/atomic"
)

// Team is a fixed number of threads that share the parts of one task at a time:
// the caller of Run and worker goroutines.
//
// A worker that has nothing to do spins for a while before it sleeps, because an op
// on one image takes no longer than waking a goroutine does. Nobody waits for a
// worker that comes late: it finds the task done.
type Team struct {
	workers  []*worker
	gate     atomic.Uint64 // number of the task, whether it is open, how many work on it
	waiting  atomic.Bool   // Run sleeps until the last worker has left the gate
	finished chan struct{}
	closed   atomic.Bool
	task     task // the one in work
}

// The gate counts the workers inside in its low bits; above them are one bit for
// open and the number of the task.
const (
	inside = 1<<16 - 1
	open   = 1 << 16
	number = 1 << 17
)

// A worker without work, and a Run that waits for workers, check the gate spins
// times, some 300 us, before they sleep. Every yieldEvery checks they let other
// goroutines run.
const (
	spins      = 1 << 16
	yieldEvery = 1 << 6
)

type task struct {
	n, threads int
	next       atomic.Int64
	taken      atomic.Uint64 // one bit per part in work or done; used for at most 64 parts
	f          func(thread, i int)
}

type worker struct {
	thread int
	asleep atomic.Bool
	wake   chan struct{}
}

// start makes the team one of the given number of threads, at least one.
func (t *Team) start(threads int) {
	threads = min(max(threads, 1), inside)
	t.finished = make(chan struct{}, 1)
	t.task.threads = threads
	for i := 1; i < threads; i++ {
		w := &worker{thread: i, wake: make(chan struct{}, 1)}
		t.workers = append(t.workers, w)
		go t.serve(w)
	}
}

// Close ends the worker goroutines. The team must not be used afterwards but for
// Run, which then has one thread.
func (t *Team) Close() {
	t.closed.Store(true)
	for _, w := range t.workers {
		w.wakeUp()
	}
}

// Threads returns the number of threads.
func (t *Team) Threads() int { return t.task.threads }

// Run calls f for every i below n, spread over the threads, and returns when all
// calls have. thread is below Threads and tells which thread makes the call.
func (t *Team) Run(n int, f func(thread, i int)) {
	k := &t.task
	k.n, k.f = n, f
	k.next.Store(0)
	k.taken.Store(0)
	if n < 2 || len(t.workers) == 0 {
		k.work(0)
		k.f = nil
		return
	}
	t.gate.Add(number | open)
	for _, w := range t.workers[:min(len(t.workers), n-1)] {
		w.wakeUp()
	}
	k.work(0)
	if t.gate.Add(^uint64(open-1))&inside != 0 {
		t.wait()
	}
	k.f = nil
}

// wait returns when all workers have left the closed gate.
func (t *Team) wait() {
	for i := range spins {
		if t.gate.Load()&inside == 0 {
			return
		}
		if i%yieldEvery == 0 {
			runtime.Gosched()
		}
	}
	t.waiting.Store(true)
	if t.gate.Load()&inside == 0 && t.waiting.CompareAndSwap(true, false) {
		return
	}
	<-t.finished
}

// serve works on one task after the other.
func (t *Team) serve(w *worker) {
	var done uint64 // number of the last task
	for idle := 0; !t.closed.Load(); idle++ {
		g := t.gate.Load()
		switch {
		case g&open != 0 && g/number != done:
			if !t.gate.CompareAndSwap(g, g+1) {
				continue
			}
			done, idle = g/number, 0
			t.task.work(w.thread)
			if t.gate.Add(^uint64(0))&(inside|open) == 0 && t.waiting.CompareAndSwap(true, false) {
				t.finished <- struct{}{}
			}
		case idle < spins:
			if idle%yieldEvery == 0 {
				runtime.Gosched()
			}
		default:
			idle = 0
			w.sleep(func() bool { return t.closed.Load() || t.gate.Load()/number != g/number })
		}
	}
}

// sleep returns when somebody wakes w, or at once when there is news.
func (w *worker) sleep(news func() bool) {
	w.asleep.Store(true)
	if news() && w.asleep.CompareAndSwap(true, false) {
		return
	}
	<-w.wake
}

// wakeUp wakes w if it sleeps.
func (w *worker) wakeUp() {
	if w.asleep.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}

// work does parts of the task until none is left.
func (k *task) work(thread int) {
	for i, ok := k.claim(thread); ok; i, ok = k.claim(thread) {
		k.f(thread, i)
	}
}

// claim returns a part that nobody has taken. Where the parts are at most 64 every
// thread begins with the same ones in every task, because what it needs of them is
// still in its cache, and takes what the others have left afterwards.
func (k *task) claim(thread int) (int, bool) {
	if k.n > 64 {
		i := int(k.next.Add(1) - 1)
		return i, i < k.n
	}
	first := thread * k.n / k.threads
	for j := range k.n {
		i := (first + j) % k.n
		if bit := uint64(1) << i; k.taken.Load()&bit == 0 && k.taken.Or(bit)&bit == 0 {
			return i, true
		}
	}
	return 0, false
}

// Parts is into how many parts work is cut, at most, that threads share and whose cuts are
// to be the same for any number of threads.
const Parts = 8

// Cut returns where part i of n things in k parts begins.
func Cut(n, i, k int) int { return n * i / k }
