package onnx_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/internal/onnx"
	"csnet/internal/shared"
	"csnet/model"
)

// spread gives the norms statistics and slopes that differ from channel to
// channel, as training leaves them, so that a mixed-up fold shows.
// The variances follow the factor on the layer's weights, lest maps overflow.
func spread(s model.Spec, p *model.Params, rng *rand.Rand) {
	ls := s.Layers()
	for _, ts := range s.Tensors() {
		t, scale := p.Get(ts.Path), ls[ts.Layer].Scale()
		for i := range t.Data {
			switch t.Role {
			case model.Gamma:
				t.Data[i] = 0.5 + rng.Float32()
			case model.Var:
				t.Data[i] = (0.5 + rng.Float32()) * scale * scale / 3
			case model.Beta, model.Mean, model.Slope, model.Bias:
				t.Data[i] = rng.Float32() - 0.5
			}
		}
	}
}

func arch(change func(*model.Arch)) model.Spec {
	a := model.DefaultArch()
	a.Width, a.Blocks = 0.3, []int{1, 2, 2, 2}
	change(&a)
	s, err := a.Spec()
	if err != nil {
		panic(err)
	}
	return s
}

// specs are nets of every kind that the exporter has to know.
func specs() map[string]model.Spec {
	pruned := arch(func(*model.Arch) {})
	pruned.Stages[1].Blocks[0].Out = []int{3, 0}
	pruned.Stages[2].Blocks[0].Out = []int{0, 5}
	pruned.Stages[3].Blocks[0].Out = []int{7, 1}
	pruned.Head.Fuse = []int{3, 0, 5}
	pruned.Head.MS = [][]int{{1, 0, 0, 0, 2}, {0, 0, 0, 0, 0}, {1, 1, 0, 1, 0}}
	pruned.Head.Out = 5
	return map[string]model.Spec{
		"two octaves":      arch(func(*model.Arch) {}),
		"one octave":       arch(func(a *model.Arch) { a.Split = []float64{1, 0} }),
		"coarse alone":     arch(func(a *model.Arch) { a.Split = []float64{0, 1} }),
		"three octaves":    arch(func(a *model.Arch) { a.Split = []float64{1, 1, 1} }),
		"four octaves":     arch(func(a *model.Arch) { a.Split = []float64{1, 1, 1, 1} }),
		"extractor":        arch(func(a *model.Arch) { a.ExtractorOnly = true }),
		"odd, absent ones": pruned,
		"octave":           arch(func(a *model.Arch) { a.Dialect = model.Octave }),
		"octave, three":    arch(func(a *model.Arch) { a.Dialect, a.Split = model.Octave, []float64{1, 1, 1} }),
		"resize":           arch(func(a *model.Arch) { a.Dialect = model.Resize }),
		"resize, groups":   arch(resized),
		"resize, balanced": arch(func(a *model.Arch) { resized(a); a.Balance = true }),
	}
}

// resized changes to the dialect of the authors' second code.
func resized(a *model.Arch) {
	a.Dialect, a.Norm, a.Groups, a.Width, a.Head = model.Resize, model.GroupNorm, 2, 0.4, []int{4, 8, 8}
}

// logits runs the net itself.
func logits(t *testing.T, s model.Spec, p *model.Params, x []float32, n, h, w int) []float32 {
	t.Helper()
	net := graph.NewPredictor(s, p, 2)
	defer net.Close()
	y, err := net.Batch(x, n, h, w)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// apart returns the largest difference relative to the largest value of want.
func apart(got []float64, want []float32) float64 {
	diff, most := 0.0, 0.0
	for i, v := range want {
		diff, most = max(diff, math.Abs(got[i]-float64(v))), max(most, math.Abs(float64(v)))
	}
	return diff / most
}

func noise(rng *rand.Rand, n int) ([]float32, []float64) {
	x, wide := make([]float32, n), make([]float64, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
		wide[i] = float64(x[i])
	}
	return x, wide
}

func TestEncodedNetGivesTheNetsLogits(t *testing.T) {
	for name, s := range specs() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			p, err := s.NewParams(1)
			if err != nil {
				t.Fatal(err)
			}
			spread(s, p, rng)
			file, err := onnx.Encode(s, p, onnx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := onnx.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			k := s.Coarsest()
			n, h, w := 2, 2*k, 3*k
			x, wide := noise(rng, n*3*h*w)
			y, err := m.Forward(onnx.Tensor{Shape: []int{n, 3, h, w}, Data: wide})
			if err != nil {
				t.Fatal(err)
			}
			if d := apart(y.Data, logits(t, s, p, x, n, h, w)); d > 1e-5 || math.IsNaN(d) {
				t.Errorf("differs by %.2g of the largest logit, must be at most 1e-5", d)
			}
		})
	}
}

// In the dialect that resizes, any size; a backbone with the head, whose sides are halved
// upwards. Such a file holds its sizes, so its batch cannot be left open.
func TestEncodedAtAnySize(t *testing.T) {
	nets := map[string]model.Spec{"resize": specs()["resize"], "resize, balanced": specs()["resize, balanced"]}
	if !testing.Short() {
		for _, b := range []string{"resnet50", "res2net50"} {
			nets[b] = arch(func(a *model.Arch) {
				a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups, a.Head = model.KindCSF, b, model.Resize, model.GroupNorm, 2, []int{8, 8, 12, 12}
			})
		}
	}
	for name, s := range nets {
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		if s.Kind == "" {
			spread(s, p, rng)
		}
		for _, hw := range [][2]int{{33, 50}, {64, 32}} {
			h, w := hw[0], hw[1]
			o := onnx.Options{Batch: 1, H: h, W: w}
			file, err := onnx.Encode(s, p, o)
			if err != nil {
				t.Fatal(err)
			}
			m, err := onnx.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			x, wide := noise(rng, 3*h*w)
			y, err := m.Forward(onnx.Tensor{Shape: []int{1, 3, h, w}, Data: wide})
			if err != nil {
				t.Fatalf("%s, %dx%d: %v", name, h, w, err)
			}
			if d := apart(y.Data, logits(t, s, p, x, 1, h, w)); d > 2e-5 || math.IsNaN(d) {
				t.Errorf("%s, %dx%d: differs by %.2g of the largest logit, must be at most 2e-5", name, h, w, d)
			}
			sized := h%s.Coarsest() != 0
			if o.Batch = 0; onnx.Sized(s, o) != sized {
				t.Errorf("%s, %dx%d: holds sizes: %v", name, h, w, !sized)
			}
			if _, err := onnx.Encode(s, p, o); (err != nil) != sized {
				t.Errorf("%s, %dx%d, batch open: %v", name, h, w, err)
			}
		}
		if _, err := onnx.Encode(s, p, onnx.Options{Batch: 1, H: 8, W: 64}); err == nil {
			t.Errorf("%s: 8x64 is accepted", name)
		}
	}
}

func TestOptions(t *testing.T) {
	s := arch(func(*model.Arch) {})
	p, _ := s.NewParams(3)
	rng := rand.New(rand.NewPCG(5, 6))
	spread(s, p, rng)
	const side = 32
	x, wide := noise(rng, 3*side*side)
	want := logits(t, s, p, x, 1, side, side)
	in := onnx.Tensor{Shape: []int{1, 3, side, side}, Data: wide}
	forward := func(o onnx.Options, in onnx.Tensor) []float64 {
		file, err := onnx.Encode(s, p, o)
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if b, h, w := m.Size(); b != o.Batch || h != o.H || w != o.W {
			t.Errorf("size reads as %d, %d, %d, was written as %+v", b, h, w, o)
		}
		y, err := m.Forward(in)
		if err != nil {
			t.Fatal(err)
		}
		return y.Data
	}

	got := forward(onnx.Options{Batch: 1, H: side, W: side, Sigmoid: true}, in)
	for i, v := range want {
		if y := 1 / (1 + math.Exp(-float64(v))); math.Abs(got[i]-y) > 1e-5 {
			t.Fatalf("with sigmoid, value %d is %g, must be %g", i, got[i], y)
		}
	}

	rgb := onnx.NewTensor(1, 3, side, side)
	mean, std := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
	for i := range rgb.Data {
		c := i / (side * side)
		rgb.Data[i] = float64(rng.IntN(256))
		x[i] = float32((rgb.Data[i]/255 - mean[c]) / std[c])
	}
	want = append([]float32(nil), logits(t, s, p, x, 1, side, side)...)
	if d := apart(forward(onnx.Options{Normalize: true}, rgb), want); d > 1e-5 {
		t.Errorf("with normalising, differs by %.2g of the largest logit", d)
	}
	d := apart(forward(onnx.Options{Normalize: true, Half: true}, rgb), want)
	if d == 0 || d > 0.05 {
		t.Errorf("with 16-bit weights, differs by %.2g of the largest logit, must be above 0 and at most .05", d)
	}
}

func TestEncodeRefuses(t *testing.T) {
	s := arch(func(*model.Arch) {})
	p, _ := s.NewParams(1)
	other, _ := arch(func(a *model.Arch) { a.Width = 0.5 }).NewParams(1)
	for name, f := range map[string]func() error{
		"a size that is no multiple": func() error { _, err := onnx.Encode(s, p, onnx.Options{Batch: 1, H: 100, W: 112}); return err },
		"another net's tensors":      func() error { _, err := onnx.Encode(s, other, onnx.Options{}); return err },
		"a batch below 0":            func() error { _, err := onnx.Encode(s, p, onnx.Options{Batch: -1}); return err },
		"a file that is no model":    func() error { _, err := onnx.Decode([]byte("no model at all")); return err },
		"an empty file":              func() error { _, err := onnx.Decode(nil); return err },
	} {
		if f() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestReleasedNet(t *testing.T) {
	c, err := checkpoint.Import(shared.Glob(t, "checkpoints/csnet-L-x1.pth.tar")[0])
	if err != nil {
		t.Fatal(err)
	}
	file, err := onnx.Encode(c.Spec, c.Params, onnx.Options{Batch: 1, H: 96, W: 160})
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	x, wide := noise(rand.New(rand.NewPCG(1, 1)), 3*96*160)
	y, err := m.Forward(onnx.Tensor{Shape: []int{1, 3, 96, 160}, Data: wide})
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(y.Data, logits(t, c.Spec, c.Params, x, 1, 96, 160)); d > 2e-5 {
		t.Errorf("differs by %.2g of the largest logit, must be at most 2e-5", d)
	}
}
