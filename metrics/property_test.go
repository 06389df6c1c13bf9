package metrics

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestPerfectMap: a perfect binary map whose mask is neither empty nor full.
func TestPerfectMap(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(2, 40).Draw(t, "h")
		n := w * h
		mask := rapid.SliceOfN(rapid.SampledFrom([]uint8{0, 255}), n, n).Draw(t, "mask")
		mask[rapid.IntRange(0, n/2-1).Draw(t, "black")] = 0
		mask[rapid.IntRange(n/2, n-1).Draw(t, "white")] = 255
		p := pair{mask, mask, w, h}
		got := p.score(t, s, Both).Scores()
		within := func(name string, got, want, tol float64) {
			if !(math.Abs(got-want) <= tol) {
				t.Fatalf("%s = %.17g, want %.17g (%dx%d)", name, got, want, h, w)
			}
		}
		py := got.PySOD
		within("MAE", py.MAE, 0, 0)
		within("maxF", py.MaxF, 1, 1e-15)
		within("adpF", py.AdpF, 1, 1e-15)
		within("wF", py.WF, 1, 1e-15)
		// Sm's own eps costs eps / (4 y^2 s_y) in a quadrant with mean y, at most eps n^3 / 4.
		within("Sm", py.Sm, 1, 1e-14+eps*float64(n*n*n)/4)
		e := float64(n) / (float64(n-1) + eps)
		within("maxE", py.MaxE, e, 1e-12)
		within("adpE", py.AdpE, e, 1e-12)
		within("IoU", py.IoU, 1, 0)
		within("Dice", py.Dice, 1, 0)
		within("BER", py.BER, 0, 0)
		within("salmetric MAE", got.SalMetric.MAE, 0, 0)
		within("salmetric maxF", got.SalMetric.MaxF, 1, 1e-15)
	})
}

// flip mirrors left-right or up-down.
func flip(v []uint8, w, h int, vertical bool) []uint8 {
	out := make([]uint8, len(v))
	for y := range h {
		for x := range w {
			if vertical {
				out[(h-1-y)*w+x] = v[y*w+x]
			} else {
				out[y*w+w-1-x] = v[y*w+x]
			}
		}
	}
	return out
}

// TestFlips: MAE, F and E do not change by a bit; S and wF may, by definition.
func TestFlips(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		v := rapid.Bool().Draw(t, "vertical")
		a := p.score(t, s, Both)
		b := pair{flip(p.pred, p.w, p.h, v), flip(p.mask, p.w, p.h, v), p.w, p.h}.score(t, s, Both)
		a.Py.Sm, b.Py.Sm, a.Py.WF, b.Py.WF, a.NoSm, b.NoSm = 0, 0, 0, 0, false, false
		if *a != *b {
			t.Fatal("a flip changed MAE, F or E")
		}
	})
}

// TestOrderAndGrouping: any order of images, spread over any number of
// Aggregates, gives the same bits.
func TestOrderAndGrouping(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Custom(drawPair), 1, 12).Draw(t, "pairs")
		images := make([]*Image, len(pairs))
		var one Aggregate
		for i, p := range pairs {
			images[i] = p.score(t, s, Both)
			one.Add(images[i])
		}
		workers := make([]Aggregate, rapid.IntRange(1, 4).Draw(t, "workers"))
		for i, im := range rapid.Permutation(images).Draw(t, "order") {
			workers[(i*7)%len(workers)].Add(im)
		}
		var all Aggregate
		for i := range workers {
			all.Merge(&workers[len(workers)-1-i])
		}
		a, b := one.Result(), all.Result()
		if a.Images != b.Images || *a.SalMetric != *b.SalMetric || *a.PySOD != *b.PySOD ||
			*a.SalMetricCurves != *b.SalMetricCurves || *a.PySODCurves != *b.PySODCurves {
			t.Fatal("order or grouping changed the result")
		}
	})
}

// TestAggregateIsTheMean compares with plain float sums.
func TestAggregateIsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Custom(drawPair), 1, 8).Draw(t, "pairs")
		var agg Aggregate
		var mae, wf, e float64
		for _, p := range pairs {
			im := p.score(t, NewScorer(), Both)
			agg.Add(im)
			n := float64(len(pairs))
			mae, wf, e = mae+im.Sal.MAE/n, wf+im.Py.WF/n, e+im.Py.E[100]/n
		}
		r := agg.Result()
		close2(t, "MAE", 0, r.SalMetric.MAE, mae)
		close2(t, "wF", 0, r.PySOD.WF, wf)
		close2(t, "E(100)", 0, r.PySODCurves.E[100], e)
	})
}

// TestScorerReuse: a Scorer's scratch leaves no trace in the next image.
func TestScorerReuse(t *testing.T) {
	shared := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		var im Image
		if err := shared.Score(p.pred, p.mask, p.w, p.h, Both, &im); err != nil {
			t.Fatal(err)
		}
		if im != *p.score(t, NewScorer(), Both) {
			t.Fatal("a used Scorer and a new one differ")
		}
	})
}

func TestScoreRefuses(t *testing.T) {
	s := NewScorer()
	var im Image
	for name, c := range map[string]struct {
		pred, mask, w, h int
		p                Protocol
	}{
		"no pixel": {0, 0, 0, 0, Both}, "short mask": {6, 5, 2, 3, Both}, "short map": {5, 6, 2, 3, Both},
		"wrong height": {6, 6, 2, 2, Both}, "no protocol": {6, 6, 2, 3, "x"},
	} {
		if err := s.Score(make([]uint8, c.pred), make([]uint8, c.mask), c.w, c.h, c.p, &im); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := ParseProtocol("sal"); err == nil {
		t.Error("ParseProtocol took an unknown name")
	}
}

// TestShapes: one pixel, one row, one column and a long strip give finite scores.
func TestShapes(t *testing.T) {
	s := NewScorer()
	for _, size := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {10000, 3}, {3, 10000}} {
		w, h := size[0], size[1]
		pred, mask := make([]uint8, w*h), make([]uint8, w*h)
		for i := range pred {
			pred[i] = uint8(i * 31)
		}
		mask[0] = 255
		var im Image
		if err := s.Score(pred, mask, w, h, Both, &im); err != nil {
			t.Fatal(err)
		}
		for _, m := range PySOD.Measures() {
			v, ok := im.Scores().Value(PySOD, m)
			if !ok || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				t.Errorf("%dx%d: %s = %v", h, w, m, v)
			}
		}
	}
}
