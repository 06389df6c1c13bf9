// Package learn is the engine that trains a net: it runs forward with the statistics of the
// batch, and backward. An op's output is the convolution's result, before its norm; whoever
// reads it applies norm and PReLU (package prenorm), so that every map is stored once.
package learn

import (
	"csnet/internal/op"
	"csnet/internal/op/learn/conv"
	"csnet/internal/op/learn/prenorm"
)

// Env is an op.Env with the scratch memory of this engine.
type Env struct {
	*op.Env
	scratch []scratch
}

// scratch is one thread's memory, with lists about the image in work.
type scratch struct {
	conv.Scratch
	maps       []prenorm.Map
	inGrads    []prenorm.InGrad
	epilogues  []prenorm.Epilogue
	parts      [][]float32
	outGrads   []prenorm.OutGrad
	recomputed conv.Recomputed
	pixelGrad  conv.PixelGrad
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
