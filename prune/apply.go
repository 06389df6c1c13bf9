package prune

import (
	"fmt"
	"slices"

	"csnet/model"
)

// Apply returns the compact net: spec with fewer channels, and p with only the
// rows and columns that stay. Running statistics, slopes and depthwise weights
// come along with their channel; the values are copies. What becomes of the
// constants of removed channels, the plan's Fold says; with FoldExact a channel
// whose constant cannot be folded exactly is an error, as in a net that the plan
// was not made for. The net must have the Spec of the plan.
func (p *Plan) Apply(spec model.Spec, params *model.Params) (model.Spec, *model.Params, error) {
	n, err := p.fit(spec, params)
	if err != nil {
		return model.Spec{}, nil, err
	}
	keeps := p.keeps()
	after := n.prunedSpec(keeps)
	if err := after.Validate(); err != nil {
		return model.Spec{}, nil, fmt.Errorf("prune: after pruning: %w", err)
	}
	if params, err = p.folded(n, params); err != nil {
		return model.Spec{}, nil, err
	}
	var ts []*model.Tensor
	for _, t := range after.Tensors() {
		src := params.Get(t.Path)
		c := n.cut(t, keeps)
		ts = append(ts, &model.Tensor{Path: t.Path, Role: t.Role, Shape: t.Shape, Data: slice(src, c.rows, c.cols)})
	}
	out, err := model.NewParams(ts)
	if err != nil {
		return model.Spec{}, nil, fmt.Errorf("prune: %w", err)
	}
	return after, out, nil
}

// folded returns params with the constants of the removed channels folded into
// what reads them, if the plan says so.
func (p *Plan) folded(n *net, params *model.Params) (*model.Params, error) {
	switch p.Fold {
	case FoldExact:
		for g, grp := range p.Groups {
			for _, c := range grp.Remove {
				if why := n.inexact(params, g, c); why != "" && n.read(p, g) {
					return nil, fmt.Errorf("prune: channel %d of octave %d of %s cannot be folded exactly: %s; take interior or none", c, grp.Octave, grp.Layer, why)
				}
			}
		}
	case FoldInterior:
	default:
		return params, nil
	}
	return n.fold(params, p.removed()), nil
}

// read reports whether anything of the compact net reads group g: an MSBlock
// without channels reads nothing.
func (n *net) read(p *Plan, g int) bool {
	for k, f := range n.fuse {
		if f == g {
			ms := p.Groups[n.ms[k]]
			return len(ms.Remove) < ms.Channels
		}
	}
	return true
}

// Reference returns tensors for the unpruned spec that the compact net is to
// compute the same as: with FoldNone those of Mask; with FoldExact params
// themselves; with FoldInterior params in which each removed channel gives its
// constant over the whole map. The last differs from the compact net by what
// 3x3 convolutions read beyond the border.
func Reference(spec model.Spec, params *model.Params, p *Plan) (*model.Params, error) {
	switch p.Fold {
	case FoldExact:
		return params, nil
	case FoldInterior:
		n, err := p.fit(spec, params)
		if err != nil {
			return nil, err
		}
		return n.constants(params, p.removed()), nil
	}
	return Mask(spec, params, p)
}

// removed returns the channels that go, by group.
func (p *Plan) removed() [][]int {
	out := make([][]int, len(p.Groups))
	for i, g := range p.Groups {
		out[i] = g.Remove
	}
	return out
}

// Spec returns the compact net's Spec alone.
func (p *Plan) Spec(spec model.Spec) (model.Spec, error) {
	n, err := p.fit(spec, nil)
	if err != nil {
		return model.Spec{}, err
	}
	return n.prunedSpec(p.keeps()), nil
}

// Mask returns a copy of params, for the unpruned spec, in which gamma and beta
// are 0 in all norms of the removed channels: their outputs are exactly 0.
func Mask(spec model.Spec, params *model.Params, p *Plan) (*model.Params, error) {
	n, err := p.fit(spec, params)
	if err != nil {
		return nil, err
	}
	out := params.Clone()
	for g, grp := range p.Groups {
		for _, m := range n.norms[g] {
			for _, i := range grp.Remove {
				out.Get(m.path(model.Gamma)).Data[i] = 0
				out.Get(m.path(model.Beta)).Data[i] = 0
			}
		}
	}
	return out, nil
}

// fit reports where the plan does not fit the net, and wires it up. Nil params
// are not looked at.
func (p *Plan) fit(spec model.Spec, params *model.Params) (*net, error) {
	if err := spec.Validate(); err != nil {
		return nil, fmt.Errorf("prune: %w", err)
	}
	if params != nil {
		if err := spec.CheckParams(params); err != nil {
			return nil, fmt.Errorf("prune: %w", err)
		}
	}
	if err := Supported(spec); err != nil {
		return nil, err
	}
	n := newNet(spec)
	if len(p.Groups) != len(n.groups) {
		return nil, fmt.Errorf("prune: the plan has %d groups of channels, the net %d", len(p.Groups), len(n.groups))
	}
	for i, g := range p.Groups {
		w := n.groups[i]
		if g.Layer != w.Layer || g.Octave != w.Octave || g.Channels != w.Channels {
			return nil, fmt.Errorf("prune: the plan has %d channels in octave %d of %s, the net %d in octave %d of %s", g.Channels, g.Octave, g.Layer, w.Channels, w.Octave, w.Layer)
		}
		for k, c := range g.Remove {
			if c < 0 || c >= g.Channels || k > 0 && c <= g.Remove[k-1] {
				return nil, fmt.Errorf("prune: the plan removes %v from octave %d of %s, must be ascending channels below %d", g.Remove, g.Octave, g.Layer, g.Channels)
			}
		}
	}
	return n, nil
}

// keeps returns the channels that stay, ascending, by group.
func (p *Plan) keeps() [][]int {
	out := make([][]int, len(p.Groups))
	for i, g := range p.Groups {
		at := 0
		for c := range g.Channels {
			if at < len(g.Remove) && g.Remove[at] == c {
				at++
				continue
			}
			out[i] = append(out[i], c)
		}
	}
	return out
}

// prunedSpec returns the spec with the channels that stay.
func (n *net) prunedSpec(keeps [][]int) model.Spec {
	s := n.spec
	s.Stages = make([]model.Stage, len(n.spec.Stages))
	at := 0
	for i, st := range n.spec.Stages {
		for _, b := range st.Blocks {
			b.Out = lens(keeps, n.blocks[at])
			at++
			s.Stages[i].Blocks = append(s.Stages[i].Blocks, b)
		}
	}
	if n.spec.Head == nil {
		return s
	}
	h := *n.spec.Head
	h.Taps, h.Dilations = slices.Clone(h.Taps), slices.Clone(h.Dilations)
	h.Fuse = lens(keeps, n.fuse)
	h.Out = len(keeps[n.out])
	h.MS = make([][]int, len(n.ms))
	for k, g := range n.ms {
		for _, b := range branches(n.spec.Head.MS[k], keeps[g]) {
			h.MS[k] = append(h.MS[k], len(b))
		}
	}
	s.Head = &h
	return s
}

func lens(keeps [][]int, groups []int) []int {
	out := make([]int, len(groups))
	for i, g := range groups {
		out[i] = len(keeps[g])
	}
	return out
}

// branches splits the kept channels of an MSBlock by dilation, each counted
// from its own branch's first.
func branches(widths, keep []int) [][]int {
	out := make([][]int, len(widths))
	at, end := 0, 0
	for d, c := range widths {
		start := end
		end += c
		for at < len(keep) && keep[at] < end {
			out[d] = append(out[d], keep[at]-start)
			at++
		}
	}
	return out
}
