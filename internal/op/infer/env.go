// Package infer is the engine that runs a trained net. An op's output is the map after
// norm and PReLU, both folded into the convolution. Ops run together in segments, some
// rows at a time, so that most maps are never written to memory. There are no gradients.
package infer

import (
	"csnet/internal/op"
	"csnet/internal/op/infer/conv"
)

// Env is an op.Env with the scratch memory of this engine.
type Env struct {
	*op.Env
	scratch []scratch
}

// scratch is one thread's memory.
type scratch struct {
	conv.Scratch
	inputs  []conv.Input // of the convolution in work
	windows []window     // of the segment in work
	needed  []int        // rows that each of its members must have done
}

// NewEnv returns the engine's Env over e.
func NewEnv(e *op.Env) *Env {
	n := &Env{Env: e, scratch: make([]scratch, e.Threads())}
	for i := range n.scratch {
		n.scratch[i].Arena = e.Arena(i)
	}
	return n
}

// task returns f for Env.Run, with the thread's scratch memory empty.
func (e *Env) task(f func(s *scratch, i int)) func(thread, i int) {
	return func(thread, i int) {
		s := &e.scratch[thread]
		s.Reset()
		f(s, i)
	}
}
