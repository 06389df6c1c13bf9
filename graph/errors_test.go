package graph_test

import (
	"math"
	"strings"
	"testing"

	"csnet/graph"
	"csnet/model"
)

// Bad sizes, batches and tensors are errors that name the value and the wish.
func TestBuildErrors(t *testing.T) {
	spec := arch(t, nil) // multiples of 8
	good := func() *model.Params { return values(t, spec, 1) }
	swap := func(f func(ts []*model.Tensor) []*model.Tensor) *model.Params {
		p, err := model.NewParams(f(good().All()))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		name   string
		params *model.Params
		o      graph.Options
		want   []string
	}{
		{"height", good(), graph.Options{Batch: 1, H: 100, W: 96}, []string{"height is 100", "multiple of 8", "96 and 104"}},
		{"width", good(), graph.Options{Batch: 1, H: 96, W: 225}, []string{"width is 225", "multiple of 8", "224 and 232"}},
		{"size 0", good(), graph.Options{Batch: 1, H: 0, W: 8}, []string{"height is 0", "8 and 16"}},
		{"size below 0", good(), graph.Options{Batch: 1, H: 8, W: -8}, []string{"width is -8"}},
		{"batch", good(), graph.Options{Batch: 0, H: 8, W: 8}, []string{"batch is 0", "at least 1"}},
		{"one value per channel", good(), graph.Options{Batch: 1, H: 8, W: 8, Train: true}, []string{"batch 1 at 8x8", "one value per channel", "at least 2"}},
		{"missing", swap(func(ts []*model.Tensor) []*model.Tensor { return ts[1:] }), graph.Options{Batch: 1, H: 8, W: 8}, []string{"stage0.0.mix.w00", "missing"}},
		{"extra", swap(func(ts []*model.Tensor) []*model.Tensor {
			return append(ts, &model.Tensor{Path: "more", Shape: []int{1}, Data: []float32{1}})
		}), graph.Options{Batch: 1, H: 8, W: 8}, []string{"more", "not part"}},
		{"shape", swap(func(ts []*model.Tensor) []*model.Tensor {
			ts[1] = &model.Tensor{Path: ts[1].Path, Role: ts[1].Role, Shape: []int{1}, Data: []float32{1}}
			return ts
		}), graph.Options{Batch: 1, H: 8, W: 8}, []string{"has shape [1]", "needs [2]"}},
	} {
		_, err := graph.Build(spec, c.params, c.o)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %v, must say %q", c.name, err, w)
			}
		}
	}
	// Two values per channel are enough, by batch or by size.
	for _, o := range []graph.Options{{Batch: 2, H: 8, W: 8, Train: true}, {Batch: 1, H: 8, W: 16, Train: true}} {
		net, err := graph.Build(spec, good(), o)
		if err != nil {
			t.Errorf("batch %d at %dx%d: %v", o.Batch, o.H, o.W, err)
			continue
		}
		net.Close()
	}
}

// Data of another length, and a training step on an evaluation net, are
// errors; the net still works afterwards.
func TestRunErrors(t *testing.T) {
	spec := arch(t, nil)
	net, err := graph.Build(spec, values(t, spec, 1), graph.Options{Batch: 1, H: 8, W: 16, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if _, err := net.Step(make([]float32, 3*128), make([]float32, 128)); err == nil {
		t.Error("a net for evaluation took a training step")
	}
	for _, n := range []int{0, 3*128 - 1, 3*128 + 1} {
		if _, err := net.Forward(make([]float32, n)); err == nil || !strings.Contains(err.Error(), "384") {
			t.Errorf("%d values: error %v", n, err)
		}
	}
	if _, err := net.Forward(make([]float32, 384)); err != nil {
		t.Error(err)
	}
	if net.Values("cls") != nil {
		t.Error("values of a net that does not keep them")
	}
	pred := graph.NewPredictor(spec, values(t, spec, 1), 1)
	defer pred.Close()
	for range 2 {
		if _, err := pred.Logits(make([]float32, 3*9*8), 9, 8); err == nil {
			t.Error("a predictor took 9x8")
		}
		if _, err := pred.Logits(make([]float32, 3*64), 8, 8); err != nil {
			t.Error(err)
		}
	}
}

// A NaN or Inf is named at the layer where it first appears, wherever it comes
// from: weights, gammas, betas, slopes, the last bias.
func TestNotFiniteNamesTheLayer(t *testing.T) {
	t.Run("float32", func(t *testing.T) { notFiniteNamesTheLayer(t, false) })
	t.Run("mixed", func(t *testing.T) { notFiniteNamesTheLayer(t, true) })
}

func notFiniteNamesTheLayer(t *testing.T, mixed bool) {
	spec := arch(t, func(a *model.Arch) { a.Blocks, a.Multipliers = []int{1, 1}, []float64{1, 1, 2} })
	p := values(t, spec, 2)
	n, h, w := 2, 16, 16
	net, err := graph.Build(spec, p, graph.Options{Batch: n, H: h, W: w, Train: true, Threads: 2, Mixed: mixed})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	x, y := normal(1, n*3*h*w), uniform(1, n*h*w)
	first := p.Clone()
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
		for _, l := range net.Learned() {
			for _, q := range p.All() { // running statistics too: the bad step spoilt them
				copy(q.Data, first.Get(q.Path).Data)
			}
			l.Data[len(l.Data)-1] = bad
			if _, err := net.Step(x, y); err != nil {
				t.Fatal(err)
			}
			layer := l.Path[:strings.LastIndexByte(l.Path, '.')]
			if i := strings.Index(layer, ".norm"); i >= 0 {
				layer = layer[:i]
			}
			if got := net.NotFinite(); got != layer && !strings.HasPrefix(got, layer+".") {
				t.Errorf("%s is %v: named %q, must be a map of %s", l.Path, bad, got, layer)
			}
		}
	}
	for _, q := range p.All() {
		copy(q.Data, first.Get(q.Path).Data)
	}
	if _, err := net.Step(x, y); err != nil {
		t.Fatal(err)
	}
	if got := net.NotFinite(); got != "" {
		t.Errorf("a sound step names %s", got)
	}
}
