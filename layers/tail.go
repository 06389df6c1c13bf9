package layers

import (
	"slices"

	"csnet/internal/op/wide/tail"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// CSFLogits is CSF and, in scope cls, Classify: logits (B, 1, H, W) of the finest octave's
// size. In evaluation, where parameters do not change and nobody asks for the map between the
// two, which has f.Out channels, it is never made.
func CSFLogits(s, cls *Scope, in Octaves, f Fusion) *G.Node {
	x := s.fuse(in, f)
	out := s.part(model.Out, 0)
	if s.tails(x) {
		return wideTail(out, cls, x, f.Out)
	}
	return Classify(cls, OctCBR(out, x, Conv{Kernel: 1, Stride: 1, Out: []int{f.Out}})[0])
}

// tails reports whether the end of a head over x is one op.
func (s *Scope) tails(x Octaves) bool {
	y := s.b.style
	return s.Err() == nil && s.b.wide != nil && !s.Train() && s.b.env.Frozen && !y.Keep &&
		y.Dialect == model.Resize && !y.Balance && y.Norm.Kind == model.GroupNorm && !slices.Contains(x, nil)
}

// wideTail is a gOctConv of 1x1 to one octave of width channels in scope s, and Classify in
// scope cls, as one op.
func wideTail(s, cls *Scope, x Octaves, width int) *G.Node {
	nodes := append([]*G.Node{}, x...)
	for i, m := range x {
		nodes = append(nodes, s.param(model.OpOctConv, model.Slot{Role: model.Weight, In: i}, width, m.Shape()[1], 1, 1))
	}
	for _, r := range []model.Role{model.Gamma, model.Beta, model.Slope} {
		nodes = append(nodes, s.param(model.OpOctConv, model.Slot{Role: r}, width))
	}
	nodes = append(nodes, cls.param(model.OpConv, model.Slot{Role: model.Weight}, 1, width, 1, 1), cls.param(model.OpConv, model.Slot{Role: model.Bias}, 1))
	if s.Err() != nil {
		return nil
	}
	o, err := tail.New(s.b.env, cls.path, shapes(x), width, s.b.style.Norm.Groups, s.b.eps)
	if err != nil {
		s.Fail(err)
		return nil
	}
	return s.apply(o, nodes...)
}
