package metrics

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// pair is a drawn map and mask.
type pair struct {
	pred, mask []uint8
	w, h       int
}

// drawPair draws up to 14x14 pixels: noise, few levels or flat maps on masks
// from empty to full, so that ties and edge cases are common.
func drawPair(t *rapid.T) pair {
	w, h := rapid.IntRange(1, 14).Draw(t, "w"), rapid.IntRange(1, 14).Draw(t, "h")
	n := w * h
	levels := rapid.SampledFrom([][]uint8{{0, 255}, {0, 128, 129, 255}, {90}, nil, {0, 1, 2, 3}}).Draw(t, "levels")
	draw := rapid.Byte()
	if levels != nil {
		draw = rapid.SampledFrom(levels)
	}
	masks := rapid.SampledFrom([]*rapid.Generator[uint8]{
		rapid.SampledFrom([]uint8{0, 255}), rapid.Byte(), rapid.SampledFrom([]uint8{0, 0, 0, 0, 0, 0, 0, 0, 0, 255}),
		rapid.Just(uint8(0)), rapid.Just(uint8(255)), rapid.SampledFrom([]uint8{0, 255, 255, 255, 255}),
	}).Draw(t, "kind")
	return pair{
		pred: rapid.SliceOfN(draw, n, n).Draw(t, "pred"),
		mask: rapid.SliceOfN(masks, n, n).Draw(t, "mask"),
		w:    w, h: h,
	}
}

func (p pair) score(t interface{ Fatal(...any) }, s *Scorer, protocol Protocol) *Image {
	var im Image
	if err := s.Score(p.pred, p.mask, p.w, p.h, protocol, &im); err != nil {
		t.Fatal(err)
	}
	return &im
}

// stretched is the pysod map, pixel by pixel.
func (p pair) stretched() []float64 {
	lo, hi := 1.0, 0.0
	v := make([]float64, len(p.pred))
	for i, b := range p.pred {
		v[i] = float64(b) / 255
		lo, hi = min(lo, v[i]), max(hi, v[i])
	}
	if lo != hi {
		for i := range v {
			v[i] = (v[i] - lo) / (hi - lo)
		}
	}
	return v
}

func (p pair) fg(i int) bool { return p.mask[i] > 128 }

// twinNearest is the definition: the nearest foreground pixel, ties to the
// smallest column, then the smallest row.
func twinNearest(p pair, x, y int) (d2, index int) {
	d2 = math.MaxInt
	for c := range p.w {
		for r := range p.h {
			if d := (x-c)*(x-c) + (y-r)*(y-r); p.fg(r*p.w+c) && d < d2 {
				d2, index = d, r*p.w+c
			}
		}
	}
	return d2, index
}

func TestDistanceEqualsTwin(t *testing.T) {
	var f foreground
	var d distance
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		f.reset(p.mask, p.w, p.h)
		if f.count == 0 {
			return
		}
		d.reset(&f)
		for y := p.h - 1; y >= 0; y-- {
			next := 0 // the first column not seen yet
			for _, site := range d.row(y) {
				for x := int(site.first); x < int(site.end); x++ {
					for ; next < x; next++ {
						if !p.fg(y*p.w + next) {
							t.Fatalf("row %d column %d has no site", y, next)
						}
					}
					next = x + 1
					d2, near := twinNearest(p, x, y)
					dx, row := x-int(site.col), y+int(site.dy)
					got := dx*dx + int(site.dy)*int(site.dy)
					if p.fg(y*p.w+x) || got != d2 || row*p.w+int(site.col) != near {
						t.Fatalf("row %d column %d: got %d at %d,%d, want %d at %d", y, x, got, row, site.col, d2, near)
					}
				}
			}
			for ; next < p.w; next++ {
				if !p.fg(y*p.w + next) {
					t.Fatalf("row %d column %d has no site", y, next)
				}
			}
		}
	})
}

// twinWF is the measure as its doc writes it, with a dense 7x7 kernel.
func twinWF(p pair) float64 {
	v, n := p.stretched(), len(p.mask)
	e, et, dist := make([]float64, n), make([]float64, n), make([]float64, n)
	fg := 0.0
	for i := range n {
		e[i] = v[i]
		if p.fg(i) {
			e[i] = 1 - v[i]
			fg++
		}
	}
	if fg == 0 {
		return 0
	}
	copy(et, e)
	for i := range n {
		if !p.fg(i) {
			d2, near := twinNearest(p, i%p.w, i/p.w)
			dist[i], et[i] = math.Sqrt(float64(d2)), e[near]
		}
	}
	total := 0.0
	for y := -3; y <= 3; y++ {
		for x := -3; x <= 3; x++ {
			total += math.Exp(-float64(x*x+y*y) / 50)
		}
	}
	var lost, fpw float64
	for i := range n {
		if !p.fg(i) {
			fpw += e[i] * (2 - math.Exp(math.Log(0.5)/5*dist[i]))
			continue
		}
		ea := 0.0
		for y := max(i/p.w-3, 0); y <= min(i/p.w+3, p.h-1); y++ {
			for x := max(i%p.w-3, 0); x <= min(i%p.w+3, p.w-1); x++ {
				dx, dy := x-i%p.w, y-i/p.w
				ea += math.Exp(-float64(dx*dx+dy*dy)/50) / total * et[y*p.w+x]
			}
		}
		lost += min(e[i], ea)
	}
	r, pr := 1-lost/fg, (fg-lost)/(fg-lost+fpw+eps)
	return 2 * r * pr / (r + pr + eps)
}

func TestWeightedFEqualsTwin(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		if got, want := p.score(t, s, PySOD).Py.WF, twinWF(p); math.Abs(got-want) > 1e-12 {
			t.Fatalf("wF %.17g, twin %.17g", got, want)
		}
	})
}

// twinE is E of a binary map by its matrix of alignments.
func twinE(p pair, positive []bool) float64 {
	n := float64(len(p.mask))
	var mp, mg, sum float64
	for i := range p.mask {
		mp += b2f(positive[i]) / n
		mg += b2f(p.fg(i)) / n
	}
	count := 0
	for i := range p.mask {
		if p.fg(i) {
			count++
		}
	}
	for i := range p.mask {
		switch count {
		case 0:
			sum += 1 - b2f(positive[i])
		case len(p.mask):
			sum += b2f(positive[i])
		default:
			x, y := b2f(positive[i])-mp, b2f(p.fg(i))-mg
			a := 2 * x * y / (x*x + y*y + eps)
			sum += (a + 1) * (a + 1) / 4
		}
	}
	return sum / (n - 1 + eps)
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// TestCurvesEqualTwin thresholds the map 256 times.
func TestCurvesEqualTwin(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		im, v := p.score(t, s, Both), p.stretched()
		positive, raw := make([]bool, len(v)), make([]bool, len(v))
		for th := 0; th < Thresholds; th += 1 + th%5 {
			for i := range v {
				positive[i] = int(math.Floor(v[i]*255)) >= th
				raw[i] = int(p.pred[i]) > th
			}
			tp, pos, fg := confusion(p, positive)
			f := 0.0
			if tp > 0 {
				pr, re := tp/pos, tp/fg
				f = 1.3 * pr * re / (0.3*pr + re)
			}
			close2(t, "F", th, im.Py.F[th], f)
			close2(t, "E", th, im.Py.E[th], twinE(p, positive))
			tp, pos, fg = confusion(p, raw)
			close2(t, "P", th, im.Sal.Precision[th], (tp+1e-4)/(pos+1e-4))
			close2(t, "R", th, im.Sal.Recall[th], (tp+1e-4)/(fg+1e-4))
		}
	})
}

func confusion(p pair, positive []bool) (tp, pos, fg float64) {
	for i, b := range positive {
		pos += b2f(b)
		fg += b2f(p.fg(i))
		tp += b2f(b && p.fg(i))
	}
	return tp, pos, fg
}

// close2 compares within 1e-9 of the larger of 1 and the wanted value.
func close2(t *rapid.T, what string, at int, got, want float64) {
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Fatalf("%s at %d: got %.17g, want %.17g", what, at, got, want)
	}
}

// TestAdaptiveEqualsTwin compares with the plain definition wherever no pixel
// lies within rounding of the threshold.
func TestAdaptiveEqualsTwin(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		im, v := p.score(t, s, PySOD), p.stretched()
		sum := 0.0
		for _, x := range v {
			sum += x
		}
		th := min(2*sum/float64(len(v)), 1)
		positive := make([]bool, len(v))
		for i, x := range v {
			if x != th && math.Abs(x-th) < 1e-12 {
				return
			}
			positive[i] = x >= th
		}
		tp, pos, fg := confusion(p, positive)
		f := 0.0
		if tp > 0 {
			f = 1.3 * (tp / pos) * (tp / fg) / (0.3*tp/pos + tp/fg)
		}
		close2(t, "adpF", 0, im.Py.AdpF, f)
		close2(t, "adpE", 0, im.Py.AdpE, twinE(p, positive))
	})
}
