package metrics

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// twinS is the S-measure pixel by pixel.
func twinS(p pair) float64 {
	v, n := p.stretched(), len(p.mask)
	var fgv, bgv []float64
	sumX, sumY := 0, 0
	for i := range n {
		if p.fg(i) {
			fgv = append(fgv, v[i])
			sumX, sumY = sumX+i%p.w, sumY+i/p.w
		} else {
			bgv = append(bgv, 1-v[i])
		}
	}
	if len(fgv) == 0 {
		m, _ := moments(bgv)
		return m
	}
	if len(bgv) == 0 {
		m, _ := moments(fgv)
		return m
	}
	object := func(x []float64) float64 {
		m, square := moments(x)
		sigma := 0.0
		if len(x) > 1 {
			sigma = math.Sqrt(square / float64(len(x)-1))
		}
		return 2 * m / (m*m + 1 + sigma + eps)
	}
	share := float64(len(fgv)) / float64(n)
	so := share*object(fgv) + (1-share)*object(bgv)
	cx := int(math.RoundToEven(float64(sumX)/float64(len(fgv)))) + 1
	cy := int(math.RoundToEven(float64(sumY)/float64(len(fgv)))) + 1
	sr := 0.0
	for _, b := range [][4]int{{0, cx, 0, cy}, {cx, p.w, 0, cy}, {0, cx, cy, p.h}, {cx, p.w, cy, p.h}} {
		if area := (b[1] - b[0]) * (b[3] - b[2]); area > 0 {
			sr += float64(area) / float64(n) * twinSSIM(p, v, b)
		}
	}
	return max(0, 0.5*so+0.5*sr)
}

func moments(x []float64) (mean, square float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean)
	}
	return mean, square
}

func twinSSIM(p pair, v []float64, b [4]int) float64 {
	var px, gx []float64
	flat := true
	for y := b[2]; y < b[3]; y++ {
		for x := b[0]; x < b[1]; x++ {
			px, gx = append(px, v[y*p.w+x]), append(gx, b2f(p.fg(y*p.w+x)))
			flat = flat && px[0] == v[y*p.w+x]
		}
	}
	mx, sx := moments(px)
	my, sy := moments(gx)
	if flat {
		mx, sx = px[0], 0 // the twin is exact here; callers keep away from grey flats
	}
	sxy := 0.0
	for i := range px {
		sxy += (px[i] - mx) * (gx[i] - my)
	}
	if sy < 1e-20 {
		sy, sxy = 0, 0
	}
	d := float64(len(px)-1) + eps
	num, den := 4*mx*my*sxy/d, (mx*mx+my*my)*(sx/d+sy/d)
	if num == 0 || flat {
		if den == 0 {
			return 1
		}
		return 0
	}
	return num / (den + eps)
}

func TestSMeasureEqualsTwin(t *testing.T) {
	s := NewScorer()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPair(t)
		v := p.stretched()
		for _, x := range v {
			if x != 0 && x != 1 && (p.w*p.h < 20 || x == v[0]) {
				return // grey flat quadrants follow numpy's rounding: TestConstantMean
			}
		}
		got := p.score(t, s, PySOD).Py.Sm
		if want := twinS(p); math.Abs(got-want) > 1e-9 {
			t.Fatalf("Sm %.17g, twin %.17g", got, want)
		}
	})
}

// TestConstantMean: whether numpy 1.24's mean of numpy.full((h+1, width), v/255)[:h, :w]
// is exactly v/255, for a few sizes; printed by numpy itself.
func TestConstantMean(t *testing.T) {
	for _, c := range constantMeans {
		v := float64(c.v) / 255
		if got := constantMean(v, c.w*c.h); got != v+c.off {
			t.Errorf("%+v: off by %g", c, got-v)
		}
	}
}
