package layers

import (
	"csnet/internal/op"
	"csnet/internal/op/infer"
	"csnet/internal/op/learn"
	"csnet/internal/op/learn/prenorm"
	"csnet/model"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// output is one octave that a layer puts out.
type output struct {
	kind   model.Op // of the layer
	octave int
}

// fused adds the convolution of one octave, and with act its norm and PReLU, as one op.
func fused(s *Scope, y output, conv op.Conv, xs, ws []*G.Node, act bool) *G.Node {
	in := append(append([]*G.Node{}, xs...), ws...)
	var n *norm
	if act {
		c, _, _ := conv.Output()
		v := s.norm(y.kind, y.octave, c)
		in, n = append(in, v.nodes...), &v
	}
	if s.Err() != nil {
		return nil
	}
	f := op.Fused{Name: model.OctaveName(s.path, y.octave), Conv: conv, Maps: shapes(xs), Weights: shapes(ws)}
	o := newOp(s, f, xs, n, false)
	if l, ok := o.(*learn.Op); ok && n != nil {
		s.setGAP(y.kind, n.gamma, learn.NormOf(l).GAP)
	}
	return s.apply(o, in...)
}

// newOp returns the op of f over the maps xs in the engine of the scope's mode, with a norm,
// where n is not nil, or a bias.
func newOp(s *Scope, f op.Fused, xs []*G.Node, n *norm, bias bool) op.Step {
	if s.b.infer != nil {
		var in *infer.Norm
		if n != nil {
			in = &infer.Norm{Eps: s.b.eps, Mean: n.mean, Var: n.variance}
		}
		return infer.New(s.b.infer, f, in, bias)
	}
	var ln *prenorm.Norm
	if n != nil {
		ln = prenorm.NewNorm(s.b.eps, n.mean, n.variance)
		ln.Frozen = s.frozenNorms
	}
	sources := make([]*prenorm.Norm, len(xs))
	for i, x := range xs {
		sources[i] = learn.NormOf(x.Op())
	}
	return learn.New(s.b.learn, f, ln, bias, sources)
}

func shapes(nodes []*G.Node) []tensor.Shape {
	out := make([]tensor.Shape, len(nodes))
	for i, n := range nodes {
		if n != nil {
			out[i] = n.Shape()
		}
	}
	return out
}
