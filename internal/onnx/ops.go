package onnx

import (
	"fmt"
	"math"
	"slices"
)

// convolve is Conv: x (n, c, h, w), weights (o, c/groups, kh, kw), bias (o).
func convolve(a attributes, in []Tensor) (Tensor, error) {
	if len(in) != 3 || len(in[0].Shape) != 4 || len(in[1].Shape) != 4 {
		return Tensor{}, fmt.Errorf("wants a map, weights and a bias")
	}
	x, w, bias := in[0], in[1], in[2]
	groups := a.integer("group", 1)
	outs, ins, kh, kw := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	if groups < 1 || outs%groups != 0 || x.Shape[1] != ins*groups || len(bias.Data) != outs {
		return Tensor{}, fmt.Errorf("map %v, weights %v and bias %v do not fit in %d groups", x.Shape, w.Shape, bias.Shape, groups)
	}
	g := geometry{kh: kh, kw: kw, h: x.Shape[2], w: x.Shape[3]}
	g.sh, g.sw = a.pair("strides", 1)
	g.dh, g.dw = a.pair("dilations", 1)
	g.ph, g.pw = a.pair("pads", 0)
	if g.sh < 1 || g.sw < 1 || g.dh < 1 || g.dw < 1 {
		return Tensor{}, fmt.Errorf("strides and dilations must be at least 1")
	}
	g.oh, g.ow = (g.h+2*g.ph-g.dh*(kh-1)-1)/g.sh+1, (g.w+2*g.pw-g.dw*(kw-1)-1)/g.sw+1
	y := NewTensor(x.Shape[0], outs, g.oh, g.ow)
	for n := range x.Shape[0] {
		for o := range outs {
			dst := y.Data[(n*outs+o)*g.oh*g.ow:][:g.oh*g.ow]
			for i := range dst {
				dst[i] = bias.Data[o]
			}
			for c := range ins {
				from := n*x.Shape[1] + o/(outs/groups)*ins + c
				g.plane(dst, x.Data[from*g.h*g.w:][:g.h*g.w], w.Data[(o*ins+c)*kh*kw:][:kh*kw])
			}
		}
	}
	return y, nil
}

// geometry is a convolution's: kernel, strides, dilations, pads at the top and
// left (as many at the bottom and right), input size and output size.
type geometry struct{ kh, kw, sh, sw, dh, dw, ph, pw, h, w, oh, ow int }

// plane adds to dst the convolution of one input plane with one kernel.
func (g geometry) plane(dst, src, kernel []float64) {
	for ky := range g.kh {
		for kx := range g.kw {
			tap := kernel[ky*g.kw+kx]
			for oy := range g.oh {
				y := oy*g.sh + ky*g.dh - g.ph
				if y < 0 || y >= g.h {
					continue
				}
				for ox := range g.ow {
					if x := ox*g.sw + kx*g.dw - g.pw; x >= 0 && x < g.w {
						dst[oy*g.ow+ox] += tap * src[y*g.w+x]
					}
				}
			}
		}
	}
}

// prelu is PRelu with a slope of shape (c, 1, 1).
func prelu(in []Tensor) (Tensor, error) {
	if len(in) != 2 || len(in[0].Shape) != 4 || !slices.Equal(in[1].Shape, []int{in[0].Shape[1], 1, 1}) {
		return Tensor{}, fmt.Errorf("wants a map and a slope of shape (channels, 1, 1)")
	}
	x := in[0]
	area := x.Shape[2] * x.Shape[3]
	y := NewTensor(x.Shape...)
	for i, v := range x.Data {
		if v < 0 {
			v *= in[1].Data[i/area%x.Shape[1]]
		}
		y.Data[i] = v
	}
	return y, nil
}

// pool is MaxPool or AveragePool. The border counts for nothing, in a mean too; what
// is left over at the right and bottom is dropped, or, with ceil_mode, has windows that
// reach over the edge.
func pool(a attributes, x Tensor, largest bool) (Tensor, error) {
	k, k2 := a.pair("kernel_shape", 1)
	s, s2 := a.pair("strides", 1)
	pad, pad2 := a.pair("pads", 0)
	if len(x.Shape) != 4 || k < 1 || k != k2 || s < 1 || s != s2 || pad != pad2 || a.integer("count_include_pad", 0) != 0 {
		return Tensor{}, fmt.Errorf("wants a map and a square window whose border does not count")
	}
	side := func(n int) int {
		if a.integer("ceil_mode", 0) != 0 {
			return (n+2*pad-k+s-1)/s + 1
		}
		return (n+2*pad-k)/s + 1
	}
	h, w := x.Shape[2], x.Shape[3]
	y := NewTensor(x.Shape[0], x.Shape[1], side(h), side(w))
	i := 0
	for p := range x.Shape[0] * x.Shape[1] {
		for oy := range y.Shape[2] {
			for ox := range y.Shape[3] {
				y.Data[i] = window(x.Data[p*h*w:][:h*w], h, w, oy*s-pad, ox*s-pad, k, largest)
				i++
			}
		}
	}
	return y, nil
}

// window is the largest value or the mean of those of a k x k window at (top, left) that
// lie on the plane.
func window(plane []float64, h, w, top, left, k int, largest bool) float64 {
	sum, n, most := 0.0, 0, math.Inf(-1)
	for y := max(top, 0); y < min(top+k, h); y++ {
		for x := max(left, 0); x < min(left+k, w); x++ {
			v := plane[y*w+x]
			sum, n, most = sum+v, n+1, max(most, v)
		}
	}
	if largest {
		return most
	}
	return sum / float64(n)
}

// resize is Resize by equal scales or to a size: bilinear with half-pixel centres, the
// border repeated, or every value repeated.
func resize(a attributes, in []Tensor) (Tensor, error) {
	if len(in) < 3 || len(in) > 4 || len(in[0].Shape) != 4 {
		return Tensor{}, fmt.Errorf("wants a map and four scales or sizes")
	}
	form := a.text("mode") + " " + a.text("coordinate_transformation_mode") + " " + a.text("nearest_mode")
	nearest := form == "nearest asymmetric floor"
	if form != "linear half_pixel " && !nearest {
		return Tensor{}, fmt.Errorf("is %q, must be linear half_pixel or nearest asymmetric floor", form)
	}
	x := in[0]
	h, w := x.Shape[2], x.Shape[3]
	var oh, ow int
	if v := in[len(in)-1].Data; len(v) != 4 {
		return Tensor{}, fmt.Errorf("wants four scales or sizes")
	} else if len(in) == 4 {
		if oh, ow = int(v[2]), int(v[3]); v[0] != float64(x.Shape[0]) || v[1] != float64(x.Shape[1]) {
			return Tensor{}, fmt.Errorf("sizes are %v for a map %v", v, x.Shape)
		}
	} else if oh, ow = int(float64(h)*v[2]), int(float64(w)*v[3]); v[0] != 1 || v[1] != 1 || v[2] != v[3] {
		return Tensor{}, fmt.Errorf("scales are %v, must be 1, 1, k, k", v)
	}
	if oh < 1 || ow < 1 {
		return Tensor{}, fmt.Errorf("a map of %dx%d becomes one of %dx%d", h, w, oh, ow)
	}
	y := NewTensor(x.Shape[0], x.Shape[1], oh, ow)
	i := 0
	for p := range x.Shape[0] * x.Shape[1] {
		src := x.Data[p*h*w:][:h*w]
		for oy := range oh {
			y0, y1, fy := between(oy, oh, h, nearest)
			for ox := range ow {
				x0, x1, fx := between(ox, ow, w, nearest)
				top := src[y0*w+x0]*(1-fx) + src[y0*w+x1]*fx
				low := src[y1*w+x0]*(1-fx) + src[y1*w+x1]*fx
				y.Data[i] = top*(1-fy) + low*fy
				i++
			}
		}
	}
	return y, nil
}

// between returns the two of n places that place o of outs lies between, and its distance
// from the first.
func between(o, outs, n int, nearest bool) (a, b int, f float64) {
	if nearest {
		return o * n / outs, o * n / outs, 0
	}
	at := (float64(o)+0.5)*float64(n)/float64(outs) - 0.5
	at = min(max(at, 0), float64(n-1))
	a = int(at)
	return a, min(a+1, n-1), at - float64(a)
}

// combine is Add, Sub, Mul or Div of a map and another of its shape, or of one that has 1
// in some dimensions, or lacks the first ones, and is repeated along them.
func combine(op string, in []Tensor) (Tensor, error) {
	if len(in) != 2 {
		return Tensor{}, fmt.Errorf("wants two maps")
	}
	x, z := in[0], in[1]
	shape := slices.Concat(slices.Repeat([]int{1}, max(len(x.Shape)-len(z.Shape), 0)), z.Shape)
	strides, step := make([]int, len(shape)), 1
	for d := len(shape) - 1; d >= 0; d-- {
		if len(shape) != len(x.Shape) || shape[d] != 1 && shape[d] != x.Shape[d] {
			return Tensor{}, fmt.Errorf("wants maps of one shape, or a second that can be repeated: they are %v and %v", x.Shape, z.Shape)
		}
		if shape[d] > 1 {
			strides[d] = step
		}
		step *= shape[d]
	}
	y := NewTensor(x.Shape...)
	for i, v := range x.Data {
		at, rest := 0, i
		for d := len(shape) - 1; d >= 0; d-- {
			at += rest % x.Shape[d] * strides[d]
			rest /= x.Shape[d]
		}
		switch u := z.Data[at]; op {
		case "Add":
			y.Data[i] = v + u
		case "Sub":
			y.Data[i] = v - u
		case "Mul":
			y.Data[i] = v * u
		default:
			y.Data[i] = v / u
		}
	}
	return y, nil
}

// mean is ReduceMean over one dimension, which stays as 1.
func mean(a attributes, x Tensor) (Tensor, error) {
	p := a.find("axes")
	if p == nil || len(p.Ints) != 1 || a.integer("keepdims", 1) != 1 || p.Ints[0] < 0 || int(p.Ints[0]) >= len(x.Shape) {
		return Tensor{}, fmt.Errorf("wants one axis, which is kept")
	}
	axis := int(p.Ints[0])
	shape, step := slices.Clone(x.Shape), 1
	shape[axis] = 1
	for _, n := range x.Shape[axis+1:] {
		step *= n
	}
	y, n := NewTensor(shape...), x.Shape[axis]
	for i, v := range x.Data {
		y.Data[i/(n*step)*step+i%step] += v / float64(n)
	}
	return y, nil
}

// reshape is Reshape to a shape in which 0 is the map's own dimension and one -1 is what
// is left.
func reshape(in []Tensor) (Tensor, error) {
	if len(in) != 2 || len(in[1].Data) != len(in[0].Shape) {
		return Tensor{}, fmt.Errorf("wants a map and a shape of as many dimensions")
	}
	y := Tensor{Data: in[0].Data}
	left, open := len(y.Data), -1
	for d, v := range in[1].Data {
		n := int(v)
		switch {
		case n == 0:
			n = in[0].Shape[d]
		case n < 0 && open < 0:
			open, n = d, 1
		}
		if n < 1 || left%n != 0 {
			return Tensor{}, fmt.Errorf("a map %v cannot have the shape %v", in[0].Shape, in[1].Data)
		}
		y.Shape = append(y.Shape, n)
		left /= n
	}
	if open >= 0 {
		y.Shape[open], left = left, 1
	}
	if left != 1 {
		return Tensor{}, fmt.Errorf("a map %v cannot have the shape %v", in[0].Shape, in[1].Data)
	}
	return y, nil
}

// concat joins maps along the channels.
func concat(a attributes, in []Tensor) (Tensor, error) {
	if a.integer("axis", 0) != 1 {
		return Tensor{}, fmt.Errorf("axis must be 1")
	}
	channels := 0
	for _, x := range in {
		if len(x.Shape) != 4 || x.Shape[0] != in[0].Shape[0] || !slices.Equal(x.Shape[2:], in[0].Shape[2:]) {
			return Tensor{}, fmt.Errorf("wants maps of one size")
		}
		channels += x.Shape[1]
	}
	s := in[0].Shape
	y := NewTensor(s[0], channels, s[2], s[3])
	y.Data = y.Data[:0]
	for n := range s[0] {
		for _, x := range in {
			per := x.Shape[1] * s[2] * s[3]
			y.Data = append(y.Data, x.Data[n*per:][:per]...)
		}
	}
	return y, nil
}
