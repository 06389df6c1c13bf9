// Package op holds what the two engines share: the base of all Gorgonia ops that
// CSNet is made of, their contract with the VM, the team of threads, scratch memory,
// the geometry of the convolutions, Winograd's transform, and the ops that both or
// neither need in a form of their own (upsampling, the loss). The engines are
// internal/op/infer and internal/op/learn; the arithmetic is in internal/kernel.
// docs/engine.md tells how it all works together.
//
// Every op owns (or is lent) its output buffer and returns the same tensor from every
// Do. DoDiff adds to the gradients of its inputs and may overwrite its output's.
// Reductions run in an order that the shapes set, so any number of threads gives the
// same bits.
package op

import (
	"csnet/internal/dist"
	"csnet/internal/pages"
)

// Env is what the ops of one graph share: threads and their scratch memory. An Env
// serves one run at a time.
type Env struct {
	Team
	// StreamFloats is the size in floats from which on a map or a gradient of a
	// batch is written by streaming stores, past the caches: it would have left them
	// before anybody reads it.
	StreamFloats int
	// Mixed says that in training maps before a norm, and their gradients, lie in memory
	// in 16 bits (docs/adr/0014).
	Mixed bool
	// Frozen says that parameters do not change after an op's first run in
	// evaluation, which packs them.
	Frozen bool
	// Group is of the ranks that train together; nil: this process alone.
	Group *dist.Group

	deferred     []deferred
	deferredSize int
	settling     settling

	// Pages is memory for what lasts as long as the ops.
	Pages pages.Pool

	arenas []Arena
	ids    uint32
}

// NewEnv returns an Env of the given number of threads, at least one. Close ends its
// goroutines.
func NewEnv(threads int) *Env {
	e := &Env{StreamFloats: StreamFloats}
	e.start(threads)
	e.arenas = make([]Arena, e.Threads())
	return e
}

// Streams reports whether maps or gradients of n floats are written past the caches.
func (e *Env) Streams(n int) bool { return n >= e.StreamFloats }

// Arena returns the scratch memory of a thread.
func (e *Env) Arena(thread int) *Arena { return &e.arenas[thread] }

// newID returns a number that no other op of this Env has.
func (e *Env) newID() uint32 {
	e.ids++
	return e.ids
}
