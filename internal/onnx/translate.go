package onnx

import (
	"fmt"
	"math"
	"slices"

	"csnet/model"
)

// translator turns the layers of a Spec into nodes. Maps are handed on by name,
// one per declared octave; an absent octave's name is "".
type translator struct {
	*builder
	spec   model.Spec
	params *model.Params
	batch  int // 0: open
}

// net adds all layers in forward order and the enlargement to the input's size.
func (t translator) net(x, out string, sigmoid bool) {
	cur := []string{x}
	taps := make([]string, len(t.spec.Stages))
	var fused []string
	ms := []string{}
	level := 0
	if t.spec.Kind == model.KindCSF {
		taps = t.backbone(x)
		cur = taps[len(taps)-1:]
	}
	for _, l := range t.spec.Layers() {
		switch {
		case l.Op == model.OpConvNorm: // of the backbone
		case l.Part == model.Fuse:
			var in []string
			for _, tap := range t.spec.Head.Taps {
				in = append(in, taps[tap])
			}
			fused = t.octConv(l, in)
			cur = fused
		case l.Op == model.OpMSBlock:
			ms = append(ms, t.msBlock(l, fused[l.Octave]))
			cur = ms
		case l.Op == model.OpDepthwise:
			cur = t.depthwise(l, cur)
		case l.Op == model.OpOctConv:
			cur = t.octConv(l, cur)
		case l.Op == model.OpConv:
			cur = []string{t.last(l, cur[0])}
			level = l.OutLevel
		}
		if l.Stage >= 0 {
			taps[l.Stage] = cur[0]
		}
	}
	t.finish(x, cur[0], out, 1<<level, sigmoid)
}

// finish enlarges the logits to the size of the input x.
func (t translator) finish(x, y, out string, factor int, sigmoid bool) {
	name := out
	if sigmoid {
		name = Logits
	}
	if t.spec.Dialect == model.Resize {
		y = t.resizeTo(name, y, 1, float64(factor), t.sizes[x])
	} else if factor > 1 {
		y = t.upsample(name, y, factor)
	} else {
		y = t.node("Identity", name, []string{y})
	}
	if sigmoid {
		t.node("Sigmoid", out, []string{y})
	}
}

// normalize turns RGB of 0 to 255 into normalised values by a 1x1 convolution
// of each channel with itself.
func (t translator) normalize(x string) string {
	c := convolution{in: 3, out: 3, kernel: 1, stride: 1, dilation: 1, groups: 3}
	for i := range 3 {
		mean, std := imageNet(i)
		c.w = append(c.w, 1/(255*std))
		c.bias = append(c.bias, -mean/std)
	}
	half := t.half
	t.half = false // one grey level is finer than 16 bits tell
	defer func() { t.half = half }()
	return t.conv("normalized", x, c)
}

// octConv is a gOctConv with norm and PReLU. Each pair of present octaves is a
// convolution at the coarser of the two resolutions; the norm's factor goes
// into the weights of all pairs, its offset into the first pair's bias, which
// an enlargement leaves as it is.
func (t translator) octConv(l model.Layer, in []string) []string {
	stride := l.Stride
	if stride == 2 && (len(l.In) > 1 || len(l.Out) > 1) {
		in, stride = t.averaged(l, in), 1
	}
	out := make([]string, len(l.Out))
	for j, cj := range l.Out {
		if cj == 0 {
			continue
		}
		factor, offset := t.norm(l, j)
		for c, share := range t.shares(l, j) {
			factor[c] *= share
		}
		var terms []string
		for i, ci := range l.In {
			if ci == 0 {
				continue
			}
			name := fmt.Sprintf("%s.%d%d", l.Name, i, j)
			c := convolution{in: ci, out: cj, kernel: l.Kernel, stride: stride, dilation: 1, groups: 1, bias: offset,
				w: scaled(t.get(l, model.Slot{Role: model.Weight, Octave: j, In: i}), float64(l.Scale()), factor)}
			terms = append(terms, t.term(l, name, in, i, j, c))
			offset = make([]float64, cj)
		}
		y := t.sum(fmt.Sprintf("%s.sum%d", l.Name, j), terms)
		out[j] = t.act(l, j, t.groupNorm(l, j, y))
	}
	return out
}

// averaged halves every present input of a gOctConv of stride 2.
func (t translator) averaged(l model.Layer, in []string) []string {
	out := make([]string, len(in))
	for i, x := range in {
		if l.In[i] > 0 {
			out[i] = t.pool("AveragePool", fmt.Sprintf("%s.half%d", l.Name, i), x, 2)
		}
	}
	return out
}

// made reports whether a node of this name stands in the graph.
func (t translator) made(name string) bool {
	for _, n := range t.graph.Node {
		if n.GetName() == name {
			return true
		}
	}
	return false
}

// depthwise is a depthwise 3x3 with norm and PReLU, per octave.
func (t translator) depthwise(l model.Layer, in []string) []string {
	out := make([]string, len(in))
	for k, c := range l.Out {
		if c == 0 {
			continue
		}
		factor, offset := t.norm(l, k)
		w := scaled(t.get(l, model.Slot{Role: model.Weight, Octave: k}), float64(l.Scale()), factor)
		y := t.conv(fmt.Sprintf("%s.conv%d", l.Name, k), in[k], convolution{in: c, out: c, kernel: 3, stride: 1, dilation: 1, groups: c, w: w, bias: offset})
		out[k] = t.act(l, k, t.groupNorm(l, k, y))
	}
	return out
}

// msBlock is the parallel dilated 3x3 convolutions of one octave, joined, with
// norm and PReLU; "" where it has no channels.
func (t translator) msBlock(l model.Layer, x string) string {
	if l.Out[0] == 0 {
		return ""
	}
	factor, offset := t.norm(l, l.Octave)
	var branches []string
	at := 0
	for d, c := range l.Branches {
		if c == 0 {
			continue
		}
		w := scaled(t.get(l, model.Slot{Role: model.Weight, Octave: l.Octave, Branch: d}), float64(l.Scale()), factor[at:at+c])
		branches = append(branches, t.conv(fmt.Sprintf("%s.conv%d", l.Name, d), x,
			convolution{in: l.In[0], out: c, kernel: 3, stride: 1, dilation: l.Dilations[d], groups: 1, w: w, bias: offset[at : at+c]}))
		at += c
	}
	y := branches[0]
	if len(branches) > 1 {
		y = t.node("Concat", l.Name+".join", branches, integer("axis", 1))
	}
	return t.act(l, l.Octave, t.groupNorm(l, l.Octave, y))
}

// last is the 1x1 convolution with bias that gives the logits.
func (t translator) last(l model.Layer, x string) string {
	return t.conv(l.Name, x, convolution{in: l.In[0], out: 1, kernel: 1, stride: 1, dilation: 1, groups: 1, w: t.get(l, model.Slot{Role: model.Weight}), bias: t.get(l, model.Slot{Role: model.Bias})})
}

// act is the PReLU after the norm of octave k.
func (t translator) act(l model.Layer, k int, x string) string {
	return t.prelu(fmt.Sprintf("%s.y%d", l.Name, k), x, t.get(l, model.Slot{Role: model.Slope, Octave: k}))
}

// norm returns what the norm of octave k multiplies its channels with and adds
// to them in evaluation mode: 1 and 0 where it is a group norm, which nodes of its own
// make.
func (t translator) norm(l model.Layer, k int) (factor, offset []float64) {
	if l.Norm == model.GroupNorm {
		n := len(t.get(l, model.Slot{Role: model.Gamma, Octave: k}))
		return slices.Repeat([]float64{1}, n), make([]float64, n)
	}
	get := func(r model.Role) []float64 { return t.get(l, model.Slot{Role: r, Octave: k}) }
	gamma, beta, mean, variance := get(model.Gamma), get(model.Beta), get(model.Mean), get(model.Var)
	for c := range gamma {
		f := gamma[c] / math.Sqrt(variance[c]+t.spec.Norm.Eps)
		factor = append(factor, f)
		offset = append(offset, beta[c]-f*mean[c])
	}
	return factor, offset
}

// get returns the values of the layer's tensor in a slot.
func (t translator) get(l model.Layer, slot model.Slot) []float64 {
	data := t.params.Get(l.TensorPath(slot)).Data
	v := make([]float64, len(data))
	for i, x := range data {
		v[i] = float64(x)
	}
	return v
}

// scaled multiplies the weights, output channels outermost, by scale and by a
// factor per output channel, in place.
func scaled(w []float64, scale float64, factor []float64) []float64 {
	per := len(w) / len(factor)
	for i := range w {
		w[i] *= scale * factor[i/per]
	}
	return w
}
