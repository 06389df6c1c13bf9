// Package op holds the Gorgonia ops that CSNet is made of: one op per fused
// block output, each with forward and backward in one value. The arithmetic is
// in internal/kernel.
//
// Every op owns (or is lent) its output buffer and returns the same tensor
// from every Do. DoDiff adds into the gradients of its inputs and may
// overwrite its output's. Work is split over the batch; reductions run in an
// order that the shapes set, so any number of threads gives the same bits.
package op

import (
	"runtime"
	"sync/atomic"

	"csnet/internal/kernel"
)

// Env is what the ops of one graph share: worker goroutines and their scratch
// memory. An Env serves one run at a time.
//
// Workers look for the next task for a while before they sleep: an op of one
// image takes no longer than waking a goroutine does. A worker that comes late
// finds the task done and nobody waits for it.
type Env struct {
	// StreamFloats is how many floats a batch's map or gradient has that leaves the
	// caches before it is read again: it is written past them.
	StreamFloats int
	// Frozen: in evaluation parameters do not change after an op's first run,
	// which packs them.
	Frozen bool

	scratch  []scratch
	workers  []*worker
	gate     atomic.Uint64 // number of the task, whether it is open, who works on it
	waiting  atomic.Bool   // run sleeps until the last worker has left
	finished chan struct{}
	closed   atomic.Bool
	task     task // in work
	ids      uint32
}

// The gate: workers inside in the low bits, open, the task's number above.
const (
	inside = 1<<16 - 1
	open   = 1 << 16
	number = 1 << 17
)

// looks is how often a worker or a run looks before it sleeps, some 300 us; it
// lets others run every few looks.
const (
	spins      = 1 << 16
	yieldEvery = 1 << 6
)

type task struct {
	n, threads int
	next       atomic.Int64
	taken      atomic.Uint64 // parts in work or done, of at most 64
	f          func(s *scratch, i int)
}

type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// NewEnv returns an Env of the given number of threads, at least one. Close
// ends its goroutines.
func NewEnv(threads int) *Env {
	threads = min(max(threads, 1), inside)
	e := &Env{StreamFloats: defaultStreamFloats, scratch: make([]scratch, threads), finished: make(chan struct{}, 1)}
	for i := range e.scratch {
		e.scratch[i].number = i
	}
	for i := 1; i < threads; i++ {
		w := &worker{wake: make(chan struct{}, 1)}
		e.workers = append(e.workers, w)
		go e.serve(w, &e.scratch[i])
	}
	return e
}

// defaultStreamFloats is the default of Env.StreamFloats: 8 MiB. Some processors have little more
// third-level cache a core, and others write there too.
const defaultStreamFloats = 2 << 20

// streams reports whether n floats leave the caches.
func (e *Env) streams(n int) bool { return n >= e.StreamFloats }

// Close ends the worker goroutines. The Env must not be used afterwards.
func (e *Env) Close() {
	e.closed.Store(true)
	for _, w := range e.workers {
		w.wakeUp()
	}
}

// Threads returns the number of threads.
func (e *Env) Threads() int { return len(e.scratch) }

// run calls f for every i < n, spread over the threads.
func (e *Env) run(n int, f func(s *scratch, i int)) {
	t := &e.task
	t.n, t.threads, t.f = n, len(e.scratch), f
	t.next.Store(0)
	t.taken.Store(0)
	if n < 2 || len(e.workers) == 0 {
		t.work(&e.scratch[0])
		t.f = nil
		return
	}
	e.gate.Add(number | open)
	for _, w := range e.workers[:min(len(e.workers), n-1)] {
		w.wakeUp()
	}
	t.work(&e.scratch[0])
	if e.gate.Add(^uint64(open-1))&inside != 0 {
		e.wait()
	}
	t.f = nil
}

// wait returns when all workers have left the closed gate.
func (e *Env) wait() {
	for i := range spins {
		if e.gate.Load()&inside == 0 {
			return
		}
		if i%yieldEvery == 0 {
			runtime.Gosched()
		}
	}
	e.waiting.Store(true)
	if e.gate.Load()&inside == 0 && e.waiting.CompareAndSwap(true, false) {
		return
	}
	<-e.finished
}

// serve works on one task after the other.
func (e *Env) serve(w *worker, s *scratch) {
	var done uint64 // number of the last task
	for idle := 0; !e.closed.Load(); idle++ {
		g := e.gate.Load()
		switch {
		case g&open != 0 && g/number != done:
			if !e.gate.CompareAndSwap(g, g+1) {
				continue
			}
			done, idle = g/number, 0
			e.task.work(s)
			if e.gate.Add(^uint64(0))&(inside|open) == 0 && e.waiting.CompareAndSwap(true, false) {
				e.finished <- struct{}{}
			}
		case idle < spins:
			if idle%yieldEvery == 0 {
				runtime.Gosched()
			}
		default:
			idle = 0
			w.sleep(func() bool { return e.closed.Load() || e.gate.Load()/number != g/number })
		}
	}
}

// sleep returns when somebody rouses w, or at once when there is news.
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

func (t *task) work(s *scratch) {
	for i, ok := t.claim(s.number); ok; i, ok = t.claim(s.number) {
		s.used = 0
		t.f(s, i)
	}
}

// claim returns a part that nobody has. Of few parts a thread takes the same
// ones in every task, then what the others have left: they read what it has in
// its cache.
func (t *task) claim(thread int) (int, bool) {
	if t.n > 64 {
		i := int(t.next.Add(1) - 1)
		return i, i < t.n
	}
	first := thread * t.n / t.threads
	for k := range t.n {
		i := (first + k) % t.n
		if bit := uint64(1) << i; t.taken.Load()&bit == 0 && t.taken.Or(bit)&bit == 0 {
			return i, true
		}
	}
	return 0, false
}

// id returns a number no other op of this Env has.
func (e *Env) id() uint32 {
	e.ids++
	return e.ids
}

// scratch is one thread's memory, handed out in order and taken back whole.
type scratch struct {
	number     int // of the thread
	buf        []float32
	used       int
	xs         []input         // of the image in work
	planes     []planes        // of the convolution in work
	dxs        []gradient      // of the image in work
	recomputed recomputedInput // of the image in work

	// Lists of a mixer, of the image in work.
	acts     []input
	maps     [][]float32
	es       []trainEpilogue
	parts    [][]float32
	dzs      []outGrad
	prefetch prefetcher

	off    []int32
	starts []int32
	none   []float32 // zeros
	reduce kernel.Dot

	// Of the segment in work:
	windows []window
	need    []int
}

// line is how many floats a line of the caches has.
const line = 16

// get returns n floats with any content, valid until the task ends.
func (s *scratch) get(n int) []float32 {
	if s.used+n > len(s.buf) {
		s.buf = make([]float32, max(2*len(s.buf), s.used+n))
		s.used = 0
	}
	b := s.buf[s.used : s.used+n : s.used+n]
	s.used += (n + line - 1) / line * line
	return b
}

// taps returns room for n tap offsets, valid until the next call.
func (s *scratch) taps(n int) []int32 {
	if n > len(s.off) {
		s.off = make([]int32, n)
	}
	return s.off[:n]
}

// zeros returns n zeros, which nobody may overwrite.
func (s *scratch) zeros(n int) []float32 {
	if n > len(s.none) {
		s.none = make([]float32, n)
	}
	return s.none[:n]
}

// pitch returns the taps of a 1x1 conv over n channels that lie pitch apart,
// valid until the next call.
func (s *scratch) pitch(n, pitch int) []int32 {
	off := s.taps(n)
	for c := range off {
		off[c] = int32(c * pitch)
	}
	return off
}
