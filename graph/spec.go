package graph

import (
	"fmt"
	"slices"
)

// Spec holds the integer channel counts per octave per block: all that makes a
// net, and nothing about its weights. Config makes it, Build turns it into a
// graph, the checkpoint stores it, prune returns a smaller one and Cost counts
// it without tensors.
//
// Octave 0 is the finest. An octave with 0 channels is declared but absent.
type Spec struct {
	Dialect string  `json:"dialect"` // "csnet": pool down, bilinear x2^n up. "resize" comes later.
	Norm    Norm    `json:"norm"`
	Input   int     `json:"input"`  // image channels
	Stages  []Stage `json:"stages"` // stage 0 is the stem
	Head    *Head   `json:"head,omitempty"`
}

// Norm says which normalisation follows every convolution.
type Norm struct {
	Kind   string  `json:"kind"` // "batch"; "group" comes with the resize dialect
	Groups int     `json:"groups,omitempty"`
	Eps    float64 `json:"eps"`
}

// Stage is a run of ILBlocks.
type Stage struct {
	Blocks []Block `json:"blocks"`
}

// Block is one ILBlock: gOctConv (Kernel 1 or 3, Stride 1 or 2) to Out channels
// per octave, then two depthwise 3x3 layers per octave. Its inputs are the
// outputs of the block before it.
type Block struct {
	Kernel int   `json:"kernel"`
	Stride int   `json:"stride"`
	Out    []int `json:"out"`
}

// Head is the cross-stage fusion head: a 1x1 gOctConv over the first octaves
// of the stages in Taps (each one level coarser than the last), an MSBlock per
// octave and a 1x1 gOctConv to one octave of Out channels.
type Head struct {
	Taps      []int   `json:"taps"`
	Fuse      []int   `json:"fuse"`
	Dilations []int   `json:"dilations"`
	MS        [][]int `json:"ms"` // [octave][dilation] channels; 0 is an absent branch
	Out       int     `json:"out"`
}

// Op is the kind of a Layer.
type Op string

// The kinds of layers a Spec unrolls into.
const (
	OpOctConv   Op = "goctconv"  // gOctConv + norm + PReLU
	OpDepthwise Op = "depthwise" // depthwise 3x3 per octave + norm + PReLU
	OpMSBlock   Op = "msblock"   // parallel dilated 3x3 of one octave + norm + PReLU
	OpConv      Op = "conv"      // the last 1x1 convolution with bias
)

// Layer is one layer of the unrolled Spec: what Build makes ops of, what Cost
// counts and what names the tensors.
type Layer struct {
	Name         string // path prefix of its tensors, e.g. stage2.1.mix
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
}

// Scale is the factor on the layer's stored weights ("100*W" of the release):
// 100 for depthwise and MSBlock convs and for a gOctConv with exactly one
// declared input and one declared output octave, else 1.
func (l Layer) Scale() float32 {
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

// Extractor reports whether the net is an extractor alone, with only the added
// 1x1 conv as its head.
func (s Spec) Extractor() bool { return s.Head == nil }

// Layers unrolls the spec in forward order.
func (s Spec) Layers() []Layer {
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
			name := fmt.Sprintf("stage%d.%d", si, bi)
			ls = append(ls, Layer{Name: name + ".mix", Op: OpOctConv, Kernel: b.Kernel, Stride: b.Stride, In: in, Out: out, InLevel: level, OutLevel: ol, Stage: si, Block: bi})
			for _, dw := range []string{".dw1", ".dw2"} {
				ls = append(ls, Layer{Name: name + dw, Op: OpDepthwise, Kernel: 3, Stride: 1, In: out, Out: out, InLevel: ol, OutLevel: ol, Stage: si, Block: bi})
			}
			in, level = out, ol
		}
		outs[si], levels[si] = in, level
	}
	if s.Head == nil {
		return append(ls, Layer{Name: "cls", Op: OpConv, Kernel: 1, Stride: 1, In: in[:1], Out: []int{1}, InLevel: level, OutLevel: level, Stage: -1, Block: -1})
	}
	h := s.Head
	var taps []int
	for _, t := range h.Taps {
		taps = append(taps, outs[t][0])
	}
	level = levels[h.Taps[0]]
	ls = append(ls, Layer{Name: "csf.fuse", Op: OpOctConv, Kernel: 1, Stride: 1, In: taps, Out: h.Fuse, InLevel: level, OutLevel: level, Stage: -1, Block: -1})
	ms := make([]int, len(h.Fuse))
	for k, c := range h.Fuse {
		for _, b := range h.MS[k] {
			ms[k] += b
		}
		ls = append(ls, Layer{Name: fmt.Sprintf("csf.ms%d", k), Op: OpMSBlock, Kernel: 3, Stride: 1, In: []int{c}, Out: []int{ms[k]}, InLevel: level + k, OutLevel: level + k, Stage: -1, Block: -1, Dilations: h.Dilations, Branches: h.MS[k], Octave: k})
	}
	return append(ls,
		Layer{Name: "csf.out", Op: OpOctConv, Kernel: 1, Stride: 1, In: ms, Out: []int{h.Out}, InLevel: level, OutLevel: level, Stage: -1, Block: -1},
		Layer{Name: "cls", Op: OpConv, Kernel: 1, Stride: 1, In: []int{h.Out}, Out: []int{1}, InLevel: level, OutLevel: level, Stage: -1, Block: -1})
}

// Multiple is the number that the height and width of every input must be a
// multiple of: 2^(halvings down to the coarsest octave that is declared).
func (s Spec) Multiple() int {
	deepest := 0
	for _, l := range s.Layers() {
		// A coarse input is convolved at its own resolution, halved by the stride.
		deepest = max(deepest, l.InLevel+len(l.In)-1, l.OutLevel+max(len(l.In), len(l.Out))-1)
	}
	return 1 << deepest
}

// Validate reports the first thing that keeps the spec from being built.
func (s Spec) Validate() error {
	switch {
	case s.Dialect != "csnet":
		return fmt.Errorf("graph: spec: dialect is %q, this version builds \"csnet\"", s.Dialect)
	case s.Norm.Kind != "batch":
		return fmt.Errorf("graph: spec: norm is %q, this version builds \"batch\"", s.Norm.Kind)
	case !(s.Norm.Eps > 0):
		return fmt.Errorf("graph: spec: norm eps is %g, must be above 0", s.Norm.Eps)
	case s.Input < 1:
		return fmt.Errorf("graph: spec: input has %d channels, must be at least 1", s.Input)
	case len(s.Stages) == 0:
		return fmt.Errorf("graph: spec: no stages")
	}
	level := 0
	for si, st := range s.Stages {
		if len(st.Blocks) == 0 {
			return fmt.Errorf("graph: spec: stage %d has no blocks", si)
		}
		for bi, b := range st.Blocks {
			if err := b.validate(); err != nil {
				return fmt.Errorf("graph: spec: stage %d, block %d: %w", si, bi, err)
			}
			if b.Stride == 2 {
				level++
			}
			if level+len(b.Out) > 12 {
				return fmt.Errorf("graph: spec: stage %d, block %d: %d octaves after %d halvings, more than 11 halvings in all", si, bi, len(b.Out), level)
			}
		}
	}
	last := s.Stages[len(s.Stages)-1].Blocks
	if s.Head == nil {
		if last[len(last)-1].Out[0] == 0 {
			return fmt.Errorf("graph: spec: the last block's octave 0 is absent, the last conv needs it")
		}
		return nil
	}
	return s.Head.validate(s)
}

func (b Block) validate() error {
	switch {
	case b.Kernel != 1 && b.Kernel != 3:
		return fmt.Errorf("kernel is %d, must be 1 or 3", b.Kernel)
	case b.Stride != 1 && b.Stride != 2:
		return fmt.Errorf("stride is %d, must be 1 or 2", b.Stride)
	case len(b.Out) == 0:
		return fmt.Errorf("no output octaves")
	}
	return channels(b.Out)
}

// channels checks counts per octave: none negative, at least one present.
func channels(cs []int) error {
	sum := 0
	for k, c := range cs {
		if c < 0 || c > 1<<16 {
			return fmt.Errorf("octave %d has %d channels, must be 0 to 65536", k, c)
		}
		sum += c
	}
	if sum == 0 {
		return fmt.Errorf("all octaves are absent, at least one needs a channel")
	}
	return nil
}

func (h *Head) validate(s Spec) error {
	if len(h.Taps) == 0 {
		return fmt.Errorf("graph: spec: head: no taps")
	}
	if len(h.Fuse) != len(h.Taps) || len(h.MS) != len(h.Taps) {
		return fmt.Errorf("graph: spec: head: %d taps, %d fuse widths, %d MSBlocks, must be as many", len(h.Taps), len(h.Fuse), len(h.MS))
	}
	if err := channels(h.Fuse); err != nil {
		return fmt.Errorf("graph: spec: head: fuse: %w", err)
	}
	inputs := 0
	for i, t := range h.Taps {
		if t < 0 || t >= len(s.Stages) || i > 0 && t <= h.Taps[i-1] {
			return fmt.Errorf("graph: spec: head: taps are %v, must be stages 0 to %d in order", h.Taps, len(s.Stages)-1)
		}
		if l := s.level(t) - s.level(h.Taps[0]); l != i {
			return fmt.Errorf("graph: spec: head: stage %d is %d octaves below the first tap, must be %d", t, l, i)
		}
		blocks := s.Stages[t].Blocks
		inputs += blocks[len(blocks)-1].Out[0]
	}
	if inputs == 0 {
		return fmt.Errorf("graph: spec: head: octave 0 of all stages %v is absent, at least one must be there to read", h.Taps)
	}
	total := 0
	for k, bs := range h.MS {
		sum := 0
		if len(bs) != len(h.Dilations) {
			return fmt.Errorf("graph: spec: head: MSBlock %d has %d branches for %d dilations", k, len(bs), len(h.Dilations))
		}
		for d, c := range bs {
			if c < 0 {
				return fmt.Errorf("graph: spec: head: MSBlock %d, dilation %d has %d channels", k, h.Dilations[d], c)
			}
			sum += c
		}
		if sum > 0 && h.Fuse[k] == 0 {
			return fmt.Errorf("graph: spec: head: MSBlock %d has %d channels but no input", k, sum)
		}
		total += sum
	}
	for _, d := range h.Dilations {
		if d < 1 || d > 1024 {
			return fmt.Errorf("graph: spec: head: dilation is %d, must be 1 to 1024", d)
		}
	}
	if total == 0 || h.Out < 1 {
		return fmt.Errorf("graph: spec: head: MSBlocks have %d channels, out has %d, both need at least 1", total, h.Out)
	}
	return nil
}

// level returns the halvings before the output of stage t.
func (s Spec) level(t int) int {
	n := 0
	for _, st := range s.Stages[:t+1] {
		for _, b := range st.Blocks {
			if b.Stride == 2 {
				n++
			}
		}
	}
	return n
}
