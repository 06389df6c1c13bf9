package graph_test

import (
	"math"
	"testing"

	"csnet/graph"
	"csnet/model"
)

// A step of the head on a backbone has the same bits with any number of threads. With frozen
// norms it changes no tensor and gives those no gradient; else it moves their statistics and
// they learn. A picture smaller than the coarsest map is refused, and one whose coarsest map
// has a single value where that needs a variance.
func TestCSFThreadsSameBits(t *testing.T) {
	if testing.Short() {
		t.Skip("large nets")
	}
	for _, name := range []string{"resnet50", "res2net50"} {
		s := csfSpec(t, name)
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		for _, frozen := range []bool{true, false} {
			var want []float32
			for _, threads := range []int{1, 2, 3} {
				got := csfStep(t, s, p, graph.Options{Batch: 1, H: 33, W: 40, Train: true, FrozenNorms: frozen, Threads: threads})
				if want == nil {
					want = got
				}
				if !sameBits(got, want) {
					t.Errorf("%s, frozen norms %v: %d threads give other bits", name, frozen, threads)
				}
			}
		}
		for _, o := range []graph.Options{{Batch: 1, H: 31, W: 40}, {Batch: 1, H: 32, W: 32, Train: true}} {
			if _, err := graph.Build(s, p, o); err == nil {
				t.Errorf("%s takes %+v", name, o)
			}
		}
	}
}

// csfStep returns logits, gradients and statistics of a step of the net over a copy of p.
func csfStep(t *testing.T, s model.Spec, p *model.Params, o graph.Options) []float32 {
	t.Helper()
	own := p.Clone()
	net, err := graph.Build(s, own, o)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if _, err := net.Step(normal(3, 3*o.H*o.W), uniform(3, o.H*o.W)); err != nil {
		t.Fatal(err)
	}
	out := append([]float32(nil), net.Logits()...)
	norms := 0
	for _, l := range net.Learned() {
		if l.Layer.Op == model.OpConvNorm && l.Role != model.Weight {
			norms++
		}
		out = append(out, l.Grad...)
	}
	units := 0
	for _, l := range s.Layers() {
		if l.Op == model.OpConvNorm {
			units++
		}
	}
	if o.FrozenNorms {
		units = 0
	}
	if norms != 2*units {
		t.Errorf("%d of gammas and betas of the backbone learn, must be %d", norms, 2*units)
	}
	for i, x := range own.All() {
		if same := sameBits(x.Data, p.All()[i].Data); same != (o.FrozenNorms || x.Role.Learned()) {
			t.Errorf("frozen norms %v: the step left %s as it was: %v", o.FrozenNorms, x.Path, same)
		}
		out = append(out, x.Data...)
	}
	return out
}

// The logits of a head on a backbone have the same bits with any number of threads where
// parameters do not change, and are those of a net that keeps all maps but for rounding.
func TestCSFPredictorThreadsSameBits(t *testing.T) {
	if testing.Short() {
		t.Skip("large nets")
	}
	const h, w = 64, 75
	s := csfSpec(t, "resnet50")
	p, err := s.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	x := normal(3, 3*h*w)
	logits := func(o graph.Options) []float32 {
		o.Batch, o.H, o.W = 1, h, w
		net, err := graph.Build(s, p, o)
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		y, err := net.Forward(x)
		if err != nil {
			t.Fatal(err)
		}
		return append([]float32(nil), y...)
	}
	want := logits(graph.Options{Threads: 1, Frozen: true})
	for _, threads := range []int{2, 3} {
		if !sameBits(logits(graph.Options{Threads: threads, Frozen: true}), want) {
			t.Errorf("%d threads give other bits", threads)
		}
	}
	var whole []float64
	for _, v := range logits(graph.Options{Threads: 2, Tuning: graph.Tuning{KeepAll: true}}) {
		whole = append(whole, float64(v))
	}
	if d := distance(want, whole); !(d <= 1e-4) {
		t.Errorf("logits are off those of a net that keeps all maps by %.2g of the largest", d)
	}
}

func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
