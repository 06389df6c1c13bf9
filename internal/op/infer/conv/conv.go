// Package conv holds the convolutions and pools of inference: each makes some rows of
// one image's output map, norm and PReLU included, from rows of its input maps. It knows
// nothing of graphs, batches and threads; those are in the package above.
package conv

import (
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
)

// Conv makes rows of an output map from rows of input maps, one image at a time.
type Conv interface {
	// Pack readies the weights ws and what follows the convolution.
	Pack(ws [][]float32, e Epilogue)
	// Rows makes rows [from, to) of the output channels [st.Lo, st.Hi). Both rows are
	// multiples of Align. dst begins with channel st.Lo and row from, and its channels
	// lie stride apart; where st.Ring is set dst is a ring of rows (see depthwise.Band),
	// which only a Depthwise can write into. st, with StateFloats floats, is this
	// convolution's own from one call to that for the rows below.
	Rows(dst []float32, stride int, xs []Input, st *State, s *Scratch, from, to int)
	// Align is the number of rows that Rows makes multiples of.
	Align() int
	// StateFloats is how many floats State.Terms needs.
	StateFloats() int
	// Reads returns the rows of an input map that rows [from, to) depend on. They may
	// lie outside the map.
	Reads(input, from, to int) (lo, hi int)
}

// Input is one image of an input map (C, H, W), or some rows of it.
type Input struct {
	X        []float32
	Stride   int  // floats from channel to channel
	First    int  // the row that X begins with, where it is no ring
	Ring     int  // rows of the ring that X is (see depthwise.Band), 0: none
	Uncached bool // the whole map is too large for the caches: prefetching pays
}

// State is what a convolution keeps from one call of Rows to the next, for the rows
// below, and where that call is to write.
type State struct {
	Lo, Hi  int       // output channels to make
	Terms   []float32 // upsampled terms
	Stream  bool      // write past the caches
	Ring    int       // rows of the ring to write into, 0: none
	started bool      // there was a call
}

// Scratch is one thread's memory.
type Scratch struct {
	*op.Arena
	planes []op.Planes // inputs of a Winograd convolution
	starts []int32
	reduce dense.Reduce
}

// Epilogue is what follows a convolution, per output channel: the weights times Scale,
// plus Bias, then a PReLU of slope Slope. A nil slice stands for 1, for 0 and for no
// PReLU.
type Epilogue struct{ Scale, Bias, Slope []float32 }

// scaleOf returns the factor of output o's weights.
func (e *Epilogue) scaleOf(o int) float32 {
	if e.Scale == nil {
		return 1
	}
	return e.Scale[o]
}

// from returns the epilogue of the output channels from o on.
func (e *Epilogue) from(o int) Epilogue {
	b := *e
	for _, s := range []*[]float32{&b.Scale, &b.Bias, &b.Slope} {
		if *s != nil {
			*s = (*s)[o:]
		}
	}
	return b
}

// New returns the convolution of a geometry.
func New(g op.Conv) Conv {
	switch g := g.(type) {
	case op.Oct:
		return NewOct(g)
	case op.Dilated:
		return NewDilated(g)
	}
	return NewDepthwise(g.(op.Depthwise))
}

// pack writes the weights w (Out, In, K, K) to dst [input][tap][output], times the
// filter's scale and the outputs' own.
func pack(dst []float32, f op.Filter, w []float32, e Epilogue) {
	n := f.Taps()
	for o := range f.Out {
		k := e.scaleOf(o) * f.Scale
		for i, v := range w[o*n:][:n] {
			dst[i*f.Out+o] = v * k
		}
	}
}
