// Package refnet is the slow, obviously right twin of the net: float64, plain
// loops, no graph. It serves tests; nothing else may use it.
package refnet

import (
	"fmt"

	"csnet/model"
)

// Options of Run.
type Options struct {
	Train bool // normalise with the statistics of the batch
	// Visit, when set, receives every present octave's output of every layer
	// (after PReLU; cls before the last upsampling). It must not keep the map.
	Visit func(layer string, octave int, m Map)
}

// Forward returns the logits, shape (n, 1, h, w), of the net in evaluation mode
// on x, shape (n, spec.Input, h, w). h and w must be multiples of
// spec.Multiple().
func Forward(spec model.Spec, p *model.Params, x []float32, n, h, w int) ([]float64, error) {
	return Run(spec, p, x, n, h, w, Options{})
}

// Run is Forward with options.
func Run(spec model.Spec, p *model.Params, x []float32, n, h, w int, o Options) ([]float64, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	if err := spec.CheckParams(p); err != nil {
		return nil, err
	}
	if err := spec.CheckSize(h, w); err != nil || n < 1 {
		return nil, fmt.Errorf("refnet: input is %d images of %dx%d, must be at least one: %w", n, h, w, err)
	}
	if want := n * spec.Input * h * w; len(x) != want {
		return nil, fmt.Errorf("refnet: input has %d values, must have %d", len(x), want)
	}
	r := &run{spec: spec, p: p, h: h, w: w, n: n, o: o}
	in := NewMap(n, spec.Input, h, w)
	for i, v := range x {
		in.Data[i] = float64(v)
	}
	return r.net(in).Data, nil
}

// run is one forward pass.
type run struct {
	spec    model.Spec
	p       *model.Params
	n, h, w int
	o       Options
}

// net runs the layers in forward order.
func (r *run) net(x Map) Map {
	cur := []Map{x}
	taps := make([]Map, len(r.spec.Stages))
	var fuse, ms []Map
	for _, l := range r.spec.Layers() {
		switch {
		case l.Part == model.Fuse:
			var in []Map
			for _, t := range r.spec.Head.Taps {
				in = append(in, taps[t])
			}
			fuse = r.oct(l, in)
			cur = fuse
		case l.Op == model.OpMSBlock:
			ms = append(ms, r.msblock(l, fuse[l.Octave]))
			cur = ms
		case l.Op == model.OpDepthwise:
			cur = r.depthwise(l, cur)
		case l.Op == model.OpOctConv:
			cur = r.oct(l, cur)
		case l.Op == model.OpConv:
			cur = []Map{r.last(l, cur[0])}
		}
		if l.Stage >= 0 {
			taps[l.Stage] = cur[0]
		}
		r.visit(l, cur)
	}
	return resize(cur[0], r.h, r.w)
}

func (r *run) visit(l model.Layer, out []Map) {
	if r.o.Visit == nil {
		return
	}
	if l.Op == model.OpMSBlock {
		out = out[l.Octave:]
	}
	for k, m := range out {
		if m.C > 0 {
			r.o.Visit(l.Name, k+l.Octave, m)
		}
	}
}

// oct is gOctConv + norm + PReLU.
func (r *run) oct(l model.Layer, in []Map) []Map {
	w := func(i, j int) []float32 { return r.data(l, model.Slot{Role: model.Weight, Octave: j, In: i}) }
	if l.Balanced {
		w = balanced(w, r.data(l, model.Slot{Role: model.Balance}), l.Out)
	}
	out := DialectConv(r.spec.Dialect, in, w, l.Out, l.Kernel, l.Stride, float64(l.Scale()))
	for j, y := range out {
		r.act(l, j, y)
	}
	return out
}

// GOctConv is the generalised octave convolution (Gao et al., ECCV 2020,
// section 3.1): Y_j = sum_i f_ij(X_i). In holds the declared octaves, absent
// ones with 0 channels; w(i, j) is the slice (out[j], in[i].C, k, k) and is
// asked only for present pairs. Every octave has its size, absent ones too.
func GOctConv(in []Map, w func(i, j int) []float32, out []int, k, stride int, scale float64) []Map {
	return DialectConv(model.CSNet, in, w, out, k, stride, scale)
}

// DialectConv is GOctConv in a dialect. In the one that resizes, octave j is as large as the
// input octave j, or as the finest one halved upwards.
func DialectConv(dialect string, in []Map, w func(i, j int) []float32, out []int, k, stride int, scale float64) []Map {
	single := len(in) == 1 && len(out) == 1
	if stride == 2 && !single {
		pooled := make([]Map, len(in))
		for i, x := range in {
			pooled[i] = avgPool(x)
		}
		in, stride = pooled, 1
	}
	ys := make([]Map, len(out))
	for j, cj := range out {
		h, wd := (in[0].H+1<<j-1)>>j, (in[0].W+1<<j-1)>>j
		if j < len(in) {
			h, wd = in[j].H, in[j].W
		}
		ys[j] = NewMap(in[0].N, cj, (h+stride-1)/stride, (wd+stride-1)/stride)
		for i, x := range in {
			if cj == 0 || x.C == 0 {
				continue
			}
			if i < j {
				x = reach(dialect, x, h, wd)
			}
			y := conv(x, w(i, j), cj, k, stride, 1, scale)
			if i > j {
				y = reach(dialect, y, h, wd)
			}
			ys[j].add(y)
		}
	}
	return ys
}

// depthwise is depthwise 3x3 + norm + PReLU per octave.
func (r *run) depthwise(l model.Layer, in []Map) []Map {
	out := make([]Map, len(in))
	for k, x := range in {
		out[k] = x
		if x.C > 0 {
			out[k] = depthwise(x, r.data(l, model.Slot{Role: model.Weight, Octave: k}), float64(l.Scale()))
			r.act(l, k, out[k])
		}
	}
	return out
}

// msblock is the parallel dilated 3x3 convs, concatenated, + norm + PReLU.
func (r *run) msblock(l model.Layer, x Map) Map {
	y := NewMap(x.N, l.Out[0], x.H, x.W)
	at := 0
	for d, c := range l.Branches {
		if c == 0 {
			continue
		}
		b := conv(x, r.data(l, model.Slot{Role: model.Weight, Branch: d}), c, 3, 1, l.Dilations[d], float64(l.Scale()))
		for n := range x.N {
			for k := range c {
				copy(y.plane(n, at+k), b.plane(n, k))
			}
		}
		at += c
	}
	r.act(l, l.Octave, y)
	return y
}

// last is the 1x1 convolution with bias.
func (r *run) last(l model.Layer, x Map) Map {
	y := conv(x, r.data(l, model.Slot{Role: model.Weight}), 1, 1, 1, 1, 1)
	bias := float64(r.data(l, model.Slot{Role: model.Bias})[0])
	for i := range y.Data {
		y.Data[i] += bias
	}
	return y
}

// act is norm + PReLU in place.
func (r *run) act(l model.Layer, oct int, y Map) {
	if y.C == 0 {
		return
	}
	data := func(role model.Role) []float32 { return r.data(l, model.Slot{Role: role, Octave: oct}) }
	if g := r.spec.Norm.Groups; g > 0 {
		groupNorm(y, data(model.Gamma), data(model.Beta), g, r.spec.Norm.Eps)
		prelu(y, data(model.Slope))
		return
	}
	mean, variance := wide(data(model.Mean)), wide(data(model.Var))
	if r.o.Train {
		mean, variance = moments(y)
	}
	norm(y, data(model.Gamma), data(model.Beta), mean, variance, r.spec.Norm.Eps)
	prelu(y, data(model.Slope))
}

func (r *run) data(l model.Layer, s model.Slot) []float32 { return r.p.Get(l.TensorPath(s)).Data }

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
