package model_test

import (
	"math"
	"strconv"
	"testing"

	"csnet/model"
)

// The table of FACTS.md section 2, as given there: parameters to the unit,
// FLOPs and MACs in G to the digits given.
func TestCostTable(t *testing.T) {
	for _, c := range []struct {
		width       float64
		split       []float64
		extractor   bool
		params      int
		flops, macs string
	}{
		{1, []float64{1, 1}, false, 210985, "0.6106", "0.4328"},
		{1, []float64{1, 0}, false, 210985, "0.9071", "0.716"},
		{1, []float64{3, 1}, false, 210985, "0.7805", "0.561"},
		{1, []float64{1, 3}, false, 210985, "0.4672", "0.331"},
		{1, []float64{0, 1}, false, 210985, "0.3500", "0.255"},
		{1, []float64{1, 0}, true, 179420, "0.7920", "0.629"},
		{1, []float64{3, 1}, true, 179420, "0.6654", "0.474"},
		{1, []float64{1, 1}, true, 179420, "0.4956", "0.346"},
		{1, []float64{1, 3}, true, 179420, "0.3521", "0.244"},
		{1, []float64{0, 1}, true, 179420, "0.2350", "0.168"},
		{1.2, []float64{1, 1}, false, 298633, "0.816", "0.602"},
		{1.5, []float64{1, 1}, false, 455631, "1.167", "0.899"},
		{1.8, []float64{1, 1}, false, 645565, "1.576", "1.255"},
		{2, []float64{1, 1}, false, 788631, "1.872", "1.516"},
	} {
		a := model.DefaultArch()
		a.Width, a.Split, a.ExtractorOnly = c.width, c.split, c.extractor
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		got := s.Cost(224, 224)
		if got.Params != c.params {
			t.Errorf("x%g %v extractor=%v: %d parameters, want %d", c.width, c.split, c.extractor, got.Params, c.params)
		}
		same(t, "FLOPs", got.FLOPs, c.flops)
		same(t, "MACs", got.MACs, c.macs)
		if c.extractor && got.ParamsWithHead != c.params+81 {
			t.Errorf("extractor with head: %d parameters, want %d", got.ParamsWithHead, c.params+81)
		}
	}
}

func same(t *testing.T, what string, got int, want string) {
	t.Helper()
	digits := len(want) - 2
	f, _ := strconv.ParseFloat(want, 64)
	unit := math.Pow(10, -float64(digits))
	if math.Round(float64(got)/1e9/unit) != math.Round(f/unit) {
		t.Errorf("%s: %d, want %s G", what, got, want)
	}
}

// One octave of a two-octave 1x1 conv and of a depthwise conv, by hand.
func TestOctaveCost(t *testing.T) {
	mix := model.Layer{Op: model.OpOctConv, Kernel: 1, In: []int{2, 3}, Out: []int{4, 5}}
	if got, want := mix.OctaveCost(1, 8, 8), (model.OctaveCost{MACs: 5 * (2 + 3) * 16, In: 2*64 + 3*16, Out: 5 * 16}); got != want {
		t.Errorf("octave 1 of a mix: %+v, want %+v", got, want)
	}
	dw := model.Layer{Op: model.OpDepthwise, Kernel: 3, In: []int{0, 6}, Out: []int{0, 6}, InLevel: 1, OutLevel: 1}
	if got, want := dw.OctaveCost(1, 16, 8), (model.OctaveCost{MACs: 9 * 6 * 8, In: 48, Out: 48}); got != want {
		t.Errorf("octave 1 of a depthwise conv: %+v, want %+v", got, want)
	}
	if got := dw.OctaveCost(0, 16, 8); got != (model.OctaveCost{}) {
		t.Errorf("an absent octave costs %+v", got)
	}
}
