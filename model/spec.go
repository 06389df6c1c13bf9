package model

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

// Extractor reports whether the net is an extractor alone, with only the added
// 1x1 conv as its head.
func (s Spec) Extractor() bool { return s.Head == nil }

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
