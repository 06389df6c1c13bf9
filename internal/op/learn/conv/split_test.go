package conv

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/kernel/half"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// octPair is some output octaves of a gOctConv, with the maps and gradients of one image.
type octPair struct {
	env      *op.Env
	group    *OctGroup
	half     bool
	in, out  []*prenorm.Norm
	x, z     [][]float32
	g, d     [][]float32
	drawn    [][]float32 // g before it is rounded
	parts    [][]float32
	inC, inN []int
}

// newOctPair makes the convolution with kernel k and a stride of inputs of 5, 7 and 6 channels,
// the finest of h x w.
func newOctPair(t *testing.T, h, w, inputs, outputs, k, stride int, half bool) *octPair {
	t.Helper()
	p := &octPair{env: op.NewEnv(1), half: half}
	t.Cleanup(p.env.Close)
	r := rand.New(rand.NewPCG(7, 7))
	values := func(n int, scale float32) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = scale * (r.Float32() - 0.5)
		}
		return v
	}
	var in []op.OctIn
	for i := range inputs {
		in = append(in, op.OctIn{Octave: i, Channels: []int{5, 7, 6}[i], H: h >> i, W: w >> i})
		p.inC, p.inN = append(p.inC, in[i].Channels), append(p.inN, in[i].H*in[i].W)
		p.x = append(p.x, values(p.inC[i]*p.inN[i], 2))
		p.d = append(p.d, make([]float32, p.inC[i]*p.inN[i]))
		p.in = append(p.in, p.norm(p.inC[i], p.inN[i], values))
	}
	var pool pages.Pool
	var convs []*Oct
	for j := range outputs {
		g, err := op.NewOct(in, j, 6+j, k, stride, false, 1)
		if err != nil {
			t.Fatal(err)
		}
		c := NewOct(g, &pool)
		var ws [][]float32
		for i := range inputs {
			ws = append(ws, values(p.inC[i]*(6+j)*k*k, 1))
		}
		c.Pack(ws)
		convs = append(convs, c)
		n := c.Out * c.H * c.W
		p.z, p.g = append(p.z, make([]float32, n)), append(p.g, values(n, 1))
		p.drawn = append(p.drawn, slices.Clone(p.g[j]))
		p.out = append(p.out, p.norm(c.Out, c.H*c.W, values))
		p.parts = append(p.parts, make([]float32, c.GradSize()))
	}
	p.group = NewOctGroup(convs...)
	if half {
		for _, v := range p.x {
			round(kernel.ToFloat16, v)
		}
		for _, v := range p.g {
			round(kernel.ToBFloat16, v)
		}
	}
	return p
}

// round puts the values, rounded, where 16 bits lie.
func round[H kernel.Half](to func(float32) H, v []float32) {
	halves := kernel.Halves[H](v)
	for i, x := range slices.Clone(v) {
		halves[i] = to(x)
	}
}

// norm is a norm of c channels with drawn factors.
func (p *octPair) norm(c, area int, values func(n int, scale float32) []float32) *prenorm.Norm {
	n := prenorm.NewNorm(1e-5, values(c, 1), make([]float32, c))
	n.Images(p.env, 1)
	n.Set([][]float32{values(c, 2), values(c, 1), values(c, 1)})
	for i := range n.Var {
		n.Var[i] = 1
	}
	n.Frozen = true
	_ = n.Batch("norm", area) // of running statistics: there is nothing to exchange
	n.Frozen = false
	return n
}

// run makes the outputs and all gradients, and returns the outputs' statistics.
func (p *octPair) run(t *testing.T, split bool) (stats []float32) {
	t.Helper()
	m := p.group
	m.split = split
	var xs []prenorm.Map
	var dxs []prenorm.InGrad
	for k, v := range p.x {
		xs = append(xs, prenorm.Map{Z: prenorm.Image[kernel.Float16](v, p.half, 0, len(v)), Area: p.inN[k], Norm: p.in[k]})
		dxs = append(dxs, prenorm.InGrad{D: prenorm.Image[kernel.BFloat16](p.d[k], p.half, 0, len(v)), Store: true, Last: true, In: xs[k]})
	}
	var dzs []prenorm.OutGrad
	for j, c := range m.convs {
		n := c.H * c.W
		dzs = append(dzs, prenorm.OutGrad{G: prenorm.Image[kernel.BFloat16](p.g[j], p.half, 0, c.Out*n), Z: prenorm.Image[kernel.Float16](p.z[j], p.half, 0, c.Out*n), Norm: p.out[j], Area: n})
	}
	s := &Scratch{Arena: p.env.Arena(0)}
	s.Reset()
	var es []prenorm.Epilogue
	for j, c := range m.convs {
		es = append(es, prenorm.Epilogue{Z: dzs[j].Z, C: c.Out, Area: c.H * c.W, Norm: p.out[j]})
	}
	m.Forward(xs, es, s)
	for j, n := range p.out {
		if err := n.Batch("out", es[j].Area); err != nil {
			t.Fatal(err)
		}
		stats = append(stats, n.Mean...)
	}
	for j, n := range p.out {
		area := es[j].Area
		for c := range n.Channels() {
			n.GradSums(0, c, p.drawn[j][c*area:][:area], dzs[j].Z.Cut(c*area, area), prenorm.Grads{}, false, true)
		}
		if err := n.Reduce("out", make([][]float32, 3), area); err != nil {
			t.Fatal(err)
		}
	}
	s.Reset()
	m.Backward(p.parts, dxs, xs, dzs, s)
	return stats
}

// near fails where values differ by more than a share of the largest, with 0 by a bit.
func near(t *testing.T, what string, got, want []float32, share float64) {
	t.Helper()
	most := 0.0
	for _, v := range want {
		most = max(most, math.Abs(float64(v)))
	}
	for i, v := range got {
		if math.Float32bits(v) == math.Float32bits(want[i]) {
			continue
		}
		if off := math.Abs(float64(v - want[i])); share == 0 || !(off <= share*most) {
			t.Fatalf("%s: value %d is %v, want %v (largest %v)", what, i, v, want[i], most)
		}
	}
}

// gradient returns that of input k.
func (p *octPair) gradient(k int) []float32 {
	d := slices.Clone(p.d[k])
	if p.half {
		clear(d)
		half.Add(d, kernel.Halves[kernel.BFloat16](p.d[k])[:len(d)])
	}
	return d
}

// A group whose coarse maps go by in rows makes the same outputs as one that holds them whole,
// and the same statistics and gradients but for the order of the sums.
func TestOctGroupSplit(t *testing.T) {
	for _, c := range []struct {
		h, w, inputs, outputs int
		half                  bool
	}{{40, 48, 2, 2, false}, {64, 1024, 2, 2, true}, {72, 512, 2, 2, false}, {96, 768, 2, 1, true}, {64, 768, 3, 1, false}, {64, 768, 3, 3, false}, {96, 512, 3, 3, true}, {64, 1024, 3, 2, false}, {64, 768, 2, 3, false}, {64, 768, 1, 2, false}} {
		whole, split := newOctPair(t, c.h, c.w, c.inputs, c.outputs, 1, 1, c.half), newOctPair(t, c.h, c.w, c.inputs, c.outputs, 1, 1, c.half)
		want, got := whole.run(t, false), split.run(t, true)
		near(t, "statistics", got, want, 1e-5)
		for j := range whole.z {
			near(t, "output", split.z[j], whole.z[j], 0)
			near(t, "weights' gradient", split.parts[j], whole.parts[j], 1e-4)
		}
		for k := range whole.d {
			share := 1e-5
			if c.half {
				share = 1. / 128 // the statistics' last bits may round a bfloat16 the other way
			}
			near(t, "input's gradient", split.gradient(k), whole.gradient(k), share)
		}
	}
}

// A 3x3 convolution of whole maps has the same gradients where that of its output goes by in bands
// of rows, but for the order of the sums.
func TestOctBandGrads(t *testing.T) {
	for _, c := range []struct {
		h, w, inputs, outputs, stride int
		half                          bool
	}{{128, 96, 2, 2, 2, false}, {176, 64, 2, 1, 2, true}, {96, 128, 1, 2, 2, false}, {72, 64, 1, 2, 1, true}, {64, 64, 3, 1, 1, false}} {
		whole, bands := newOctPair(t, c.h, c.w, c.inputs, c.outputs, 3, c.stride, c.half), newOctPair(t, c.h, c.w, c.inputs, c.outputs, 3, c.stride, c.half)
		n := 0
		for j, o := range bands.group.convs {
			if whole.group.convs[j].direct = -1; j > 0 && c.inputs > 1 {
				continue // two paths of its size
			}
			if o.direct = o.onlyPath(); o.direct < 0 {
				t.Fatalf("%+v: output %d has no path for bands", c, j)
			}
			n++
		}
		if n == 0 {
			t.Fatalf("%+v: no bands", c)
		}
		whole.run(t, false)
		bands.run(t, false)
		for j := range whole.parts {
			near(t, "weights' gradient", bands.parts[j], whole.parts[j], 1e-5)
		}
		for k := range whole.d {
			near(t, "input's gradient", bands.gradient(k), whole.gradient(k), 1e-6)
		}
	}
}
