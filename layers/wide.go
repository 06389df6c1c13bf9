package layers

import (
	"fmt"

	"csnet/internal/op/wide"
	"csnet/internal/op/wide/conv"
	"csnet/model"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// This file makes the layers of other dialects, and of nets with group norm, of the ops of
// package wide: whole maps, one op after the other.

// halves reports whether each octave must be half of the one before.
func (s *Scope) halves() bool { return s.b.style.Dialect != model.Resize }

// scale is the factor on stored weights where CSNet's own dialect has 100.
func (s *Scope) scale() float32 {
	if s.b.style.Dialect == model.Resize {
		return 1
	}
	return 100
}

// wideSum is a sum of convolutions of the maps xs, and of maps as they are, as one op; bias
// and norm may be nil.
type wideSum struct {
	name         string
	xs, adds, ws []*G.Node
	terms        []conv.Term
	bias         *G.Node
	norm         *frozenNorm
}

// add adds the op.
func (c wideSum) add(s *Scope) *G.Node {
	if s.Err() != nil {
		return nil
	}
	in := append(append(append([]*G.Node{}, c.xs...), c.adds...), c.ws...)
	o, err := conv.NewSum(s.b.wide, c.name, shapes(in[:len(c.xs)+len(c.adds)]), len(c.adds), c.terms, c.bias != nil)
	if err != nil {
		s.Fail(err)
		return nil
	}
	if c.bias != nil {
		in = append(in, c.bias)
	}
	if c.norm != nil {
		o.TakeNorm(c.norm.Frozen)
		in = append(in, c.norm.gamma, c.norm.beta)
	}
	return s.apply(o, in...)
}

// wideConv adds a sum of convolutions of the maps xs, and of maps as they are, as one op.
func wideConv(s *Scope, name string, xs, adds, ws []*G.Node, bias *G.Node, terms []conv.Term) *G.Node {
	return wideSum{name: name, xs: xs, adds: adds, ws: ws, bias: bias, terms: terms}.add(s)
}

// termOf returns the convolution of map number i, x, with weights w, padded by half its
// kernel.
func termOf(i int, x, w *G.Node, stride int, scale float32) conv.Term {
	b, k := x.Shape(), w.Shape()
	return conv.Term{Map: i, C: b[1], H: b[2], W: b[3], Out: k[0], K: k[2], Stride: stride, Pad: k[2] / 2, Dilation: 1, Scale: scale}
}

// wideNorm adds the norm and PReLU of an octave of a layer.
func wideNorm(s *Scope, y output, z *G.Node) *G.Node {
	if z == nil || s.Err() != nil {
		return nil
	}
	c := z.Shape()[1]
	spec := wide.NormSpec{Groups: s.b.style.Norm.Groups, Eps: s.b.eps, Activation: wide.PReLU}
	slot := func(r model.Role) model.Slot { return model.Slot{Role: r, Octave: y.octave} }
	nodes := []*G.Node{s.param(y.kind, slot(model.Gamma), c), s.param(y.kind, slot(model.Beta), c), s.param(y.kind, slot(model.Slope), c)}
	switch {
	case s.b.style.Norm.Kind == model.GroupNorm:
		spec.By = wide.ByGroup
	case !s.Train() || s.frozenNorms:
		spec.By = wide.ByRunning
	}
	if spec.By != wide.ByGroup {
		spec.Mean, spec.Var = s.buffer(y.kind, slot(model.Mean), c), s.buffer(y.kind, slot(model.Var), c)
	}
	if s.Err() != nil {
		return nil
	}
	o, err := wide.NewNorm(s.b.env, model.OctaveName(s.path, y.octave), z.Shape(), spec)
	if err != nil {
		s.Fail(err)
		return nil
	}
	s.setGAP(y.kind, slot(model.Gamma), o.GAP)
	return s.apply(o, append([]*G.Node{z}, nodes...)...)
}

// wideOctaves is octaves in another dialect.
func wideOctaves(s *Scope, in Octaves, c Conv, act bool) Octaves {
	out := make(Octaves, len(c.Out))
	w := wideOct{s: s, in: in, c: c, stride: 1, scale: 1, act: act}
	switch single := len(in) == 1 && len(c.Out) == 1; {
	case single:
		w.scale, w.stride = s.scale(), c.Stride
	case c.Stride == 2:
		w.in = make(Octaves, len(in))
		for i, x := range in {
			if x != nil {
				w.in[i] = widePool(s, fmt.Sprintf("avg%d", i), x, wide.PoolSpec{K: 2, Stride: 2})
			}
		}
	}
	if s.b.style.Balance {
		total := 0
		for _, cj := range c.Out {
			total += cj
		}
		w.balance = s.param(model.OpOctConv, model.Slot{Role: model.Balance}, len(c.Out), total)
	}
	at := 0
	for j, cj := range c.Out {
		if cj > 0 && s.Err() == nil {
			out[j] = w.octave(j, at)
		}
		at += cj
	}
	return out
}

// wideOct is a gOctConv that is being made; in are its inputs, averaged where its stride
// asks for that.
type wideOct struct {
	s       *Scope
	in      Octaves
	c       Conv
	stride  int // of the convolutions themselves
	scale   float32
	balance *G.Node
	act     bool
}

// octave makes output octave j, whose channels begin with number at of all.
func (w *wideOct) octave(j, at int) *G.Node {
	s := w.s
	var xs, ws, adds []*G.Node
	var terms []conv.Term
	for i, x := range w.in {
		if x == nil {
			continue
		}
		weight := w.weight(i, j, at)
		if s.Err() != nil {
			return nil
		}
		if i > j {
			t := termOf(0, x, weight, 1, w.scale)
			coarse := wideConv(s, s.name(fmt.Sprintf("conv%d_%d", i, j)), []*G.Node{x}, nil, []*G.Node{weight}, nil, []conv.Term{t})
			adds = append(adds, w.reach(coarse, i, j))
			continue
		}
		x = w.reach(x, i, j)
		if s.Err() != nil {
			return nil
		}
		terms = append(terms, termOf(len(xs), x, weight, w.stride, w.scale))
		xs, ws = append(xs, x), append(ws, weight)
	}
	name := model.OctaveName(s.path, j)
	if w.act {
		name = s.name(fmt.Sprintf("conv%d", j))
	}
	y := wideConv(s, name, xs, adds, ws, nil, terms)
	if !w.act {
		return y
	}
	return wideNorm(s, output{model.OpOctConv, j}, y)
}

// weight returns the weights from octave i to octave j, balanced where the net is.
func (w *wideOct) weight(i, j, at int) *G.Node {
	s, x := w.s, w.in[i]
	if x == nil {
		return nil
	}
	n := s.param(model.OpOctConv, model.Slot{Role: model.Weight, Octave: j, In: i}, w.c.Out[j], x.Shape()[1], w.c.Kernel, w.c.Kernel)
	if w.balance == nil || n == nil {
		return n
	}
	return s.apply(wide.NewBalance(s.b.env, s.name(fmt.Sprintf("balance%d_%d", i, j)), n.Shape(), w.balance.Shape(), j, at), n, w.balance)
}

// reach brings a map of octave i to the size of octave j.
func (w *wideOct) reach(x *G.Node, i, j int) *G.Node {
	s := w.s
	if i == j || x == nil || s.Err() != nil {
		return x
	}
	f := 1 << max(i-j, j-i)
	name := fmt.Sprintf("to%d_%d", i, j)
	switch d := s.b.style.Dialect; {
	case d == model.Resize:
		h, wd := w.size(j)
		return wideResize(s, name, x, h, wd, false)
	case i > j:
		b := x.Shape()
		return wideResize(s, name, x, b[2]*f, b[3]*f, d == model.Octave)
	default:
		return widePool(s, name, x, wide.PoolSpec{Max: d == model.CSNet, K: f, Stride: f})
	}
}

// size returns the sides of octave j: those of the input octave or, where that is absent,
// of the finest input halved upwards, or doubled.
func (w *wideOct) size(j int) (h, wd int) {
	if j < len(w.in) && w.in[j] != nil {
		b := w.in[j].Shape()
		return b[2], b[3]
	}
	for i, x := range w.in {
		if x == nil {
			continue
		}
		b := x.Shape()
		if i > j {
			return b[2] << (i - j), b[3] << (i - j)
		}
		return (b[2] + 1<<(j-i) - 1) >> (j - i), (b[3] + 1<<(j-i) - 1) >> (j - i)
	}
	return 0, 0
}

// widePool adds a pool.
func widePool(s *Scope, name string, x *G.Node, spec wide.PoolSpec) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	b := x.Shape()
	if s.halves() && spec.K == spec.Stride && (b[2]%spec.K != 0 || b[3]%spec.K != 0) {
		s.Fail(fmt.Errorf("%s: a map of %dx%d is pooled by %d, sides must be multiples of it", name, b[2], b[3], spec.K))
		return nil
	}
	o, err := wide.NewPool(s.b.env, s.name(name), b, spec)
	if err != nil {
		s.Fail(err)
		return nil
	}
	return s.apply(o, x)
}

// wideResize adds a resizing to h x w.
func wideResize(s *Scope, name string, x *G.Node, h, w int, nearest bool) *G.Node {
	return s.apply(wide.NewResize(s.b.env, s.name(name), x.Shape(), h, w, nearest), x)
}

// wideDepthwise is one octave of OctDepthwise.
func wideDepthwise(s *Scope, k int, x, w *G.Node) *G.Node {
	if s.Err() != nil {
		return nil
	}
	z := s.apply(wide.NewDepthwise(s.b.env, s.name(fmt.Sprintf("conv%d", k)), x.Shape(), s.scale()), x, w)
	return wideNorm(s, output{model.OpDepthwise, k}, z)
}

// wideMSBlock is MSBlock with the weights of the branches that are there.
func wideMSBlock(s *Scope, octave int, x *G.Node, ws []*G.Node, dilations, couts []int) *G.Node {
	var terms []conv.Term
	at := 0
	for d, w := range ws {
		t := termOf(0, x, w, 1, s.scale())
		t.Dilation, t.Pad, t.At = dilations[d], dilations[d], at
		terms, at = append(terms, t), at+couts[d]
	}
	z := wideConv(s, s.name("conv"), []*G.Node{x}, nil, ws, nil, terms)
	return wideNorm(s, output{model.OpMSBlock, octave}, z)
}

// wideClassify is Classify.
func wideClassify(s *Scope, x, w, bias *G.Node) *G.Node {
	if s.Err() != nil {
		return nil
	}
	return wideConv(s, s.path, []*G.Node{x}, nil, []*G.Node{w}, bias, []conv.Term{termOf(0, x, w, 1, 1)})
}

// ResizeTo brings maps to h x w, bilinear with half-pixel centres and clamped edges. In
// (B, C, H, W), out (B, C, h, w).
func ResizeTo(s *Scope, name string, x *G.Node, h, w int) *G.Node {
	if x == nil || s.Err() != nil {
		return nil
	}
	if x.Shape().Eq(tensor.Shape{x.Shape()[0], x.Shape()[1], h, w}) {
		return x
	}
	return wideResize(s, name, x, h, w, false)
}
