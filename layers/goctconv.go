package layers

import (
	"errors"
	"fmt"

	"csnet/internal/op"
	"csnet/internal/op/infer"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// Conv describes a generalized octave convolution.
type Conv struct {
	Kernel int   // 1 or 3, zero padded by Kernel/2
	Stride int   // 1 or 2
	Out    []int // channels per output octave; 0 = declared but absent
}

// GOctConv is the generalized octave convolution Y_j = sum_i f_ij(X_i), where
// f_ij convolves with the slice W_ij: at i = j plainly; for i > j at the
// coarse resolution, then bilinear upsampling by 2^(i-j) with half-pixel
// centres; for i < j after max pooling by 2^(j-i). With stride 2 all inputs are
// averaged over 2x2 first; with exactly one declared octave in and out the
// conv is truly strided and its effective weight is 100 W.
//
// In: octave i (B, C_i, H/2^i, W/2^i), nil where absent. Out: octave j
// (B, Out[j], H/(Stride 2^j), W/(Stride 2^j)). Weights w<i><j> (Out[j], C_i, k, k).
//
// Source: Gao et al., Highly Efficient Salient Object Detection with 100K
// Parameters, ECCV 2020, section 3.1. The release keeps all W_ij in one stacked
// tensor.
func GOctConv(s *Scope, in Octaves, c Conv) Octaves {
	return octaves(s, in, c, false)
}

// OctCBR is a GOctConv with norm and PReLU per output octave; norms are
// norm<j>, slopes slope<j>.
func OctCBR(s *Scope, in Octaves, c Conv) Octaves {
	return octaves(s, in, c, true)
}

func octaves(s *Scope, in Octaves, c Conv, act bool) Octaves {
	out := make(Octaves, len(c.Out))
	if s.Err() != nil {
		return out
	}
	ins, xs, err := present(in, s.halves())
	switch {
	case err != nil:
	case c.Kernel != 1 && c.Kernel != 3:
		err = fmt.Errorf("kernel is %d, must be 1 or 3", c.Kernel)
	case c.Stride != 1 && c.Stride != 2:
		err = fmt.Errorf("stride is %d, must be 1 or 2", c.Stride)
	}
	if err != nil {
		s.Fail(err)
		return out
	}
	if s.b.wide != nil {
		return wideOctaves(s, in, c, act)
	}
	pools := newPools(s, ins, xs, len(in), c)
	for j, cj := range c.Out {
		if cj > 0 {
			out[j] = octave(s, ins, xs, pools, len(in), j, c, act)
		}
	}
	return out
}

// octave makes output octave j of a gOctConv over the present inputs.
func octave(s *Scope, ins []op.OctIn, xs []*G.Node, pools []pools, declared, j int, c Conv, act bool) *G.Node {
	cj := c.Out[j]
	single := declared == 1 && len(c.Out) == 1
	scale := float32(1)
	if single {
		scale = 100
	}
	ws := make([]*G.Node, len(xs))
	for i, x := range ins {
		ws[i] = s.param(model.OpOctConv, model.Slot{Role: model.Weight, Octave: j, In: x.Octave}, cj, x.Channels, c.Kernel, c.Kernel)
	}
	h, w := size(ins[0], j, c.Stride)
	if pools != nil {
		ins, xs = pools[j].ins, pools[j].xs
	}
	conv, err := op.NewOct(ins, j, cj, c.Kernel, c.Stride, single, scale)
	if err != nil {
		s.Fail(err)
		return nil
	}
	if h < 1 || w < 1 {
		s.Fail(fmt.Errorf("octave %d is %dx%d at octave %d of the input", j, h, w, ins[0].Octave))
		return nil
	}
	return fused(s, output{model.OpOctConv, j}, conv, xs, ws, act)
}

// pools are what goes into the convs of an output octave.
type pools struct {
	ins []op.OctIn
	xs  []*G.Node
}

// newPools makes what goes into the convs of each output octave of c once for all
// of them, in evaluation: with stride 2, where several read the same pools. Nil
// where outputs had better pool by themselves.
func newPools(s *Scope, ins []op.OctIn, xs []*G.Node, declared int, c Conv) []pools {
	h, _ := size(ins[0], 0, c.Stride)
	if s.Train() || c.Stride != 2 || declared == 1 && len(c.Out) == 1 || !infer.SharesPools(h) {
		return nil
	}
	for _, x := range ins {
		if f := 2 << max(len(c.Out)-1-x.Octave, 0); x.H%f != 0 || x.W%f != 0 {
			return nil // the conv says what is wrong
		}
	}
	out := make([]pools, len(c.Out))
	for i, x := range ins {
		o := infer.NewPool(s.b.infer, s.name(fmt.Sprintf("avg%d", x.Octave)), xs[i].Shape(), true, 2)
		mean := s.apply(o, xs[i])
		for j := range out {
			y, f := mean, 2<<max(j-x.Octave, 0)
			if c.Out[j] > 0 && f > 2 && y != nil {
				o := infer.NewPool(s.b.infer, s.name(fmt.Sprintf("max%d%d", x.Octave, j)), y.Shape(), false, f/2)
				y = s.apply(o, y)
			}
			out[j].ins = append(out[j].ins, op.OctIn{Octave: x.Octave, Channels: x.Channels, H: x.H / f, W: x.W / f, Pooled: true})
			out[j].xs = append(out[j].xs, y)
		}
	}
	return out
}

// size returns the sides of output octave j.
func size(x op.OctIn, j, stride int) (h, w int) {
	return (x.H << x.Octave) / stride >> j, (x.W << x.Octave) / stride >> j
}

// present lists the octaves that are there and checks, where they must, that their sizes
// halve.
func present(in Octaves, halve bool) ([]op.OctIn, []*G.Node, error) {
	var ins []op.OctIn
	var xs []*G.Node
	for i, x := range in {
		if x == nil {
			continue
		}
		sh := x.Shape()
		if sh.Dims() != 4 {
			return nil, nil, fmt.Errorf("octave %d has shape %v, must be (B, C, H, W)", i, sh)
		}
		o := op.OctIn{Octave: i, Channels: sh[1], H: sh[2], W: sh[3]}
		if halve && len(ins) > 0 && (ins[0].H<<ins[0].Octave != o.H<<i || ins[0].W<<ins[0].Octave != o.W<<i) {
			return nil, nil, fmt.Errorf("octave %d is %dx%d but octave %d is %dx%d, each must be half of the one before", i, o.H, o.W, ins[0].Octave, ins[0].H, ins[0].W)
		}
		ins, xs = append(ins, o), append(xs, x)
	}
	if len(xs) == 0 {
		return nil, nil, errors.New("all input octaves are absent")
	}
	return ins, xs, nil
}
