package model

// Spec holds the integer channel counts per octave per block: all that makes a
// net, and nothing about its weights. Config makes it, Build turns it into a
// graph, the checkpoint stores it, prune returns a smaller one and Cost counts
// it without tensors.
//
// Octave 0 is the finest. An octave with 0 channels is declared but absent.
type Spec struct {
	// Kind is "" for CSNet and KindCSF for its head on a large backbone; Stages is then
	// empty.
	Kind     string  `json:"kind,omitempty"`
	Backbone string  `json:"backbone,omitempty"` // of KindCSF, see Backbones
	Dialect  string  `json:"dialect"`            // of the gOctConvs: CSNet, Resize or Octave
	Balance  bool    `json:"balance,omitempty"`  // of Resize: a learned share per output octave and channel
	Norm     Norm    `json:"norm"`
	Input    int     `json:"input"`  // image channels
	Stages   []Stage `json:"stages"` // stage 0 is the stem
	Head     *Head   `json:"head,omitempty"`
}

// The dialects of gOctConv differ in how a map reaches another octave.
const (
	CSNet  = "csnet"  // down by max pooling, up bilinearly by 2^n
	Resize = "resize" // resized bilinearly to the other octave's size, whatever that is
	Octave = "octave" // OctConv (Chen et al., 2019): down by averages, up by the nearest value
)

// KindCSF is the Kind of the head on a large backbone.
const KindCSF = "csf"

// The kinds of norms.
const (
	BatchNorm  = "batch"
	GroupNorm  = "group"
	FrozenNorm = "frozen" // of a backbone: a batch norm that training may leave as it is (train.norm)
)

// Norm says which normalisation follows every convolution.
type Norm struct {
	Kind   string  `json:"kind"`             // BatchNorm or GroupNorm
	Groups int     `json:"groups,omitempty"` // of GroupNorm
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

// FixedSizes reports whether sides must be multiples of Multiple: in the dialects whose
// octaves are exactly twice as large as the next.
func (s Spec) FixedSizes() bool { return s.Dialect != Resize }

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
