package layers_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/internal/op"
	"csnet/internal/op/optest"
	"csnet/internal/refnet"
	"csnet/internal/vm"
	"csnet/layers"
	"csnet/model"

	G "gorgonia.org/gorgonia"
)

// smallBackbone has every part of ResNet-50: a stem, and a stage of a block with a strided
// shortcut and one without.
func smallBackbone() model.Backbone {
	unit := func(name string, in, out, kernel, stride int) model.Unit {
		return model.Unit{Name: "base." + name, In: in, Out: out, Kernel: kernel, Stride: stride}
	}
	shortcut := unit("a.shortcut", 4, 6, 1, 2)
	return model.Backbone{
		Stem: []model.Unit{unit("stem", 3, 4, 3, 2)},
		Stages: [][]model.Residual{{
			{Reduce: unit("a.conv1", 4, 3, 1, 1), Middle: []model.Unit{unit("a.conv2", 3, 3, 3, 2)}, Expand: unit("a.conv3", 3, 6, 1, 1), Shortcut: &shortcut, Parts: 1, Stride: 2, First: true},
			{Reduce: unit("b.conv1", 6, 3, 1, 1), Middle: []model.Unit{unit("b.conv2", 3, 3, 3, 1)}, Expand: unit("b.conv3", 3, 6, 1, 1), Parts: 1, Stride: 1},
		}},
	}
}

// A backbone whose norms learn: the output, the gradient of every weight, gamma and beta, by
// central differences through a twin in float64, and the running statistics, a tenth of the
// way towards the batch's.
func TestBackboneGradients(t *testing.T) {
	const h, w = 24, 19
	rng := rand.New(rand.NewPCG(5, 6))
	b, ts := smallBackbone(), baseTensors(smallBackbone(), rng)
	params, err := model.NewParams(ts)
	if err != nil {
		t.Fatal(err)
	}
	twin := baseTwin{p: map[string][]float64{}, x: refnet.NewMap(gradBatch, 3, h, w)}
	for _, x := range ts {
		for _, v := range x.Data {
			twin.p[x.Path] = append(twin.p[x.Path], float64(v))
		}
	}
	env := op.NewEnv(2)
	defer env.Close()
	g := G.NewGraph()
	s := layers.NewStyledScope(g, params, env, true, layers.Style{Dialect: model.Resize, Norm: model.Norm{Kind: model.GroupNorm, Eps: gradEps}})
	x := s.Input("x", gradBatch, 3, h, w)
	for i, v := range noise(rng, len(twin.x.Data), 1) {
		x.Value().Data().([]float32)[i], twin.x.Data[i] = v, float64(v)
	}
	y := layers.Extract(s, x, b)
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	twin.r = noise(rng, y[0].Shape().TotalSize(), 1)
	product := optest.NewInnerProduct(env, "product", y, [][]float32{twin.r})
	loss, err := G.ApplyOp(product, y...)
	if err != nil {
		t.Fatal(err)
	}
	var learn []*G.Node
	for _, l := range s.Learned() {
		learn = append(learn, l.Node)
	}
	m, err := vm.New(g, vm.Options{Learn: learn, Loss: loss})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	if want := twin.loss(b, true); math.Abs(product.Sum()-want) > 1e-5*math.Max(1, math.Abs(want)) {
		t.Errorf("sum is %g, want %g", product.Sum(), want)
	}
	if got, want := len(learn), 3*len(ts)/5; got != want {
		t.Errorf("%d tensors learn, must be %d: weight, gamma and beta of each convolution", got, want)
	}
	for _, l := range s.Learned() {
		compare(t, l.Path, gradient(t, l.Node), rng, 0, func(k int) float64 { return twin.slope(b, l.Path, k) })
	}
	for _, x := range ts {
		if x.Role.Learned() {
			continue
		}
		for i, want := range twin.p[x.Path] {
			if got := float64(x.Data[i]); math.Abs(got-want) > 1e-5*math.Max(1, math.Abs(want)) {
				t.Errorf("%s[%d] is %g, want %g", x.Path, i, got, want)
			}
		}
	}
}

// baseTensors are those of a backbone's convolutions and norms, with drawn values.
func baseTensors(b model.Backbone, rng *rand.Rand) []*model.Tensor {
	var c gradCase
	for _, u := range units(b) {
		c.add(u.Name+".w", model.Weight, u.Out, u.In, u.Kernel, u.Kernel)
		for _, r := range []model.Role{model.Gamma, model.Beta, model.Mean, model.Var} {
			c.add(u.Name+".norm0."+string(r), r, u.Out)
		}
	}
	for _, x := range c.tensors {
		start(x, rng)
		if x.Role == model.Beta {
			for i := range x.Data {
				x.Data[i] *= 0.3
			}
		}
	}
	return c.tensors
}

// units lists the convolutions of a backbone.
func units(b model.Backbone) []model.Unit {
	us := append([]model.Unit{}, b.Stem...)
	for _, st := range b.Stages {
		for _, r := range st {
			us = append(append(append(us, r.Reduce), r.Middle...), r.Expand)
			if r.Shortcut != nil {
				us = append(us, *r.Shortcut)
			}
		}
	}
	return us
}

// baseTwin is a backbone in training in float64, by plain loops.
type baseTwin struct {
	p map[string][]float64
	x refnet.Map
	r []float32 // what the output is multiplied with
}

// loss is the inner product of the output with r; move says that running statistics move.
func (w baseTwin) loss(b model.Backbone, move bool) float64 {
	x := w.x
	for _, u := range b.Stem {
		x = w.unit(x, u, true, nil, move)
	}
	x = maxPool3(x)
	for _, st := range b.Stages {
		for _, r := range st {
			short := x
			if r.Shortcut != nil {
				short = w.unit(x, *r.Shortcut, false, nil, move)
			}
			x = w.unit(w.unit(w.unit(x, r.Reduce, true, nil, move), r.Middle[0], true, nil, move), r.Expand, true, short.Data, move)
		}
	}
	sum := 0.0
	for i, v := range x.Data {
		sum += v * float64(w.r[i])
	}
	return sum
}

// slope is the loss's slope along value k of a parameter.
func (w baseTwin) slope(b model.Backbone, path string, k int) float64 {
	p := w.p[path]
	old := p[k]
	defer func() { p[k] = old }()
	p[k] = old + gradStep
	up := w.loss(b, false)
	p[k] = old - gradStep
	return (up - w.loss(b, false)) / (2 * gradStep)
}

// unit is a convolution, its batch norm, what is added and a ReLU.
func (w baseTwin) unit(x refnet.Map, u model.Unit, relu bool, added []float64, move bool) refnet.Map {
	p := func(name string) []float64 { return w.p[u.Name+"."+name] }
	k, pad := u.Kernel, u.Kernel/2
	y := refnet.NewMap(x.N, u.Out, (x.H+2*pad-k)/u.Stride+1, (x.W+2*pad-k)/u.Stride+1)
	for i := range y.Data {
		n, o, r, c := i/(u.Out*y.H*y.W), i/(y.H*y.W)%u.Out, i/y.W%y.H, i%y.W
		for t := range u.In * k * k {
			row, column := r*u.Stride+t/k%k-pad, c*u.Stride+t%k-pad
			if row >= 0 && row < x.H && column >= 0 && column < x.W {
				y.Data[i] += p("w")[o*u.In*k*k+t] * x.Data[((n*u.In+t/(k*k))*x.H+row)*x.W+column]
			}
		}
	}
	for c := range u.Out {
		z := channel(y, c)
		if move {
			mean, variance := moments(z)
			n := float64(len(z))
			p("norm0.mean")[c] += 0.1 * (mean - p("norm0.mean")[c])
			p("norm0.var")[c] += 0.1 * (variance*n/(n-1) - p("norm0.var")[c])
		}
		normAct(z, p("norm0.gamma")[c], p("norm0.beta")[c], 1)
		for i, v := range z {
			y.Data[(i/(y.H*y.W)*u.Out+c)*y.H*y.W+i%(y.H*y.W)] = v
		}
	}
	for i := range y.Data {
		if added != nil {
			y.Data[i] += added[i]
		}
		if relu {
			y.Data[i] = max(y.Data[i], 0)
		}
	}
	return y
}

// moments are the mean and the biased variance.
func moments(u []float64) (mean, variance float64) {
	for _, v := range u {
		mean += v / float64(len(u))
	}
	for _, v := range u {
		variance += (v - mean) * (v - mean) / float64(len(u))
	}
	return mean, variance
}

// maxPool3 is a 3x3 max pool of stride 2, padded by one.
func maxPool3(x refnet.Map) refnet.Map {
	y := refnet.NewMap(x.N, x.C, (x.H-1)/2+1, (x.W-1)/2+1)
	for i := range y.Data {
		plane, r, c := x.Data[i/(y.H*y.W)*x.H*x.W:], i/y.W%y.H, i%y.W
		y.Data[i] = math.Inf(-1)
		for row := max(2*r-1, 0); row <= min(2*r+1, x.H-1); row++ {
			for column := max(2*c-1, 0); column <= min(2*c+1, x.W-1); column++ {
				y.Data[i] = max(y.Data[i], plane[row*x.W+column])
			}
		}
	}
	return y
}
