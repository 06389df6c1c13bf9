package layers

import (
	"fmt"

	"csnet/internal/op/wide"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// Extract is a backbone: its stem, a 3x3 max pool of stride 2, and its stages, whose outputs
// it returns, the finest first. All norms are frozen: they divide out their running
// statistics, in training too, and learn neither gamma nor beta.
//
// In (B, 3, H, W), out octave k (B, C_k, H/2^(2+k), W/2^(2+k)), sides halved upwards.
func Extract(s *Scope, x *G.Node, b model.Backbone) Octaves {
	for _, u := range b.Stem {
		x = convNorm(s, x, u, wide.ReLU)
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

// convNorm is a convolution with a frozen norm and what follows.
func convNorm(s *Scope, x *G.Node, u model.Unit, act wide.Activation) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	in := s.Sub(u.Name)
	w := in.param(model.OpConvNorm, model.Slot{Role: model.Weight}, u.Out, u.In, u.Kernel, u.Kernel)
	if s.Err() != nil {
		return nil
	}
	z := wideConv(in, in.name("conv0"), []*G.Node{x}, nil, []*G.Node{w}, nil, []wide.Term{termOf(0, x, w, u.Stride, 1)})
	if s.Err() != nil {
		return nil
	}
	slot := func(r model.Role) model.Slot { return model.Slot{Role: r} }
	gamma, beta := in.frozen(slot(model.Gamma), u.Out), in.frozen(slot(model.Beta), u.Out)
	spec := wide.NormSpec{By: wide.ByRunning, Eps: s.b.eps, Activation: act}
	spec.Mean, spec.Var = in.buffer(model.OpConvNorm, slot(model.Mean), u.Out), in.buffer(model.OpConvNorm, slot(model.Var), u.Out)
	if s.Err() != nil {
		return nil
	}
	o, err := wide.NewNorm(s.b.wide, model.OctaveName(in.path, 0), z.Shape(), spec)
	if err != nil {
		s.Fail(err)
		return nil
	}
	return s.apply(o, z, gamma, beta)
}

// residual is a block of a backbone.
func residual(s *Scope, x *G.Node, r model.Residual) *G.Node {
	y := convNorm(s, x, r.Reduce, wide.ReLU)
	if r.Parts == 1 {
		y = convNorm(s, y, r.Middle[0], wide.ReLU)
	} else {
		y = parts(s, y, r)
	}
	y = convNorm(s, y, r.Expand, wide.Linear)
	if r.Shortcut != nil {
		if r.Pooled {
			x = widePool(s.Sub(r.Shortcut.Name), "pool", x, wide.PoolSpec{K: r.Stride, Stride: r.Stride, Ceil: true})
		}
		x = convNorm(s, x, *r.Shortcut, wide.Linear)
	}
	if s.Err() != nil {
		return nil
	}
	return s.apply(wide.NewAdd(s.b.wide, r.Expand.Name+".sum", y.Shape(), true), y, x)
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
		return s.apply(wide.NewSlice(s.b.wide, in.name(fmt.Sprintf("part%d", k)), x.Shape(), k*w, w), x)
	}
	var out []*G.Node
	for k, u := range r.Middle {
		p := slice(k)
		if k > 0 && !r.First && s.Err() == nil {
			p = s.apply(wide.NewAdd(s.b.wide, in.name(fmt.Sprintf("sum%d", k)), p.Shape(), false), p, out[k-1])
		}
		out = append(out, convNorm(s, p, u, wide.ReLU))
	}
	last := slice(r.Parts - 1)
	if r.First {
		last = widePool(in, "pool", last, wide.PoolSpec{K: 3, Stride: r.Stride, Pad: 1, CountPad: true})
	}
	out = append(out, last)
	if s.Err() != nil {
		return nil
	}
	return s.apply(wide.NewConcat(s.b.wide, in.name("parts"), shapes(out)), out...)
}
