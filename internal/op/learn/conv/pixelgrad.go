package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/half"
	"csnet/internal/op/learn/prenorm"
)

// PixelGrad makes the gradient of the input of a 1x1 convolution of few outputs from that of
// its output, as often as it is read: it is larger by far than what it is made of.
type PixelGrad struct {
	Conv *Oct
	G    []float32 // of one image's output
	Half bool      // the gradient would lie in 16 bits
	S    *Scratch
}

// CanDeferInputGrad reports whether a PixelGrad can make the gradient of the input of c for
// the convolution before, which made the input.
func (c *Oct) CanDeferInputGrad(before *Oct) bool {
	return c.Pointwise() && len(c.paths) == 1 && c.Out == 1 && before.group != nil && before.group.out == 0 && before.Pointwise() && c.paths[0].InH == c.H
}

// Make is as in prenorm.GradMaker.
func (g *PixelGrad) Make(dst []float32, from, w int) prenorm.Grads {
	p := &g.Conv.paths[0]
	n := p.In * w
	dense.Conv(&kernel.Planes{X: dst, Stride: w, Pitch: w}, kernel.Rows(g.G[from:], w), g.S.ChannelOffsets(p.Out, len(g.G)), kernel.Packed(p.bwd, p.In), w, 1, false)
	if !g.Half {
		return prenorm.Floats[kernel.BFloat16](dst[:n])
	}
	h := kernel.Halves[kernel.BFloat16](g.S.Get(kernel.HalfSize(n)))[:n]
	half.StoreBFloat16(h, dst[:n])
	return prenorm.Halves(h)
}
