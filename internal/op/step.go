package op

import (
	G "gorgonia.org/gorgonia"
)

// Step is an op as the VM runs it: Do forwards, DoDiff backwards, and the
// questions by which the VM plans memory and work. Base answers all but Do and
// DoDiff with the defaults named below, so that an op defines only the methods in
// which it differs.
type Step interface {
	G.ADOp

	// OutputSize is the number of floats that Bind needs, 0 for a scalar.
	OutputSize() int
	// Bind lends the op the memory of its output.
	Bind(buf []float32)
	// Maps is how many of the first inputs are maps; weights follow them. Default:
	// all inputs.
	Maps() int
	// Rerun runs Do on the inputs of the last Do, at the place where they lay. It
	// does nothing and returns false where that cannot be. Default: false.
	Rerun() bool
	// Finite reports whether the values of the last Do are finite. Default: true.
	Finite() bool

	// WithoutGrad lists the inputs that have no gradient.
	WithoutGrad(inputs []int)
	// CanStoreGrad reports whether DoDiff can write the gradient of an input
	// instead of adding to it. Default: false.
	CanStoreGrad(input int) bool
	// StoreGrad makes DoDiff write the gradient of an input, whose memory holds
	// nothing yet.
	StoreGrad(input int)
	// LastGrad tells that no later DoDiff adds to the gradient of an input.
	LastGrad(input int)

	// CanRecompute reports whether Recompute is possible and cheap. Default: false.
	CanRecompute() bool
	// Recompute makes the output of the last Do again, from the same inputs.
	Recompute(inputs G.Nodes) error
	// RecomputeInput makes DoDiff do without the output of before, which made the
	// op's one map: DoDiff then recomputes that map, some rows at a time, from the
	// input of before. It returns false where that cannot be. Default: false.
	RecomputeInput(before Step) bool
	// DeferInputGrad makes DoDiff leave the gradient of the op's one map, which before made,
	// to the DoDiff of before: it is made there, some rows at a time, from the gradient of
	// the op's own output, which must then last as long. It returns false where that cannot
	// be. Default: false.
	DeferInputGrad(before Step) bool
	// OutputDead reports whether nobody reads the output after the op's own DoDiff,
	// Finite included. Default: false.
	OutputDead() bool
	// ForwardOnly reports whether nobody reads the values of input i, or, for i = -1, of
	// the output, after Do: neither DoDiff nor Finite. Default: false.
	ForwardOnly(i int) bool
}

// Planned is a step of a run as those see it who decide which steps run together.
type Planned struct {
	Op Step
	// Inputs tells where each of the op's maps comes from: the number of the step
	// that makes it or, for an input of the graph, a negative number of its own.
	Inputs  []int
	Readers int  // how many inputs of other steps read the output
	Last    int  // the last step that reads the output, the step itself where none does
	Kept    bool // the output must stay readable after the run

	// The decision. A step decides for itself alone at first: Head is its own number.
	Head    int  // first of the steps that run together with this one
	Idle    bool // the output is never written in full: nobody outside the group reads it
	Overlay int  // 1 + the step in whose memory the output lies, 0: none
}

// Maps is the number of inputs.
func (b *Base) Maps() int { return len(b.In) }

// Rerun returns false.
func (b *Base) Rerun() bool { return false }

// Finite returns true.
func (b *Base) Finite() bool { return true }

// CanStoreGrad returns false.
func (b *Base) CanStoreGrad(int) bool { return false }

// StoreGrad does nothing.
func (b *Base) StoreGrad(int) {}

// LastGrad does nothing.
func (b *Base) LastGrad(int) {}

// CanRecompute returns false.
func (b *Base) CanRecompute() bool { return false }

// Recompute does nothing.
func (b *Base) Recompute(G.Nodes) error { return nil }

// RecomputeInput returns false.
func (b *Base) RecomputeInput(Step) bool { return false }

// DeferInputGrad returns false.
func (b *Base) DeferInputGrad(Step) bool { return false }

// ForwardOnly returns false.
func (b *Base) ForwardOnly(int) bool { return false }

// OutputDead returns false.
func (b *Base) OutputDead() bool { return false }
