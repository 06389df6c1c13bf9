package model

import (
	"fmt"
	"math"
)

// Arch describes an unpruned net by widths and fractions; Spec turns it into
// channel counts. It is the `net` section of a config.
type Arch struct {
	Width         float64   `yaml:"width"`          // xN: base width is round(20 N), half to even
	Split         []float64 `yaml:"split"`          // share per octave, finest first, any scale
	Blocks        []int     `yaml:"blocks"`         // ILBlocks in stages 1, 2, ...
	Multipliers   []float64 `yaml:"multipliers"`    // stem and stages, times the base width
	Head          []int     `yaml:"head"`           // fuse widths per octave; empty: those of the last three stages // 3
	Dilations     []int     `yaml:"dilations"`      // of the MSBlocks
	Norm          string    `yaml:"norm"`           // batch, or group over the groups below
	Groups        int       `yaml:"groups"`         // of net.norm group, which must divide all channels; else 0
	Eps           float64   `yaml:"eps"`            // of the norm
	ExtractorOnly bool      `yaml:"extractor_only"` // stem and stages with a 1x1 conv on the last
	Dialect       string    `yaml:"dialect"`        // of gOctConv: csnet, resize or octave
	Balance       bool      `yaml:"balance"`        // of net.dialect resize: learn a share per output octave and channel
	Kind          string    `yaml:"kind"`           // csnet, or csf: the head on net.backbone, to which width to multipliers do not apply
	Backbone      string    `yaml:"backbone"`       // of net.kind csf: resnet50 or res2net50
}

// DefaultArch is the x1 net of the paper, not pruned, split 1/1.
func DefaultArch() Arch {
	return Arch{
		Width: 1, Split: []float64{0.5, 0.5}, Blocks: []int{3, 4, 6, 4},
		Multipliers: []float64{1, 1, 2, 4, 4}, Dilations: []int{1, 2, 4, 8, 16},
		Norm: BatchNorm, Eps: 1e-5, Dialect: CSNet, Kind: CSNet,
	}
}

// Spec returns the channel counts. Octave boundaries lie at
// round(C * cumulative share), half to even; trailing zeros of Split are cut;
// head widths and MSBlock branches are floors.
func (a Arch) Spec() (Spec, error) {
	switch a.Kind {
	case KindCSF:
		return a.csf()
	case CSNet:
	default:
		return Spec{}, archError("net.kind", "is %q, must be %q or %q", a.Kind, CSNet, KindCSF)
	}
	split, err := a.split()
	if err != nil {
		return Spec{}, err
	}
	base := math.RoundToEven(20 * a.Width)
	switch {
	case !(base >= 1) || base > MaxWidth:
		return Spec{}, archError("net.width", "is %g, must give a base width round(20 width) of 1 to %d", a.Width, MaxWidth)
	case len(a.Blocks) == 0:
		return Spec{}, archError("net.blocks", "is empty, must hold at least one stage")
	case len(a.Multipliers) != len(a.Blocks)+1:
		return Spec{}, archError("net.multipliers", "has %d entries, must have one for the stem and one for each of the %d stages", len(a.Multipliers), len(a.Blocks))
	}
	s := a.style()
	width := make([]int, len(a.Multipliers))
	for i, m := range a.Multipliers {
		width[i] = int(math.RoundToEven(base * m))
		if width[i] < 1 || width[i] > MaxChannels {
			return Spec{}, archError(fmt.Sprintf("net.multipliers[%d]", i), "is %g, gives %d channels, must give 1 to %d", m, width[i], MaxChannels)
		}
	}
	s.Stages = append(s.Stages, Stage{Blocks: []Block{{Kernel: 3, Stride: 1, Out: share(width[0], split)}}})
	for i, n := range a.Blocks {
		if n < 1 || n > MaxBlocks {
			return Spec{}, archError(fmt.Sprintf("net.blocks[%d]", i), "is %d, must be 1 to %d", n, MaxBlocks)
		}
		s.Stages = append(s.Stages, stage(i+1, n, width[i+1], split))
	}
	if !a.ExtractorOnly {
		if s.Head, err = a.head(width); err != nil {
			return Spec{}, err
		}
	}
	return s, s.Validate()
}

// style returns a Spec of what holds for all layers.
func (a Arch) style() Spec {
	return Spec{Dialect: a.Dialect, Balance: a.Balance, Backbone: a.Backbone, Norm: Norm{Kind: a.Norm, Groups: a.Groups, Eps: a.Eps}, Input: 3}
}

// stage returns stage i: its first block halves the map unless i is 1, its
// last block has one octave unless i is 1.
func stage(i, blocks, width int, split []float64) Stage {
	var st Stage
	for b := range blocks {
		blk := Block{Kernel: 1, Stride: 1, Out: share(width, split)}
		if i > 1 && b == 0 {
			blk.Kernel, blk.Stride = 3, 2
		}
		if i > 1 && b == blocks-1 {
			blk.Out = []int{width}
		}
		st.Blocks = append(st.Blocks, blk)
	}
	return st
}

func (a Arch) head(width []int) (*Head, error) {
	n := min(3, len(a.Blocks)-1)
	if n < 1 {
		return nil, archError("net.blocks", "has %d stages, the head needs at least 2 (or set net.extractor_only)", len(a.Blocks))
	}
	if len(a.Dilations) == 0 {
		return nil, archError("net.dilations", "is empty, the head needs at least one")
	}
	h := &Head{Dilations: a.Dilations}
	for i := len(width) - n; i < len(width); i++ {
		h.Taps = append(h.Taps, i)
		h.Fuse = append(h.Fuse, width[i]/3)
	}
	if len(a.Head) > 0 {
		if len(a.Head) != n {
			return nil, archError("net.head", "has %d widths, must have %d, one for each fused stage", len(a.Head), n)
		}
		h.Fuse = a.Head
	}
	h.branch(a.Dilations)
	return h, nil
}

// branch sets the MSBlocks, a branch for each dilation, and the width of the last
// gOctConv.
func (h *Head) branch(dilations []int) {
	for _, c := range h.Fuse {
		bs := make([]int, len(dilations))
		for d := range bs {
			bs[d] = c / len(bs)
		}
		bs[len(bs)-1] = c - c/len(bs)*(len(bs)-1)
		h.MS = append(h.MS, bs)
		h.Out += c
	}
}

// split checks the shares, cuts trailing zeros and scales them to sum 1.
func (a Arch) split() ([]float64, error) {
	sum, n := 0.0, 0
	for i, f := range a.Split {
		if f < 0 || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, archError(fmt.Sprintf("net.split[%d]", i), "is %g, must be 0 or more", f)
		}
		if f > 0 {
			n = i + 1
		}
		sum += f
	}
	if n == 0 {
		return nil, archError("net.split", "is %v, at least one octave needs a share", a.Split)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = a.Split[i] / sum
	}
	return out, nil
}

// share cuts c channels into octaves at round(c * cumulative share).
func share(c int, split []float64) []int {
	out := make([]int, len(split))
	at, cum := 0, 0.0
	for i, f := range split {
		cum += f
		end := int(math.RoundToEven(float64(c) * cum))
		if i == len(split)-1 {
			end = c
		}
		out[i] = end - at
		at = end
	}
	return out
}
