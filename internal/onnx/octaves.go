package onnx

import (
	"fmt"
	"math"
	"strconv"

	"csnet/model"
)

// term is the convolution c from octave i to octave j, at the coarser of the two
// resolutions, brought to that of octave j.
func (t translator) term(l model.Layer, name string, in []string, i, j int, c convolution) string {
	if i <= j {
		return t.conv(name, t.coarser(l, in, i, j), c)
	}
	y := t.conv(name, in[i], c)
	switch k := 1 << (i - j); t.spec.Dialect {
	case model.Resize:
		return t.resizeTo(name+".up", y, c.out, float64(k), t.target(l, in, j))
	case model.Octave:
		return t.nearest(name+".up", y, k)
	default:
		return t.upsample(name+".up", y, k)
	}
}

// coarser is octave i at the resolution of octave j, which is not finer, made once for
// all layers that read it.
func (t translator) coarser(l model.Layer, in []string, i, j int) string {
	x := in[i]
	if i == j {
		return x
	}
	name := x + ".pool" + strconv.Itoa(j-i)
	if t.made(name) {
		return name
	}
	switch k := 1 << (j - i); t.spec.Dialect {
	case model.Resize:
		return t.resizeTo(name, x, l.In[i], 1/float64(k), t.target(l, in, j))
	case model.Octave:
		return t.pool("AveragePool", name, x, k)
	default:
		return t.pool("MaxPool", name, x, k)
	}
}

// target is the size of octave j of a gOctConv of the dialect Resize: that of the input's
// octave or, where that is absent, of the finest input halved upwards, or doubled. It is
// 0, 0 where the file's size is open.
func (t translator) target(l model.Layer, in []string, j int) [2]int {
	if j < len(in) && l.In[j] > 0 {
		return t.sizes[in[j]]
	}
	for i, x := range in {
		if l.In[i] == 0 {
			continue
		}
		s := t.sizes[x]
		if i > j {
			return [2]int{s[0] << (i - j), s[1] << (i - j)}
		}
		k := 1 << (j - i)
		return [2]int{(s[0] + k - 1) / k, (s[1] + k - 1) / k}
	}
	return [2]int{}
}

// resizeTo brings x, of c channels, to a size: by the factor, where that gives it or the
// file's size is open, else by the size itself. Bilinear with half-pixel centres, the
// border repeated.
func (t translator) resizeTo(out, x string, c int, factor float64, to [2]int) string {
	s, known := t.sizes[x]
	linear := []string{"linear", "half_pixel"}
	if !known || float64(s[0])*factor == float64(to[0]) && float64(s[1])*factor == float64(to[1]) {
		return t.resize(out, x, factor, text("mode", linear[0]), text("coordinate_transformation_mode", linear[1]))
	}
	sizes := t.integers(fmt.Sprintf("size%dx%dx%dx%d", t.batch, c, to[0], to[1]), int64(t.batch), int64(c), int64(to[0]), int64(to[1]))
	t.node("Resize", out, []string{x, "", "", sizes}, text("mode", linear[0]), text("coordinate_transformation_mode", linear[1]))
	t.sizes[out] = to
	return out
}

// shares is what a balanced gOctConv multiplies the weights to the channels of octave j
// with, none where the net is not balanced: |b_jc| / (sum over k of |b_kc| + 1e-14).
func (t translator) shares(l model.Layer, j int) []float64 {
	if !l.Balanced {
		return nil
	}
	b := t.get(l, model.Slot{Role: model.Balance})
	total, at := 0, 0
	for k, c := range l.Out {
		if total += c; k < j {
			at += c
		}
	}
	out := make([]float64, l.Out[j])
	for c := range out {
		sum := 1e-14
		for k := range l.Out {
			sum += math.Abs(b[k*total+at+c])
		}
		out[c] = math.Abs(b[j*total+at+c]) / sum
	}
	return out
}
