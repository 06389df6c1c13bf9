package conv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	"csnet/internal/op/wide/conv"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// convCase is a sum of two terms over one map, or one term with a norm taken in and a map
// added.
type convCase struct {
	batch, c, h, w, out, k, stride, dilation int
	fold                                     bool
	frozen                                   bool // parameters do not change: Winograd where it pays
}

func convCases() []convCase {
	return []convCase{
		{1, 64, 12, 10, 64, 1, 1, 1, false, false},
		{2, 64, 12, 10, 48, 3, 1, 1, true, false},
		{1, 40, 9, 13, 33, 3, 1, 2, false, false},
		{1, 48, 7, 7, 130, 3, 1, 4, true, false},
		{2, 64, 11, 14, 64, 3, 2, 1, true, false},
		{1, 64, 11, 14, 128, 1, 2, 1, false, false},
		{1, 3, 30, 26, 64, 7, 2, 1, true, false},
		{1, 32, 16, 16, 16, 1, 1, 1, true, false}, // planes a power of two apart
		{1, 200, 5, 6, 300, 3, 1, 1, false, false},
		{2, 6, 8, 9, 5, 3, 1, 1, true, false}, // narrow
		{1, 6, 9, 8, 5, 3, 2, 1, false, false},
		{1, 64, 24, 20, 64, 3, 1, 1, true, true},
		{2, 40, 23, 18, 25, 3, 1, 1, false, true},
		{1, 160, 17, 19, 52, 3, 1, 2, true, true}, // two sums, 40 tiles
		{1, 64, 40, 43, 48, 3, 1, 1, false, true}, // two runs
		{1, 48, 29, 31, 48, 3, 1, 8, true, true},
		{1, 48, 9, 8, 48, 1, 1, 1, true, true},
	}
}

// Convolutions, and their gradients, against sums in float64, with the same bits for any
// number of threads.
func TestSum(t *testing.T) {
	for i, c := range convCases() {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			want := c.twin(c.values(i))
			one := c.run(t, c.values(i), 1)
			for k, name := range []string{"y", "dx", "dw", "dadd"} {
				if !c.fold && name == "dadd" {
					continue
				}
				var off, largest float64
				for j, v := range want[k] {
					off, largest = max(off, math.Abs(v-float64(one[k][j]))), max(largest, math.Abs(v))
				}
				if !(off <= 2e-6*largest) {
					t.Errorf("%s is off by %.2g of the largest, %.3g", name, off/largest, largest)
				}
			}
			three := c.run(t, c.values(i), 3)
			for k := range one {
				for j, v := range one[k] {
					if math.Float32bits(v) != math.Float32bits(three[k][j]) {
						t.Fatalf("output %d: three threads give %v at %d, one gives %v", k, three[k][j], j, v)
					}
				}
			}
		})
	}
}

func (c convCase) term() conv.Term {
	return conv.Term{C: c.c, H: c.h, W: c.w, Out: c.out, K: c.k, Stride: c.stride, Pad: c.k / 2 * c.dilation, Dilation: c.dilation, Scale: 3}
}

// convValues are inputs and the gradient of the output.
type convValues struct{ x, w, add, gamma, beta, mean, variance, dy []float32 }

func (c convCase) values(seed int) convValues {
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	draw := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	oh, ow := c.term().Output()
	n := c.batch * c.out * oh * ow
	v := convValues{draw(c.batch * c.c * c.h * c.w), draw(c.out * c.c * c.k * c.k), draw(n), draw(c.out), draw(c.out), draw(c.out), draw(c.out), draw(n)}
	for i, x := range v.variance {
		v.variance[i] = 0.5 + x*x
	}
	return v
}

// run returns output and gradients of map, weights and added map.
func (c convCase) run(t *testing.T, v convValues, threads int) [4][]float32 {
	e := op.NewEnv(threads)
	e.Frozen = c.frozen
	defer e.Close()
	oh, ow := c.term().Output()
	g := G.NewGraph()
	inputs := 0
	in := func(data []float32, shape ...int) *G.Node {
		inputs++
		n := G.NewTensor(g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(fmt.Sprint(inputs)), G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))))
		G.WithGrad(tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32)))(n)
		return n
	}
	maps := []tensor.Shape{{c.batch, c.c, c.h, c.w}}
	nodes := []*G.Node{in(v.x, maps[0]...)}
	adds := 0
	if c.fold {
		adds, maps = 1, append(maps, tensor.Shape{c.batch, c.out, oh, ow})
		nodes = append(nodes, in(v.add, maps[1]...))
	}
	o, err := conv.NewSum(conv.NewEnv(e), "conv", maps, adds, []conv.Term{c.term()}, false)
	if err != nil {
		t.Fatal(err)
	}
	nodes = append(nodes, in(v.w, c.out, c.c, c.k, c.k))
	if c.fold {
		o.TakeNorm(conv.Frozen{Mean: v.mean, Var: v.variance, Eps: 1e-5, Relu: true})
		nodes = append(nodes, in(v.gamma, c.out), in(v.beta, c.out))
	}
	var values []G.Value
	for _, n := range nodes {
		values = append(values, n.Value())
	}
	y, err := o.Do(values...)
	if err != nil {
		t.Fatal(err)
	}
	out := in(append([]float32(nil), v.dy...), c.batch, c.out, oh, ow)
	G.WithGrad(out.Value())(out)
	result := [4][]float32{append([]float32(nil), y.Data().([]float32)...)}
	o.WithoutGrad(nil)
	if c.fold {
		o.WithoutGrad([]int{3, 4})
	}
	if err := o.DoDiff(G.ExecutionContext{}, nodes, out); err != nil {
		t.Fatal(err)
	}
	for k, n := range []*G.Node{nodes[0], nodes[1+adds], nodes[adds]} {
		d, err := op.GradOf(n)
		if err != nil {
			t.Fatal(err)
		}
		result[k+1] = d
	}
	return result
}

// twin is run in float64, tap by tap.
func (c convCase) twin(v convValues) [4][]float64 {
	oh, ow := c.term().Output()
	r := [4][]float64{make([]float64, len(v.dy)), make([]float64, len(v.x)), make([]float64, len(v.w)), make([]float64, len(v.dy))}
	scale := func(o int) (a, b float64) {
		if !c.fold {
			return 1, 0
		}
		a = float64(v.gamma[o]) / math.Sqrt(float64(v.variance[o])+1e-5)
		return a, float64(v.beta[o]) - a*float64(v.mean[o])
	}
	for i := range r[0] {
		px, o, b := i%(oh*ow), i/(oh*ow)%c.out, i/(oh*ow)/c.out
		a, shift := scale(o)
		c.taps(px/ow, px%ow, b, o, func(x, w int) { r[0][i] += 3 * float64(v.x[x]) * float64(v.w[w]) })
		d := float64(v.dy[i])
		if r[0][i] = a*r[0][i] + shift; c.fold {
			if r[0][i] += float64(v.add[i]); !(r[0][i] > 0) {
				r[0][i], d = 0, 0
			}
		}
		r[3][i] = d
		c.taps(px/ow, px%ow, b, o, func(x, w int) {
			r[1][x] += 3 * a * d * float64(v.w[w])
			r[2][w] += 3 * a * d * float64(v.x[x])
		})
	}
	return r
}

// taps calls f for every tap of an output, with the places of the value under it and of its
// weight.
func (c convCase) taps(y, x, b, o int, f func(x, w int)) {
	t := c.term()
	for ch := range c.c {
		for k := range c.k * c.k {
			sy, sx := y*c.stride-t.Pad+k/c.k*c.dilation, x*c.stride-t.Pad+k%c.k*c.dilation
			if sy >= 0 && sy < c.h && sx >= 0 && sx < c.w {
				f(((b*c.c+ch)*c.h+sy)*c.w+sx, (o*c.c+ch)*c.k*c.k+k)
			}
		}
	}
}
