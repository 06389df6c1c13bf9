// Package conv holds the convolutions of training, forward and backward, one image at a
// time. It knows nothing of graphs, batches and threads; those are in the package above.
package conv

import (
	"math"

	"csnet/internal/kernel"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// Conv is a convolution of one image: an Oct, a Depthwise, a Dilated.
type Conv interface {
	// Most returns what no value of the output passes, with these weights, if no value of
	// channel c of input map k passes most[k][c].
	Most(ws [][]float32, most [][]float64) float64
	// Rescale makes Pack, and AddGrads, multiply by a factor more.
	Rescale(factor float32)
	// Pack readies the weights ws of this step.
	Pack(ws [][]float32)
	// Forward makes the output (C, H, W) and hands it to e, part by part while it is in
	// the cache.
	Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch)
	// Backward adds the gradients of the weights to part (GradSize floats, packed) and
	// gives those of the inputs to dxs.
	Backward(part []float32, dxs []prenorm.InGrad, xs []prenorm.Map, dz prenorm.OutGrad, s *Scratch)
	// GradSize is the size of part.
	GradSize() int
	// AddGrads adds sum, the sum of the images' parts, to the gradients dws of the weights
	// (nil where unwanted).
	AddGrads(dws [][]float32, sum []float32)
}

// Scratch is one thread's memory: an arena, and lists about the image in work.
type Scratch struct {
	*op.Arena
	maps      []prenorm.Map
	planes    [][]float32
	epilogues []prenorm.Epilogue
	parts     [][]float32
	outGrads  []prenorm.OutGrad
	winograd  []op.Planes
	outs      []kernel.Planes
	windows   [][]float32
	prefetch  prefetcher
	ahead     lookahead
}

// New returns the convolution of a geometry, whose packed weights lie in memory of m.
func New(g op.Conv, m *pages.Pool) Conv {
	switch g := g.(type) {
	case op.Oct:
		return NewOct(g, m)
	case op.Dilated:
		return NewDilated(g, m)
	}
	return NewDepthwise(g.(op.Depthwise))
}

// weights are a dense convolution's weights in the two orders that the kernels read: fwd
// [input][tap][output] and, turned by 180 degrees, bwd [output][tap][input].
type weights struct{ fwd, bwd []float32 }

func newWeights(f op.Filter, m *pages.Pool) weights {
	return weights{fwd: m.Floats(f.Size()), bwd: m.Floats(f.Size())}
}

// set packs w (Out, In, K, K) of the filter f.
func (p *weights) set(f op.Filter, w []float32) {
	kk := f.K * f.K
	for o := range f.Out {
		for c := range f.In {
			for k := range kk {
				v := w[(o*f.In+c)*kk+k] * f.Scale
				p.fwd[(c*kk+k)*f.Out+o] = v
				p.bwd[(o*kk+kk-1-k)*f.In+c] = v
			}
		}
	}
}

// addGrads adds sum, packed gradients, times the filter's scale to dw (Out, In, K, K).
func addGrads(f op.Filter, dw, sum []float32) {
	kk := f.K * f.K
	for c := range f.Taps() {
		for o, v := range sum[c*f.Out:][:f.Out] {
			dw[(o*f.In+c/kk)*kk+c%kk] += v * f.Scale
		}
	}
}

// addMost adds to sums what no value of each output of the filter passes, if none of input c
// passes most[c].
func addMost(f op.Filter, w []float32, most, sums []float64) {
	kk := f.K * f.K
	for o := range sums {
		for c, m := range most {
			var s float64
			for _, v := range w[(o*f.In+c)*kk:][:kk] {
				s += math.Abs(float64(v))
			}
			sums[o] += s * m * math.Abs(float64(f.Scale))
		}
	}
}

// taps lists the offsets of k x k taps, dilation apart, over c channels of planes of h x w
// with pad zeros on each side.
func taps(c, h, w, k, dilation, pad int) []int32 {
	pitch := w + 2*pad
	return op.Taps(make([]int32, 0, c*k*k), c, k, dilation, pad, (h+2*pad)*pitch, pitch)
}
