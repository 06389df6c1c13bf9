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

// pool is MaxPool or AveragePool with stride = side and no borders; what is
// left over at the right and bottom is dropped.
func pool(a attributes, x Tensor, largest bool) (Tensor, error) {
	k, k2 := a.pair("kernel_shape", 1)
	s, s2 := a.pair("strides", 1)
	if len(x.Shape) != 4 || k < 1 || k != k2 || s != k || s2 != k || a.integer("ceil_mode", 0) != 0 {
		return Tensor{}, fmt.Errorf("wants a map and a square window whose stride is its side")
	}
	h, w := x.Shape[2], x.Shape[3]
	y := NewTensor(x.Shape[0], x.Shape[1], h/k, w/k)
	i := 0
	for p := range x.Shape[0] * x.Shape[1] {
		for oy := range h / k {
			for ox := range w / k {
				sum, most := 0.0, math.Inf(-1)
				for dy := range k {
					for dx := range k {
						v := x.Data[p*h*w+(oy*k+dy)*w+ox*k+dx]
						sum, most = sum+v, max(most, v)
					}
				}
				y.Data[i] = sum / float64(k*k)
				if largest {
					y.Data[i] = most
				}
				i++
			}
		}
	}
	return y, nil
}

// resize is Resize: bilinear by whole factors with half-pixel centres, the
// border repeated.
func resize(a attributes, in []Tensor) (Tensor, error) {
	if len(in) != 3 || len(in[2].Data) != 4 || len(in[0].Shape) != 4 || a.text("mode") != "linear" || a.text("coordinate_transformation_mode") != "half_pixel" {
		return Tensor{}, fmt.Errorf("wants a map and four scales, linear with half-pixel centres")
	}
	x, k := in[0], int(in[2].Data[2])
	if k < 1 || in[2].Data[3] != float64(k) || in[2].Data[0] != 1 || in[2].Data[1] != 1 {
		return Tensor{}, fmt.Errorf("scales are %v, must be 1, 1, k, k", in[2].Data)
	}
	h, w := x.Shape[2], x.Shape[3]
	y := NewTensor(x.Shape[0], x.Shape[1], h*k, w*k)
	i := 0
	for p := range x.Shape[0] * x.Shape[1] {
		src := x.Data[p*h*w:][:h*w]
		for oy := range h * k {
			y0, y1, fy := between(oy, k, h)
			for ox := range w * k {
				x0, x1, fx := between(ox, k, w)
				top := src[y0*w+x0]*(1-fx) + src[y0*w+x1]*fx
				low := src[y1*w+x0]*(1-fx) + src[y1*w+x1]*fx
				y.Data[i] = top*(1-fy) + low*fy
				i++
			}
		}
	}
	return y, nil
}

// between returns the two of n places that place o of an enlargement by k lies
// between, and its distance from the first.
func between(o, k, n int) (a, b int, f float64) {
	at := (float64(o)+0.5)/float64(k) - 0.5
	at = min(max(at, 0), float64(n-1))
	a = int(at)
	return a, min(a+1, n-1), at - float64(a)
}

// add is Add of two maps of one shape.
func add(in []Tensor) (Tensor, error) {
	if len(in) != 2 || !slices.Equal(in[0].Shape, in[1].Shape) {
		return Tensor{}, fmt.Errorf("wants two maps of one shape")
	}
	y := NewTensor(in[0].Shape...)
	for i := range y.Data {
		y.Data[i] = in[0].Data[i] + in[1].Data[i]
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
