package metrics

import (
	"testing"

	"pgregory.net/rapid"
)

// overlapPair is a map and a mask by formula, for which PySODMetrics 1.6.2 was run.
func overlapPair(k int) pair {
	w, h := 17+k, 13+k%3
	p := pair{make([]uint8, w*h), make([]uint8, w*h), w, h}
	for i := range p.pred {
		dx, dy := i%w-w*(k%3+1)/4, i/w-h/2
		in := dx*dx+dy*dy < (3+k)*(3+k)
		p.pred[i] = uint8((i*(37+2*k) + i/w*11 + k*53) % (256 - 20*(k%4)))
		switch {
		case k == 5, in && k != 4 && k != 8:
			p.mask[i] = 255
		case k == 8 && in:
			p.mask[i] = 129
		case k == 8:
			p.mask[i] = 128
		}
		switch {
		case k == 6:
			p.pred[i] = 200
		case k == 7:
			p.pred[i] = 0
		case k == 9 && in:
			p.pred[i] = max(p.pred[i], 150)
		case k == 9:
			p.pred[i] /= 3
		}
	}
	return p
}

// TestOverlapAsPySODMetrics: IOUHandler, DICEHandler and BERHandler with_binary of
// PySODMetrics 1.6.2, per image and over the set.
func TestOverlapAsPySODMetrics(t *testing.T) {
	s := NewScorer()
	var all Aggregate
	for k, want := range [][3]float64{
		{0.10833333333333334, 0.19548872180451127, 0.48234693877551016},
		{0.13815789473684212, 0.24277456647398843, 0.5251207729468599},
		{0.19101123595505617, 0.32075471698113206, 0.5059380032206119},
		{0.2553191489361702, 0.4067796610169492, 0.5414059177349778},
		{0, 0, 0.75}, // an empty mask
		{0.5060606060606061, 0.6720321931589537, 0.746969696969697}, // a full mask
		{0.5886287625418061, 0.7410526315789474, 0.5},               // a flat light map
		{0, 0, 0.5}, // an empty map
		{0.3865814696485623, 0.5576036866359447, 0.5128732287449392},
		{1, 1, 0},
	} {
		var im Image
		p := overlapPair(k)
		if err := s.Score(p.pred, p.mask, p.w, p.h, PySOD, &im); err != nil {
			t.Fatal(err)
		}
		if got := [3]float64{im.Py.IoU, im.Py.Dice, im.Py.BER}; got != want {
			t.Errorf("pair %d: got %v, want %v", k, got, want)
		}
		all.Add(&im)
	}
	got := all.Result().PySOD
	for name, v := range map[string][2]float64{
		"IoU":  {got.IoU, 0.31740924512123764},
		"Dice": {got.Dice, 0.41364861776504275},
		"BER":  {got.BER, 0.5064654558392596},
	} {
		if d := v[0] - v[1]; d > 1e-15 || d < -1e-15 {
			t.Errorf("set: %s is %.17g, want %.17g", name, v[0], v[1])
		}
	}
}

// TestOverlapEqualsTwin counts pixel by pixel.
func TestOverlapEqualsTwin(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		var both, either, tp, tn, fg, bg float64
		for i, v := range p.stretched() {
			positive, in := v > 0.5, p.fg(i)
			both, either = both+b2f(positive && in), either+b2f(positive || in)
			tp, tn = tp+b2f(positive && in), tn+b2f(!positive && !in)
			fg, bg = fg+b2f(in), bg+b2f(!in)
		}
		of := func(part, all float64) float64 {
			if all == 0 {
				return 0
			}
			return part / all
		}
		im := p.score(t, s, PySOD)
		close2(t, "IoU", 0, im.Py.IoU, of(both, either))
		close2(t, "Dice", 0, im.Py.Dice, of(2*both, both+either))
		close2(t, "BER", 0, im.Py.BER, ((1-of(tp, fg))+(1-of(tn, bg)))/2)
	})
}
