package layers

import (
	"csnet/internal/op"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// OctDepthwise is a depthwise 3x3 convolution, zero padded, with norm and
// PReLU, on every octave apart; the effective weight is 100 W.
//
// In and out: octave k (B, C_k, H/2^k, W/2^k), nil where absent. Weights w<k>
// (C_k, 1, 3, 3).
func OctDepthwise(s *Scope, in Octaves) Octaves {
	out := make(Octaves, len(in))
	for k, x := range in {
		if x == nil || s.Err() != nil {
			continue
		}
		b := x.Shape()
		w := s.param(model.OpDepthwise, model.Slot{Role: model.Weight, Octave: k}, b[1], 1, 3, 3)
		if s.b.wide != nil {
			out[k] = wideDepthwise(s, k, x, w)
			continue
		}
		conv := op.Depthwise{C: b[1], H: b[2], W: b[3], Scale: 100}
		out[k] = fused(s, output{model.OpDepthwise, k}, conv, []*G.Node{x}, []*G.Node{w}, true)
	}
	return out
}

// ILBlock is the in-layer multi-scale block: an OctCBR (mix), then two
// OctDepthwise layers (dw1, dw2). No residual.
//
// In and out as OctCBR. Source: Gao et al., ECCV 2020, section 3.2.
func ILBlock(s *Scope, in Octaves, c Conv) Octaves {
	x := OctCBR(s.part(model.Mix, 0), in, c)
	x = OctDepthwise(s.part(model.DW1, 0), x)
	return OctDepthwise(s.part(model.DW2, 0), x)
}

// MSBlock runs parallel dense 3x3 convolutions of one octave, branch d with
// dilation dilations[d], zero padded, couts[d] channels (0 = absent),
// concatenates them and adds norm and PReLU; the effective weight is 100 W.
//
// In (B, C, H, W), out (B, sum couts, H, W). Weights w<d> (couts[d], C, 3, 3);
// the norm's and slope's name ends with octave. Source: Gao et al., ECCV 2020,
// section 3.2 (after ASPP, Chen et al., 2018).
func MSBlock(s *Scope, octave int, x *G.Node, dilations, couts []int) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	b := x.Shape()
	var ws []*G.Node
	var dil, cs []int
	for d, c := range couts {
		if c > 0 {
			ws = append(ws, s.param(model.OpMSBlock, model.Slot{Role: model.Weight, Octave: octave, Branch: d}, c, b[1], 3, 3))
			dil, cs = append(dil, dilations[d]), append(cs, c)
		}
	}
	if len(cs) == 0 || s.Err() != nil {
		return nil
	}
	if s.b.wide != nil {
		return wideMSBlock(s, octave, x, ws, dil, cs)
	}
	conv := op.NewDilated(b[1], b[2], b[3], dil, cs, 100)
	return fused(s, output{model.OpMSBlock, octave}, conv, []*G.Node{x}, ws, true)
}

// Fusion describes a CSF head.
type Fusion struct {
	Fuse      []int   // widths of the first gOctConv per octave
	Dilations []int   // of the MSBlocks
	MS        [][]int // channels per octave and dilation
	Out       int     // width of the second gOctConv
}

// CSF is the cross-stage fusion head: a 1x1 OctCBR over the stages' outputs as
// octaves (fuse), an MSBlock per octave (ms<k>), a 1x1 OctCBR to one octave
// (out).
//
// In: octave k (B, C_k, H/2^k, W/2^k). Out (B, f.Out, H, W). Source: Gao et
// al., ECCV 2020, section 3.3.
func CSF(s *Scope, in Octaves, f Fusion) *G.Node {
	return OctCBR(s.part(model.Out, 0), s.fuse(in, f), Conv{Kernel: 1, Stride: 1, Out: []int{f.Out}})[0]
}

// fuse is CSF up to its MSBlocks.
func (s *Scope) fuse(in Octaves, f Fusion) Octaves {
	x := OctCBR(s.part(model.Fuse, 0), in, Conv{Kernel: 1, Stride: 1, Out: f.Fuse})
	for k := range x {
		x[k] = MSBlock(s.part(model.MS, k), k, x[k], f.Dilations, f.MS[k])
	}
	return x
}

// Classify is a 1x1 convolution with bias to one channel of logits.
//
// In (B, C, H, W), out (B, 1, H, W). Weights w (1, C, 1, 1) and bias (1).
func Classify(s *Scope, x *G.Node) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	b := x.Shape()
	w, bias := s.param(model.OpConv, model.Slot{Role: model.Weight}, 1, b[1], 1, 1), s.param(model.OpConv, model.Slot{Role: model.Bias}, 1)
	if s.b.wide != nil {
		return wideClassify(s, x, w, bias)
	}
	conv, err := op.NewOct([]op.OctIn{{Channels: b[1], H: b[2], W: b[3]}}, 0, 1, 1, 1, true, 1)
	s.Fail(err)
	if s.Err() != nil {
		return nil
	}
	f := op.Fused{Name: s.path, Conv: conv, Maps: shapes([]*G.Node{x}), Weights: shapes([]*G.Node{w})}
	return s.apply(newOp(s, f, []*G.Node{x}, nil, true), x, w, bias)
}

// Upsample upsamples x f times, bilinear with half-pixel centres and clamped
// edges. In (B, C, H, W), out (B, C, f H, f W).
func Upsample(s *Scope, name string, x *G.Node, f int) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	return s.apply(op.NewUpsample(s.b.env, s.name(name), x.Shape(), f), x)
}

// LossTerms weighs the terms of a training loss; the zero value is BCE alone.
type LossTerms = op.LossTerms

// Loss is the loss of logits x and soft targets y in [0, 1] of equal shape
// (B, 1, H, W), a scalar: the mean binary cross entropy, or the terms that are
// asked for. Stable for logits of any size.
func Loss(s *Scope, x, y *G.Node, terms LossTerms) *G.Node {
	if x == nil || y == nil || s.Err() != nil {
		return nil
	}
	return s.apply(op.NewBCE(s.b.env, s.name("loss"), x.Shape(), terms), x, y)
}
