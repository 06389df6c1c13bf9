package checkpoint

import (
	"fmt"
	"slices"

	"csnet/model"
)

const (
	maxStages     = 64
	usualBranches = 5 // dilations 1, 2, 4, 8, 16
)

// ReleaseSpec recovers the Spec of a net with the release's names from the
// shapes of its tensors alone.
//
//   - Stages and blocks: as many as there are conv1x1.conv weights.
//   - Channels: octave o of a layer has as many as its bns.o.weight has entries.
//     Its declared octaves are those with a key, at least one. Where an absent
//     octave has no key either, the count of the net's widest block holds for
//     all blocks but the last of stages 2 and on, which have the fine one only.
//   - Kernel: the weight's. Stride: 2 for 3x3 weights from stage 2 on, else 1.
//   - Input octaves: the outputs of the block before; the fine octaves of the
//     last stages for the head, as many as make the columns of its weight.
//   - Dilations: 2^d for msconv.d, at least 1, 2, 4, 8, 16; a missing one is an
//     empty branch. Norm: batch, eps 1e-5.
//
// A net with fuse.conv.weights is a head on a backbone (see csfShapes). Errors name the
// tensor that does not fit.
func ReleaseSpec(shapes map[string][]int) (model.Spec, error) {
	if s, ok, err := csfShapes(shapes); ok {
		return s, err
	}
	g := guess{shapes}
	s := model.Spec{Dialect: "csnet", Norm: model.Norm{Kind: "batch", Eps: 1e-5}}
	first := g.shapes["stage0.0.conv1x1.conv.weight"]
	if len(first) != 4 {
		return s, fmt.Errorf("tensor stage0.0.conv1x1.conv.weight is missing or not of 4 sides: no net with the release's names")
	}
	s.Input = first[1]
	for si := range maxStages {
		st, err := g.stage(si)
		if err != nil {
			return s, err
		}
		if len(st.Blocks) == 0 {
			break
		}
		s.Stages = append(s.Stages, st)
	}
	pad(s.Stages)
	if g.has("oct_fuse.fuse.conv.weight") {
		h, err := g.head(s.Stages)
		if err != nil {
			return s, err
		}
		s.Head = h
	}
	return s, checkSpec(s)
}

// guess reads channel counts off shapes by name.
type guess struct{ shapes map[string][]int }

func (g guess) has(name string) bool {
	_, ok := g.shapes[name]
	return ok
}

func (g guess) stage(si int) (model.Stage, error) {
	var st model.Stage
	for b := range len(g.shapes) {
		name := fmt.Sprintf("stage%d.%d.conv1x1", si, b)
		w, ok := g.shapes[name+".conv.weight"]
		if !ok {
			break
		}
		if len(w) != 4 || w[2] != w[3] {
			return st, fmt.Errorf("tensor %s.conv.weight has shape %v, must be (out, in, k, k)", name, w)
		}
		out, err := g.octaves(name + ".bns.%d.weight")
		if err != nil {
			return st, err
		}
		if len(out) == 0 {
			return st, fmt.Errorf("tensor %s.bns.0.weight is missing", name)
		}
		blk := model.Block{Kernel: w[2], Stride: 1, Out: out}
		if si >= 2 && blk.Kernel == 3 {
			blk.Stride = 2
		}
		st.Blocks = append(st.Blocks, blk)
	}
	return st, nil
}

// octaves returns the channels of every octave whose key is there; octaves
// without a key below the last one that has one are absent.
func (g guess) octaves(format string) ([]int, error) {
	var out []int
	for o := range model.MaxOctaves {
		name := fmt.Sprintf(format, o)
		shape, ok := g.shapes[name]
		if !ok {
			continue
		}
		if len(shape) != 1 {
			return nil, fmt.Errorf("tensor %s has shape %v, must be of one side", name, shape)
		}
		for len(out) < o {
			out = append(out, 0)
		}
		out = append(out, shape[0])
	}
	return out, nil
}

// pad declares the trailing octaves that lack their keys.
func pad(stages []model.Stage) {
	n := 0
	for _, st := range stages {
		for _, b := range st.Blocks {
			n = max(n, len(b.Out))
		}
	}
	for si, st := range stages {
		for bi := range st.Blocks {
			if b := &st.Blocks[bi]; si < 2 || bi < len(st.Blocks)-1 {
				b.Out = append(b.Out, make([]int, n-len(b.Out))...)
			}
		}
	}
}

func (g guess) head(stages []model.Stage) (*model.Head, error) {
	const fuse = "oct_fuse.fuse"
	w := g.shapes[fuse+".conv.weight"]
	if len(w) != 4 {
		return nil, fmt.Errorf("tensor %s.conv.weight has shape %v, must be of 4 sides", fuse, w)
	}
	h := &model.Head{}
	var err error
	if h.Fuse, err = g.octaves(fuse + ".bns.%d.weight"); err != nil {
		return nil, err
	}
	if h.Taps, err = taps(stages, w[1], len(h.Fuse)); err != nil {
		return nil, err
	}
	h.Fuse = append(h.Fuse, make([]int, len(h.Taps)-len(h.Fuse))...)
	n := usualBranches
	for k := range h.Fuse {
		bs, err := g.branches(k)
		if err != nil {
			return nil, err
		}
		h.MS = append(h.MS, bs)
		n = max(n, len(bs))
	}
	for d := range n {
		h.Dilations = append(h.Dilations, 1<<d)
	}
	for k, bs := range h.MS {
		h.MS[k] = append(bs, make([]int, n-len(bs))...)
	}
	out, err := g.octaves("oct_fuse.fuse1x1.bns.%d.weight")
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, fmt.Errorf("oct_fuse.fuse1x1.bns has %d octaves, must be 1", len(out))
	}
	h.Out = out[0]
	return h, nil
}

// branches returns the outputs per dilation of MSBlock k.
func (g guess) branches(k int) ([]int, error) {
	var out []int
	for d := 0; 1<<d <= model.MaxDilation; d++ {
		name := fmt.Sprintf("oct_fuse.ms.convs.%d.msconv.%d.weight", k, d)
		shape, ok := g.shapes[name]
		if !ok {
			continue
		}
		if len(shape) != 4 {
			return nil, fmt.Errorf("tensor %s has shape %v, must be of 4 sides", name, shape)
		}
		for len(out) < d {
			out = append(out, 0)
		}
		out = append(out, shape[0])
	}
	return out, nil
}

// taps returns the last stages whose fine octaves make up the columns of the
// head's first weight, at least atLeast of them.
func taps(stages []model.Stage, columns, atLeast int) ([]int, error) {
	var ts []int
	n := 0
	for si := len(stages) - 1; si >= 0; si-- {
		blocks := stages[si].Blocks
		n += blocks[len(blocks)-1].Out[0]
		ts = append(ts, si)
		if n == columns && len(ts) >= atLeast {
			slices.Reverse(ts)
			return ts, nil
		}
	}
	return nil, fmt.Errorf("tensor oct_fuse.fuse.conv.weight has %d columns for %d or more octaves, the fine octaves of no last stages have so many channels in all", columns, atLeast)
}
