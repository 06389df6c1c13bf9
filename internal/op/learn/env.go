// Package learn is the engine that trains a net: it runs forward with the statistics of the
// batch, and backward. An op's output is the convolution's result, before its norm; whoever
// reads it applies norm and PReLU (package prenorm), so that every map is stored once.
package learn

import (
	"csnet/internal/op"
	"csnet/internal/op/learn/conv"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// Env is an op.Env with the scratch memory of this engine.
type Env struct {
	*op.Env
	scratch []scratch

	partsSize int       // the most floats that ops which run together need
	parts     []float32 // the images' parts of the weights' gradients, of the ops that run backward
	summed    []float32 // their sums
	sumTask   func(thread, i int)
	summing   *Op
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
	n.sumTask = n.sumPart
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

// needParts says that ops will run backward together.
func (e *Env) needParts(ops ...*Op) {
	n := 0
	for _, o := range ops {
		n += o.batch * o.conv.GradSize()
	}
	e.partsSize = max(e.partsSize, n)
}

// placeParts gives ops, which run backward together, room for the images' parts of their
// weights' gradients. All ops have the same one after the other, unless ranks exchange the
// parts at the end of the step.
func (e *Env) placeParts(ops ...*Op) {
	if e.parts == nil && e.Group == nil {
		e.parts = pages.Floats(e.partsSize)
	}
	at := 0
	for _, o := range ops {
		n := o.batch * o.conv.GradSize()
		switch {
		case e.Group == nil:
			o.parts = e.parts[at : at+n]
			at += n
		case o.parts == nil:
			o.parts = make([]float32, n)
		}
	}
}

// sumParts returns the sum of the images' parts of o, until it is called again.
func (e *Env) sumParts(o *Op) []float32 {
	if n := o.conv.GradSize(); len(e.summed) < n {
		e.summed = make([]float32, n)
	}
	e.summing = o
	e.Run(op.Parts, e.sumTask)
	return e.summed[:o.conv.GradSize()]
}

// sumPart makes part i of what sumParts returns.
func (e *Env) sumPart(_, i int) {
	n := e.summing.conv.GradSize()
	from, to := op.Cut(n, i, op.Parts), op.Cut(n, i+1, op.Parts)
	op.SumImages(e.summed[from:to], e.summing.parts[from:], n, e.summing.batch)
}
