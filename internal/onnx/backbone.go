package onnx

import (
	"fmt"

	"csnet/internal/onnx/onnxpb"
	"csnet/model"
)

// backbone adds a backbone on x and returns the outputs of its stages, the finest first.
func (t translator) backbone(x string) []string {
	b, _ := model.FindBackbone(t.spec.Backbone)
	layers := map[string]model.Layer{}
	for _, l := range t.spec.Layers() {
		layers[l.Name] = l
	}
	for _, u := range b.Stem {
		x = t.relu(t.unit(layers[u.Name], x, 0, u.Out))
	}
	x = t.window("MaxPool", string(model.Base)+".pool", x, 3, 2, 1, false)
	var out []string
	for _, st := range b.Stages {
		for _, r := range st {
			x = t.residual(layers, x, r)
		}
		out = append(out, x)
	}
	return out
}

// unit is n channels of a convolution with its norm, from channel number from on.
func (t translator) unit(l model.Layer, x string, from, n int) string {
	factor, offset := t.norm(l, 0)
	w := scaled(t.get(l, model.Slot{Role: model.Weight}), float64(l.Scale()), factor)
	per := len(w) / l.Out[0]
	name := l.Name
	if n < l.Out[0] {
		name = fmt.Sprintf("%s.from%d", name, from)
	}
	return t.conv(name, x, convolution{
		in: l.In[0], out: n, kernel: l.Kernel, stride: l.Stride, dilation: 1, groups: 1,
		w: w[from*per : (from+n)*per], bias: offset[from : from+n],
	})
}

// residual is a block of a backbone.
func (t translator) residual(layers map[string]model.Layer, x string, r model.Residual) string {
	var y string
	if r.Parts == 1 {
		y = t.relu(t.unit(layers[r.Reduce.Name], x, 0, r.Reduce.Out))
		y = t.relu(t.unit(layers[r.Middle[0].Name], y, 0, r.Middle[0].Out))
	} else {
		y = t.parts(layers, x, r)
	}
	y = t.unit(layers[r.Expand.Name], y, 0, r.Expand.Out)
	if r.Shortcut != nil {
		if r.Pooled && r.Stride > 1 {
			x = t.window("AveragePool", r.Shortcut.Name+".pool", x, r.Stride, r.Stride, 0, true)
		}
		x = t.unit(layers[r.Shortcut.Name], x, 0, r.Shortcut.Out)
	}
	return t.relu(t.node("Add", r.Expand.Name+".sum", []string{y, x}))
}

// parts is the first half of a Res2Net block. The channels of Reduce are cut into equal
// parts by cutting its weights.
func (t translator) parts(layers map[string]model.Layer, x string, r model.Residual) string {
	w := r.Reduce.Out / r.Parts
	part := func(k int) string { return t.relu(t.unit(layers[r.Reduce.Name], x, k*w, w)) }
	var out []string
	for k, u := range r.Middle {
		p := part(k)
		if k > 0 && !r.First {
			p = t.node("Add", u.Name+".in", []string{p, out[k-1]})
		}
		out = append(out, t.relu(t.unit(layers[u.Name], p, 0, u.Out)))
	}
	last := part(r.Parts - 1)
	if r.First { // the mean of 3x3 values, zeros around the map counted, as a convolution
		c := convolution{in: w, out: w, kernel: 3, stride: r.Stride, dilation: 1, groups: w, bias: make([]float64, w)}
		for range 9 * w {
			c.w = append(c.w, 1./9)
		}
		last = t.conv(last+".mean", last, c)
	}
	return t.node("Concat", r.Reduce.Name+".parts", append(out, last), integer("axis", 1))
}

func (t translator) relu(x string) string { return t.node("Relu", x+".relu", []string{x}) }

// window adds a pool of k x k windows, stride apart, over a map with a border of pad that
// counts for nothing; with ceil the last windows reach over the edge.
func (t translator) window(op, out, x string, k, stride, pad int, ceil bool) string {
	s, p, up := int64(stride), int64(pad), int64(0)
	if ceil {
		up = 1
	}
	attrs := []*onnxpb.AttributeProto{ints("kernel_shape", int64(k), int64(k)), ints("strides", s, s), ints("pads", p, p, p, p), integer("ceil_mode", up)}
	if op == "AveragePool" {
		attrs = append(attrs, integer("count_include_pad", 0))
	}
	t.node(op, out, []string{x}, attrs...)
	t.sized(out, x, func(n int) int {
		if ceil {
			return (n + stride - 1) / stride
		}
		return (n+2*pad-k)/stride + 1
	})
	return out
}
