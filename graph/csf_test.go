package graph_test

import (
	"math"
	"testing"

	"csnet/graph"
	"csnet/model"
)

// A step of the head on a backbone has the same bits with any number of threads, changes no
// frozen norm, and is repeated to the bit. A picture smaller than the coarsest map is refused.
func TestCSFThreadsSameBits(t *testing.T) {
	if testing.Short() {
		t.Skip("large nets")
	}
	const h, w = 33, 40
	for _, name := range []string{"resnet50", "res2net50"} {
		s := csfSpec(t, name)
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		var want []float32
		for _, threads := range []int{1, 2, 3} {
			own := p.Clone()
			net, err := graph.Build(s, own, graph.Options{Batch: 1, H: h, W: w, Train: true, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := net.Step(normal(3, 3*h*w), uniform(3, h*w)); err != nil {
				t.Fatal(err)
			}
			got := append([]float32(nil), net.Logits()...)
			for _, l := range net.Learned() {
				if l.Layer.Op == model.OpConvNorm && l.Role != model.Weight {
					t.Fatalf("%s learns", l.Path)
				}
				got = append(got, l.Grad...)
			}
			net.Close()
			for i, x := range own.All() {
				if !sameBits(x.Data, p.All()[i].Data) {
					t.Errorf("%s: the step changed %s", name, x.Path)
				}
			}
			if want == nil {
				want = got
			}
			if !sameBits(got, want) {
				t.Errorf("%s: %d threads give other bits", name, threads)
			}
		}
		if _, err := graph.Build(s, p, graph.Options{Batch: 1, H: 31, W: 40}); err == nil {
			t.Errorf("%s takes 31x40", name)
		}
	}
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
