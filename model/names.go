package model

import "strconv"

// This file is the whole naming scheme of layers and tensors. A tensor's path
// is its layer's name, a dot and its name within the layer:
//
//	stage2.1.mix.w01           stage 2, block 1, gOctConv, input octave 0, output octave 1
//	stage2.1.dw1.w0            first depthwise layer, octave 0
//	stage2.1.dw2.norm1.gamma   norm of octave 1; beta, mean and var likewise
//	stage2.1.dw2.slope1        PReLU of octave 1
//	csf.fuse.w20               first gOctConv of the head
//	csf.ms1.w3                 MSBlock of octave 1, its branch 3
//	csf.ms1.norm1.gamma
//	csf.out.w00                second gOctConv of the head
//	cls.w, cls.bias            the last convolution
//	stage2.1.mix.balance       shares per output octave and channel, with net.balance
//	base.layer1.0.conv1.w      a convolution of a backbone, with its norm0.gamma and so on

// Part says which part of the net a layer is.
type Part string

// The parts of a net. The first three make up an ILBlock; Fuse, MS and Out the
// head; Cls is the last convolution, which every net has.
const (
	Mix  Part = "mix"  // the gOctConv of an ILBlock
	DW1  Part = "dw1"  // its first depthwise layer
	DW2  Part = "dw2"  // its second depthwise layer
	Fuse Part = "fuse" // the gOctConv over the outputs of the stages
	MS   Part = "ms"   // the MSBlock of one octave
	Out  Part = "out"  // the gOctConv to one octave
	Cls  Part = "cls"  // the 1x1 convolution to the logit
	Base Part = "base" // a backbone, which other parts do not take apart
)

// HeadName is the path under which the layers of the head lie.
const HeadName = "csf"

// BlockName is the path under which the layers of an ILBlock lie: stage2.1.
func BlockName(stage, block int) string {
	return "stage" + strconv.Itoa(stage) + "." + strconv.Itoa(block)
}

// Name is the part's name within its block or head. The MSBlocks, of which
// there is one for every octave of the head, bear their octave: ms1.
func (p Part) Name(octave int) string {
	if p == MS {
		return string(p) + strconv.Itoa(octave)
	}
	return string(p)
}

// BlockName is the name of the ILBlock that the layer is part of, or the
// layer's own outside of the ILBlocks.
func (l Layer) BlockName() string {
	if l.Stage < 0 {
		return l.Name
	}
	return BlockName(l.Stage, l.Block)
}

// OctaveName names what a layer puts out in one octave, and the operation that
// computes it: stage2.1.dw2.0.
func OctaveName(layer string, octave int) string { return layer + "." + strconv.Itoa(octave) }

// Slot says which of its layer's tensors a tensor is.
type Slot struct {
	Role Role
	// Octave of the layer's output that the tensor belongs to; for an MSBlock the
	// head's octave.
	Octave int
	// In is the input octave that a weight of a gOctConv reads, 0 for others.
	In int
	// Branch is the dilation that a weight of an MSBlock belongs to, as an index,
	// 0 for others.
	Branch int
}

// TensorName is the name of a tensor within a layer of kind op.
func TensorName(op Op, s Slot) string {
	switch s.Role {
	case Gamma, Beta, Mean, Var:
		return "norm" + strconv.Itoa(s.Octave) + "." + string(s.Role)
	case Slope:
		return "slope" + strconv.Itoa(s.Octave)
	case Bias, Balance:
		return string(s.Role)
	}
	switch op {
	case OpDepthwise:
		return "w" + strconv.Itoa(s.Octave)
	case OpMSBlock:
		return "w" + strconv.Itoa(s.Branch)
	case OpOctConv:
		if s.In > 9 || s.Octave > 9 {
			return "w" + strconv.Itoa(s.In) + "_" + strconv.Itoa(s.Octave)
		}
		return "w" + strconv.Itoa(s.In) + strconv.Itoa(s.Octave)
	}
	return "w"
}

// TensorPath is the path of the layer's tensor in slot s.
func (l Layer) TensorPath(s Slot) string { return l.Name + "." + TensorName(l.Op, s) }
