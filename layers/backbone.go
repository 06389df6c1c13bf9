package layers

import (
	"fmt"

	"csnet/internal/op/wide"
	"csnet/internal/op/wide/conv"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// Extract is a backbone: its stem, a 3x3 max pool of stride 2, and its stages, whose outputs
// it returns, the finest first. In a scope of FrozenNorms, and in evaluation, its norms are
// frozen: they divide out their running statistics and learn neither gamma nor beta.
// Elsewhere they are batch norms that learn.
//
// In (B, 3, H, W), out octave k (B, C_k, H/2^(2+k), W/2^(2+k)), sides halved upwards.
func Extract(s *Scope, x *G.Node, b model.Backbone) Octaves {
	for _, u := range b.Stem {
		x = convNorm(s, x, u, true)
	}
	x = widePool(s.Sub(string(model.Base)), "pool", x, wide.PoolSpec{Max: true, K: 3, Stride: 2, Pad: 1})
	var out Octaves
	for _, st := range b.Stages {
		for _, r := range st {
			x = residual(s, x, r)
		}
		out = append(out, x)
	}
	return out
}

// convNorm is a convolution with its norm and what follows.
func convNorm(s *Scope, x *G.Node, u model.Unit, relu bool) *G.Node {
	return newUnit(s, u).of(x, relu)
}

// unit is a convolution with its norm over its parameters.
type unit struct {
	in *Scope
	model.Unit
	w *G.Node
	n frozenNorm
}

// newUnit returns the unit u of the backbone.
func newUnit(s *Scope, u model.Unit) unit {
	in := s.Sub(u.Name)
	slot := func(r model.Role) model.Slot { return model.Slot{Role: r} }
	r := unit{in: in, Unit: u, w: in.param(model.OpConvNorm, slot(model.Weight), u.Out, u.In, u.Kernel, u.Kernel)}
	r.n = frozenNorm{gamma: in.frozen(slot(model.Gamma), u.Out), beta: in.frozen(slot(model.Beta), u.Out)}
	r.n.Mean, r.n.Var = in.buffer(model.OpConvNorm, slot(model.Mean), u.Out), in.buffer(model.OpConvNorm, slot(model.Var), u.Out)
	r.n.Eps = s.b.eps
	return r
}

// of is the unit's output for x: its convolution and norm, the maps in adds, a ReLU. One op
// does it, unless the norm learns.
func (u unit) of(x *G.Node, relu bool, adds ...*G.Node) *G.Node {
	if x == nil || u.in.Err() != nil {
		return nil
	}
	u.n.Relu = relu
	if u.in.learnsBase() {
		return u.learned(x, adds)
	}
	name := model.OctaveName(u.in.path, 0)
	if len(adds) > 0 {
		name = u.Name + ".sum"
	}
	c := wideSum{name: name, xs: []*G.Node{x}, adds: adds, ws: []*G.Node{u.w}, terms: []conv.Term{termOf(0, x, u.w, u.Stride, 1)}, norm: &u.n}
	return c.add(u.in)
}

// frozenNorm is a norm whose statistics are fixed.
type frozenNorm struct {
	conv.Frozen
	gamma, beta *G.Node
}

// learned is of where gamma and beta learn: an op each for the convolution, the norm and the
// sum.
func (u unit) learned(x *G.Node, adds []*G.Node) *G.Node {
	in, n := u.in, u.n
	z := wideConv(in, in.name("conv0"), []*G.Node{x}, nil, []*G.Node{u.w}, nil, []conv.Term{termOf(0, x, u.w, u.Stride, 1)})
	if in.Err() != nil {
		return nil
	}
	spec := wide.NormSpec{Eps: n.Eps, Mean: n.Mean, Var: n.Var}
	if in.frozenNorms || !in.Train() {
		spec.By = wide.ByRunning
	}
	if n.Relu && len(adds) == 0 {
		spec.Activation = wide.ReLU
	}
	o, err := wide.NewNorm(in.b.env, model.OctaveName(in.path, 0), z.Shape(), spec)
	if err != nil {
		in.Fail(err)
		return nil
	}
	in.setGAP(model.OpConvNorm, model.Slot{Role: model.Gamma}, o.GAP)
	y := in.apply(o, z, n.gamma, n.beta)
	for _, a := range adds {
		if in.Err() == nil {
			y = in.apply(wide.NewAdd(in.b.env, u.Name+".sum", y.Shape(), n.Relu), y, a)
		}
	}
	return y
}

// residual is a block of a backbone.
func residual(s *Scope, x *G.Node, r model.Residual) *G.Node {
	y := convNorm(s, x, r.Reduce, true)
	if r.Parts == 1 {
		y = convNorm(s, y, r.Middle[0], true)
	} else {
		y = parts(s, y, r)
	}
	expand := newUnit(s, r.Expand)
	if r.Shortcut != nil {
		if r.Pooled {
			x = widePool(s.Sub(r.Shortcut.Name), "pool", x, wide.PoolSpec{K: r.Stride, Stride: r.Stride, Ceil: true})
		}
		x = convNorm(s, x, *r.Shortcut, false)
	}
	if s.Err() != nil {
		return nil
	}
	return expand.of(y, true, x)
}

// parts is the middle of a Res2Net block: all parts of the channels but the last are
// convolved, each, except in a stage's first block, together with the result of the part
// before.
func parts(s *Scope, x *G.Node, r model.Residual) *G.Node {
	if s.Err() != nil {
		return nil
	}
	w := x.Shape()[1] / r.Parts
	in := s.Sub(r.Reduce.Name)
	slice := func(k int) *G.Node {
		if s.Err() != nil {
			return nil
		}
		return s.apply(wide.NewSlice(s.b.env, in.name(fmt.Sprintf("part%d", k)), x.Shape(), k*w, w), x)
	}
	var out []*G.Node
	for k, u := range r.Middle {
		p := slice(k)
		if k > 0 && !r.First && s.Err() == nil {
			p = s.apply(wide.NewAdd(s.b.env, in.name(fmt.Sprintf("sum%d", k)), p.Shape(), false), p, out[k-1])
		}
		out = append(out, convNorm(s, p, u, true))
	}
	last := slice(r.Parts - 1)
	if r.First {
		last = widePool(in, "pool", last, wide.PoolSpec{K: 3, Stride: r.Stride, Pad: 1, CountPad: true})
	}
	out = append(out, last)
	if s.Err() != nil {
		return nil
	}
	return s.apply(wide.NewConcat(s.b.env, in.name("parts"), shapes(out)), out...)
}
