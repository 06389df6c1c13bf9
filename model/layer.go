package model

import "slices"

// Op is the kind of a Layer.
type Op string

// The kinds of layers a Spec unrolls into.
const (
	OpOctConv   Op = "goctconv"  // gOctConv + norm + PReLU
	OpDepthwise Op = "depthwise" // depthwise 3x3 per octave + norm + PReLU
	OpMSBlock   Op = "msblock"   // parallel dilated 3x3 of one octave + norm + PReLU
	OpConv      Op = "conv"      // the last 1x1 convolution with bias
	OpConvNorm  Op = "convnorm"  // convolution + norm of a backbone, mostly with ReLU
)

// Layer is one layer of the unrolled Spec: what Build makes ops of, what Cost
// counts and what names the tensors.
type Layer struct {
	Name         string // path prefix of its tensors, e.g. stage2.1.mix
	Part         Part
	Op           Op
	Kernel       int
	Stride       int
	In, Out      []int // channels per declared octave
	InLevel      int   // input octave k has 1/2^(InLevel+k) of the image's sides
	OutLevel     int
	Stage, Block int // -1 in the head
	// Dilations and Branches (channels per dilation) are set for OpMSBlock only;
	// its In and Out hold the one octave it works on.
	Dilations, Branches []int
	// Octave of the head an OpMSBlock works on.
	Octave int
	Norm   string // kind of its norm, "" where it has none
	// Balanced says that an OpOctConv learns a share per output octave and channel.
	Balanced bool
	// Unscaled says that the net's dialect knows no factor on stored weights.
	Unscaled bool
}

// Scale is the factor on the layer's stored weights ("100*W" of the release):
// 100 for depthwise and MSBlock convs and for a gOctConv with exactly one
// declared input and one declared output octave, else 1; 1 everywhere in the
// dialect Resize.
func (l Layer) Scale() float32 {
	if l.Unscaled {
		return 1
	}
	switch l.Op {
	case OpDepthwise, OpMSBlock:
		return 100
	case OpOctConv:
		if len(l.In) == 1 && len(l.Out) == 1 {
			return 100
		}
	}
	return 1
}

// Layers unrolls the spec in forward order.
func (s Spec) Layers() []Layer {
	ls := s.unroll()
	for i := range ls {
		l := &ls[i]
		if l.Unscaled = s.Dialect == Resize; l.Op != OpConv && l.Op != OpConvNorm {
			l.Norm = s.Norm.Kind
		}
		l.Balanced = s.Balance && l.Op == OpOctConv
	}
	return ls
}

func (s Spec) unroll() []Layer {
	if s.Kind == KindCSF {
		return s.unrollCSF()
	}
	var ls []Layer
	in, level := []int{s.Input}, 0
	outs := make([][]int, len(s.Stages))
	levels := make([]int, len(s.Stages))
	for si, st := range s.Stages {
		for bi, b := range st.Blocks {
			out := slices.Clone(b.Out)
			ol := level
			if b.Stride == 2 {
				ol++
			}
			name := func(p Part) string { return BlockName(si, bi) + "." + p.Name(0) }
			ls = append(ls, Layer{Name: name(Mix), Part: Mix, Op: OpOctConv, Kernel: b.Kernel, Stride: b.Stride, In: in, Out: out, InLevel: level, OutLevel: ol, Stage: si, Block: bi})
			for _, dw := range []Part{DW1, DW2} {
				ls = append(ls, Layer{Name: name(dw), Part: dw, Op: OpDepthwise, Kernel: 3, Stride: 1, In: out, Out: out, InLevel: ol, OutLevel: ol, Stage: si, Block: bi})
			}
			in, level = out, ol
		}
		outs[si], levels[si] = in, level
	}
	if s.Head == nil {
		return append(ls, cls(in[0], level))
	}
	var taps []int
	for _, t := range s.Head.Taps {
		taps = append(taps, outs[t][0])
	}
	return append(ls, s.Head.layers(taps, levels[s.Head.Taps[0]])...)
}

// layers unrolls the head over the channels of its taps, the first of which
// has 1/2^level of the image's sides, and the last convolution.
func (h *Head) layers(taps []int, level int) []Layer {
	name := func(p Part, octave int) string { return HeadName + "." + p.Name(octave) }
	ls := []Layer{{Name: name(Fuse, 0), Part: Fuse, Op: OpOctConv, Kernel: 1, Stride: 1, In: taps, Out: h.Fuse, InLevel: level, OutLevel: level, Stage: -1, Block: -1}}
	ms := make([]int, len(h.Fuse))
	for k, c := range h.Fuse {
		for _, b := range h.MS[k] {
			ms[k] += b
		}
		ls = append(ls, Layer{Name: name(MS, k), Part: MS, Op: OpMSBlock, Kernel: 3, Stride: 1, In: []int{c}, Out: []int{ms[k]}, InLevel: level + k, OutLevel: level + k, Stage: -1, Block: -1, Dilations: h.Dilations, Branches: h.MS[k], Octave: k})
	}
	return append(ls,
		Layer{Name: name(Out, 0), Part: Out, Op: OpOctConv, Kernel: 1, Stride: 1, In: ms, Out: []int{h.Out}, InLevel: level, OutLevel: level, Stage: -1, Block: -1},
		cls(h.Out, level))
}

// cls is the last convolution, over in channels.
func cls(in, level int) Layer {
	return Layer{Name: string(Cls), Part: Cls, Op: OpConv, Kernel: 1, Stride: 1, In: []int{in}, Out: []int{1}, InLevel: level, OutLevel: level, Stage: -1, Block: -1}
}
