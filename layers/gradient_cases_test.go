package layers_test

import (
	"fmt"
	"testing"

	"csnet/internal/refnet"
	"csnet/layers"
	"csnet/model"
)

// Every relation of octaves (same, finer to coarser, coarser to finer), absent
// octaves, stride 1, stride 2 by average pooling and truly strided, kernels 1
// and 3, up to four octaves, with and without norm and PReLU.
func TestGOctConvGradients(t *testing.T) {
	for _, c := range []struct {
		in, out []int
		h, w    int
	}{
		{[]int{2}, []int{3}, 6, 10},
		{[]int{2}, []int{2, 3}, 8, 8},
		{[]int{2, 1}, []int{3}, 8, 12},
		{[]int{2, 3}, []int{3, 2}, 8, 8},
		{[]int{0, 3}, []int{2, 2}, 8, 8},
		{[]int{2, 3}, []int{0, 2}, 8, 8},
		{[]int{0, 0, 2}, []int{2, 0, 1}, 16, 8},
		{[]int{2, 1, 2}, []int{1, 2, 2}, 16, 16},
		{[]int{1, 2, 1, 2}, []int{2, 1, 1, 1}, 16, 32},
		{[]int{1, 1, 1, 1}, []int{2}, 16, 16},
		{[]int{3, 4}, []int{4, 3}, 16, 12}, // whose 3x3 paths have their gradients by Winograd
	} {
		for _, k := range []int{1, 3} {
			for _, stride := range []int{1, 2} {
				for _, act := range []bool{false, true} {
					octCaseOf(c.in, c.out, k, stride, stride*c.h, stride*c.w, act).test(t)
				}
			}
		}
	}
}

func (c gradCase) test(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		c.run(t)
	})
}

func octCaseOf(in, out []int, k, stride, h, w int, act bool) gradCase {
	conv := layers.Conv{Kernel: k, Stride: stride, Out: out}
	single := len(in) == 1 && len(out) == 1
	scale := 1.0
	if single {
		scale = 100
	}
	g := gradCase{
		name: fmt.Sprintf("%v to %v, kernel %d, stride %d, norm %v", in, out, k, stride, act),
		in:   in, h: h, w: w, act: act,
		layer: func(s *layers.Scope, x layers.Octaves) layers.Octaves {
			if act {
				return layers.OctCBR(s, x, conv)
			}
			return layers.GOctConv(s, x, conv)
		},
		linear: func(xs []refnet.Map, w func(string) []float32) []refnet.Map {
			return refnet.GOctConv(xs, func(i, j int) []float32 { return w(fmt.Sprintf("w%d%d", i, j)) }, out, k, stride, scale)
		},
	}
	for j, cj := range out {
		for i, ci := range in {
			if ci > 0 && cj > 0 {
				g.add(fmt.Sprintf("w%d%d", i, j), model.Weight, cj, ci, k, k)
			}
		}
		if act {
			g.addNorm(j, cj)
		}
	}
	return g
}

func (c *gradCase) add(path string, role model.Role, shape ...int) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	c.tensors = append(c.tensors, &model.Tensor{Path: path, Role: role, Shape: shape, Data: make([]float32, n)})
}

func (c *gradCase) addNorm(j, n int) {
	if n == 0 {
		return
	}
	for _, r := range []model.Role{model.Gamma, model.Beta, model.Mean, model.Var} {
		c.add(fmt.Sprintf("norm%d.%s", j, r), r, n)
	}
	c.add(fmt.Sprintf("slope%d", j), model.Slope, n)
}

// Depthwise layers of one to three octaves, absent ones and 1-pixel sides.
func TestOctDepthwiseGradients(t *testing.T) {
	for _, c := range []struct {
		in   []int
		h, w int
	}{{[]int{3}, 5, 7}, {[]int{2, 3}, 8, 6}, {[]int{0, 2, 1}, 8, 16}, {[]int{2}, 1, 9}, {[]int{2}, 3, 1}} {
		g := gradCase{
			name: fmt.Sprintf("%v of %dx%d", c.in, c.h, c.w), in: c.in, h: c.h, w: c.w, act: true,
			layer: layers.OctDepthwise,
			linear: func(xs []refnet.Map, w func(string) []float32) []refnet.Map {
				out := make([]refnet.Map, len(xs))
				for k, x := range xs {
					out[k] = x
					if x.C > 0 {
						out[k] = convTwin(x, w(fmt.Sprintf("w%d", k)), x.C, 1, true)
					}
				}
				return out
			},
		}
		for k, n := range c.in {
			if n > 0 {
				g.add(fmt.Sprintf("w%d", k), model.Weight, n, 1, 3, 3)
				g.addNorm(k, n)
			}
		}
		g.test(t)
	}
}

// MSBlocks with absent branches and dilations beyond the map's sides.
func TestMSBlockGradients(t *testing.T) {
	for _, c := range []struct {
		cin, h, w int
		dil, cs   []int
	}{
		{3, 8, 8, []int{1, 2, 4, 8, 16}, []int{1, 2, 1, 1, 2}},
		{2, 3, 5, []int{1, 2, 4, 8, 16}, []int{0, 1, 0, 2, 1}},
		{3, 1, 4, []int{1, 4}, []int{1, 1}},
		{4, 6, 2, []int{3}, []int{5}},
		{4, 14, 9, []int{1, 2}, []int{3, 4}}, // gradients by Winograd
	} {
		g := gradCase{
			name: fmt.Sprintf("%d channels of %dx%d, %v at dilations %v", c.cin, c.h, c.w, c.cs, c.dil), in: []int{c.cin}, h: c.h, w: c.w, act: true,
			layer: func(s *layers.Scope, x layers.Octaves) layers.Octaves {
				return layers.Octaves{layers.MSBlock(s, 0, x[0], c.dil, c.cs)}
			},
			linear: func(xs []refnet.Map, w func(string) []float32) []refnet.Map {
				var parts []refnet.Map
				for d, n := range c.cs {
					if n > 0 {
						parts = append(parts, convTwin(xs[0], w(fmt.Sprintf("w%d", d)), n, c.dil[d], false))
					}
				}
				return []refnet.Map{concat(parts)}
			},
		}
		total := 0
		for d, n := range c.cs {
			if n > 0 {
				g.add(fmt.Sprintf("w%d", d), model.Weight, n, c.cin, 3, 3)
				total += n
			}
		}
		g.addNorm(0, total)
		g.test(t)
	}
}

// The last conv's weight, bias and input.
func TestClassifyGradients(t *testing.T) {
	g := gradCase{
		name: "classify", in: []int{4}, h: 5, w: 3,
		layer: func(s *layers.Scope, x layers.Octaves) layers.Octaves {
			return layers.Octaves{layers.Classify(s, x[0])}
		},
	}
	g.add("w", model.Weight, 1, 4, 1, 1)
	g.add("bias", model.Weight, 1) // linear as a weight is
	g.linear = func(xs []refnet.Map, w func(string) []float32) []refnet.Map {
		y := refnet.GOctConv(xs, func(_, _ int) []float32 { return w("w") }, []int{1}, 1, 1, 1)
		for i := range y[0].Data {
			y[0].Data[i] += float64(w("bias")[0])
		}
		return y
	}
	g.run(t)
}

// Upsampling by 2, 4, 8 and 16, also of single rows and columns.
func TestUpsampleGradients(t *testing.T) {
	for _, f := range []int{2, 4, 8, 16} {
		for _, side := range [][2]int{{3, 5}, {1, 4}, {2, 1}, {1, 1}} {
			gradCase{
				name: fmt.Sprintf("%dx%d times %d", side[0], side[1], f), in: []int{2}, h: side[0], w: side[1],
				layer: func(s *layers.Scope, x layers.Octaves) layers.Octaves {
					return layers.Octaves{layers.Upsample(s, "up", x[0], f)}
				},
				linear: func(xs []refnet.Map, _ func(string) []float32) []refnet.Map {
					return []refnet.Map{upTwin(xs[0], f)}
				},
			}.test(t)
		}
	}
}

// convTwin is 100 times the 3x3 convolution, zero padded by its dilation, w
// (out, C, 3, 3) or, depthwise, (C, 1, 3, 3).
func convTwin(x refnet.Map, w []float32, out, dil int, depthwise bool) refnet.Map {
	y := refnet.NewMap(x.N, out, x.H, x.W)
	at := func(n, c, i, j int) float64 {
		if i < 0 || i >= x.H || j < 0 || j >= x.W {
			return 0
		}
		return x.Data[((n*x.C+c)*x.H+i)*x.W+j]
	}
	for k := range y.Data {
		n, o, i, j := k/(y.W*y.H*out), k/(y.W*y.H)%out, k/y.W%y.H, k%y.W
		for t := range 9 {
			di, dj := (t/3-1)*dil, (t%3-1)*dil
			if depthwise {
				y.Data[k] += 100 * float64(w[o*9+t]) * at(n, o, i+di, j+dj)
				continue
			}
			for c := range x.C {
				y.Data[k] += 100 * float64(w[(o*x.C+c)*9+t]) * at(n, c, i+di, j+dj)
			}
		}
	}
	return y
}

// concat joins maps along the channels.
func concat(parts []refnet.Map) refnet.Map {
	c := 0
	for _, p := range parts {
		c += p.C
	}
	y := refnet.NewMap(parts[0].N, c, parts[0].H, parts[0].W)
	y.Data = y.Data[:0]
	for n := range y.N {
		for _, p := range parts {
			size := p.C * p.H * p.W
			y.Data = append(y.Data, p.Data[n*size:][:size]...)
		}
	}
	return y
}

// upTwin samples every output pixel's centre in the input, clamped to the
// centres of its outer pixels.
func upTwin(x refnet.Map, f int) refnet.Map {
	y := refnet.NewMap(x.N, x.C, x.H*f, x.W*f)
	at := func(i, n int) (int, int, float64) {
		p := min(max((float64(i)+0.5)/float64(f)-0.5, 0), float64(n-1))
		return int(p), min(int(p)+1, n-1), p - float64(int(p))
	}
	for k := range y.Data {
		plane := x.Data[k/(y.H*y.W)*x.H*x.W:]
		i0, i1, a := at(k/y.W%y.H, x.H)
		j0, j1, b := at(k%y.W, x.W)
		y.Data[k] = (1-a)*((1-b)*plane[i0*x.W+j0]+b*plane[i0*x.W+j1]) + a*((1-b)*plane[i1*x.W+j0]+b*plane[i1*x.W+j1])
	}
	return y
}
