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
	"sync"
	"sync/atomic"
)

// Env is what the ops of one graph share: worker goroutines and their scratch
// memory. An Env serves one run at a time.
type Env struct {
	scratch []scratch
	tasks   []chan *task
	task    task // in work
	ids     uint32
}

type task struct {
	n    int64
	next atomic.Int64
	f    func(s *scratch, i int)
	wg   sync.WaitGroup
}

// NewEnv returns an Env of the given number of threads, at least one. Close
// ends its goroutines.
func NewEnv(threads int) *Env {
	threads = max(threads, 1)
	e := &Env{scratch: make([]scratch, threads)}
	for w := 1; w < threads; w++ {
		c := make(chan *task)
		e.tasks = append(e.tasks, c)
		go func(s *scratch) {
			for t := range c {
				t.work(s)
				t.wg.Done()
			}
		}(&e.scratch[w])
	}
	return e
}

// Close ends the worker goroutines. The Env must not be used afterwards.
func (e *Env) Close() {
	for _, c := range e.tasks {
		close(c)
	}
	e.tasks = nil
}

// Threads returns the number of threads.
func (e *Env) Threads() int { return len(e.scratch) }

// run calls f for every i < n, spread over the threads.
func (e *Env) run(n int, f func(s *scratch, i int)) {
	t := &e.task
	t.n, t.f = int64(n), f
	t.next.Store(0)
	for _, c := range e.tasks[:min(len(e.tasks), max(n-1, 0))] {
		t.wg.Add(1)
		c <- t
	}
	t.work(&e.scratch[0])
	t.wg.Wait()
	t.f = nil
}

func (t *task) work(s *scratch) {
	for {
		i := t.next.Add(1) - 1
		if i >= t.n {
			return
		}
		s.used = 0
		t.f(s, int(i))
	}
}

// id returns a number no other op of this Env has.
func (e *Env) id() uint32 {
	e.ids++
	return e.ids
}

// scratch is one thread's memory, handed out in order and taken back whole.
type scratch struct {
	buf  []float32
	used int
	xs   []input    // of the image in work
	dxs  []gradient // of the image in work
	off  []int32
}

// get returns n floats with any content, valid until the task ends.
func (s *scratch) get(n int) []float32 {
	if s.used+n > len(s.buf) {
		s.buf = make([]float32, max(2*len(s.buf), s.used+n))
		s.used = 0
	}
	b := s.buf[s.used : s.used+n : s.used+n]
	s.used += n
	return b
}

// taps returns room for n tap offsets, valid until the next call.
func (s *scratch) taps(n int) []int32 {
	if n > len(s.off) {
		s.off = make([]int32, n)
	}
	return s.off[:n]
}
