package layers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	engine "csnet/internal/op/learn"
	"csnet/internal/op/optest"
	"csnet/internal/refnet"
	"csnet/internal/vm"
	"csnet/layers"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// gradCase is a layer with a slow twin in float64. Its gradients are compared
// with central differences through the twin, so that float32 noise stands on
// one side only.
type gradCase struct {
	name    string
	in      []int // channels per octave, 0 = absent
	h, w    int   // of octave 0
	act     bool  // norm and PReLU follow
	tensors []*model.Tensor
	layer   func(s *layers.Scope, in layers.Octaves) layers.Octaves
	// linear is the layer's convolution, linear in every weight.
	linear func(xs []refnet.Map, w func(path string) []float32) []refnet.Map
}

const (
	gradBatch = 2
	gradEps   = 1e-5
	// The twin is exact to 1e-16, its differences over 2e-6 to 1e-9; what is
	// left is the layer's own float32 rounding, 6e-8 a value and a few hundred
	// values a sum. The reference cases are held to the same bound.
	gradBound = 1e-5
	gradStep  = 1e-6
	perTensor = 24 // values of each tensor looked at
)

func (c gradCase) run(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, uint64(len(c.name))))
	for _, x := range c.tensors {
		start(x, rng)
	}
	params, err := model.NewParams(c.tensors)
	if err != nil {
		t.Fatal(err)
	}
	env := op.NewEnv(2)
	defer env.Close()
	g := G.NewGraph()
	s := layers.NewScope(g, params, env, true, gradEps)
	in, xs := c.inputs(s, rng)
	out := c.layer(s, in)
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	tw := &twin{c: c, p: params, xs: xs, rs: make([][]float32, len(out))}
	var ys []*G.Node
	var rs [][]float32
	for j, y := range out {
		if y == nil {
			continue
		}
		tw.rs[j] = noise(rng, y.Shape().TotalSize(), 1)
		ys, rs = append(ys, y), append(rs, tw.rs[j])
	}
	product := optest.NewInnerProduct(env, "product", ys, rs)
	loss, err := G.ApplyOp(product, ys...)
	if err != nil {
		t.Fatal(err)
	}
	learned := s.Learned()
	var learn []*G.Node
	for _, x := range in {
		if x != nil {
			learn = append(learn, x)
		}
	}
	for _, l := range learned {
		learn = append(learn, l.Node)
	}
	m, err := vm.New(g, vm.Options{Learn: learn, Loss: loss, Together: engine.Plan})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	if want := tw.loss(tw.linear(), nil, 0, 0); math.Abs(product.Sum()-want) > 1e-5*math.Max(1, tw.size()) {
		t.Errorf("sum is %g, want %g", product.Sum(), want)
	}
	for i, x := range in {
		if x != nil {
			compare(t, fmt.Sprintf("x%d", i), gradient(t, x), rng, 0, func(k int) float64 { return tw.inputSlope(i, k) })
		}
	}
	for _, x := range learned {
		compare(t, x.Path, gradient(t, x.Node), rng, tw.sumScale(x.Tensor), func(k int) float64 { return tw.slope(x.Tensor, k) })
	}
	addsUp(t, m, learn)
}

// addsUp runs once more: gradients of learned nodes add up, so all must double.
func addsUp(t *testing.T, m *vm.VM, nodes []*G.Node) {
	t.Helper()
	var once [][]float32
	for _, n := range nodes {
		once = append(once, append([]float32(nil), gradient(t, n)...))
	}
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	for i, n := range nodes {
		for k, g := range gradient(t, n) {
			// Sums of several paths come in another order.
			if d := math.Abs(float64(g) - 2*float64(once[i][k])); d > 1e-5*math.Max(1, math.Abs(float64(g))) {
				t.Fatalf("gradient of %s[%d] is %g after two runs, %g after one", n.Name(), k, g, once[i][k])
			}
		}
	}
}

// inputs makes the octaves' nodes and the same values for the twin.
func (c gradCase) inputs(s *layers.Scope, rng *rand.Rand) (layers.Octaves, []refnet.Map) {
	in := make(layers.Octaves, len(c.in))
	xs := make([]refnet.Map, len(c.in))
	for i, ci := range c.in {
		xs[i] = refnet.NewMap(gradBatch, ci, c.h>>i, c.w>>i)
		if ci == 0 {
			continue
		}
		in[i] = s.Input(fmt.Sprintf("x%d", i), gradBatch, ci, c.h>>i, c.w>>i)
		d := in[i].Value().Data().([]float32)
		copy(d, noise(rng, len(d), 1))
		for k, v := range d {
			xs[i].Data[k] = float64(v)
		}
	}
	return in, xs
}

func noise(rng *rand.Rand, n int, scale float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64() * scale)
	}
	return out
}

// start fills a tensor with values of its role's kind.
func start(x *model.Tensor, rng *rand.Rand) {
	for i := range x.Data {
		v := rng.NormFloat64()
		switch x.Role {
		case model.Gamma, model.Var:
			v = 0.5 + rng.Float64()
		case model.Slope:
			v = 0.1 + 0.5*rng.Float64()
		case model.Weight:
			v *= 0.1
		}
		x.Data[i] = float32(v)
	}
}

// compare looks at up to perTensor values of a gradient; they must lie within
// gradBound of the largest one, or of scale where that is more.
func compare(t *testing.T, what string, got []float32, rng *rand.Rand, scale float64, want func(k int) float64) {
	t.Helper()
	pick := rng.Perm(len(got))
	pick = pick[:min(len(pick), perTensor)]
	ws := make([]float64, len(pick))
	for i, k := range pick {
		ws[i] = want(k)
		scale = math.Max(scale, math.Abs(ws[i]))
	}
	for i, k := range pick {
		if d := math.Abs(float64(got[k]) - ws[i]); !(d <= gradBound*scale) {
			t.Errorf("gradient of %s[%d] is %g, want %g; off by %.2g of %g", what, k, got[k], ws[i], d/scale, scale)
		}
	}
}

// twin is the case in float64.
type twin struct {
	c  gradCase
	p  *model.Params
	xs []refnet.Map
	rs [][]float32 // of each output octave
}

func (w *twin) linear() []refnet.Map {
	return w.c.linear(w.xs, func(path string) []float32 { return w.p.Get(path).Data })
}

// size is the scale of the loss: the norm of a sum of random products.
func (w *twin) size() float64 {
	var s float64
	for _, z := range w.linear() {
		for _, v := range z.Data {
			s += v * v
		}
	}
	return math.Sqrt(s)
}

// inputSlope is the loss's slope along value k of input octave i.
func (w *twin) inputSlope(i, k int) float64 {
	old := w.xs[i].Data[k]
	defer func() { w.xs[i].Data[k] = old }()
	w.xs[i].Data[k] = old + gradStep
	up := w.loss(w.linear(), nil, 0, 0)
	w.xs[i].Data[k] = old - gradStep
	return (up - w.loss(w.linear(), nil, 0, 0)) / (2 * gradStep)
}

// sumScale is what the gradient of a weight before no norm comes to when its
// terms do not cancel by chance: a sum of the unit weight's results times random
// numbers of variance 1. A tensor of one value may lie far below.
func (w *twin) sumScale(x *model.Tensor) float64 {
	if x.Role != model.Weight || w.c.act {
		return 0
	}
	var s float64
	for _, m := range w.unit(x, 0) {
		for _, v := range m.Data {
			s += v * v
		}
	}
	return math.Sqrt(s)
}

// unit is the convolution's result with value k of x 1 and all else 0.
func (w *twin) unit(x *model.Tensor, k int) []refnet.Map {
	one := make([]float32, len(x.Data))
	one[k] = 1
	return w.c.linear(w.xs, func(path string) []float32 {
		if path == x.Path {
			return one
		}
		return make([]float32, len(w.p.Get(path).Data))
	})
}

// slope is the loss's slope along value k of parameter x. A weight moves the
// convolution's result along that of the unit weight, which float32 holds.
func (w *twin) slope(x *model.Tensor, k int) float64 {
	z := w.linear()
	if x.Role != model.Weight {
		return (w.loss(z, x, k, gradStep) - w.loss(z, x, k, -gradStep)) / (2 * gradStep)
	}
	dz := w.unit(x, k)
	moved := func(h float64) float64 {
		m := make([]refnet.Map, len(z))
		for j := range z {
			m[j] = refnet.NewMap(z[j].N, z[j].C, z[j].H, z[j].W)
			for i := range z[j].Data {
				m[j].Data[i] = z[j].Data[i] + h*dz[j].Data[i]
			}
		}
		return w.loss(m, nil, 0, 0)
	}
	return (moved(gradStep) - moved(-gradStep)) / (2 * gradStep)
}

// loss is the sum of r times what follows the convolution's results z, with
// value k of x moved by h.
func (w *twin) loss(z []refnet.Map, x *model.Tensor, k int, h float64) float64 {
	get := func(path string) []float64 {
		out := make([]float64, len(w.p.Get(path).Data))
		for i, v := range w.p.Get(path).Data {
			out[i] = float64(v)
		}
		if x != nil && x.Path == path {
			out[k] += h
		}
		return out
	}
	var sum float64
	for j, m := range z {
		if w.rs[j] == nil {
			continue
		}
		hw := m.H * m.W
		for c := range m.C {
			u := channel(m, c)
			if w.c.act {
				norm := fmt.Sprintf("norm%d.", j)
				normAct(u, get(norm + "gamma")[c], get(norm + "beta")[c], get(fmt.Sprintf("slope%d", j))[c])
			}
			for i, v := range u {
				sum += v * float64(w.rs[j][(i/hw*m.C+c)*hw+i%hw])
			}
		}
	}
	return sum
}

// channel returns a copy of channel c of all images.
func channel(m refnet.Map, c int) []float64 {
	var out []float64
	hw := m.H * m.W
	for n := range m.N {
		out = append(out, m.Data[(n*m.C+c)*hw:][:hw]...)
	}
	return out
}

// normAct is batch norm with batch statistics and PReLU of one channel.
func normAct(u []float64, gamma, beta, slope float64) {
	var mean, variance float64
	for _, v := range u {
		mean += v / float64(len(u))
	}
	for _, v := range u {
		variance += (v - mean) * (v - mean) / float64(len(u))
	}
	for i, v := range u {
		y := (v-mean)/math.Sqrt(variance+gradEps)*gamma + beta
		if y < 0 {
			y *= slope
		}
		u[i] = y
	}
}
