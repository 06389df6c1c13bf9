package synth

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Every shape is negative inside, positive outside, and near its outline about as
// steep as the true distance: the sign changes where the value says it should.
func TestShapesAreSignedDistances(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for kind := range 200 {
		s := drawShape(rng)
		if a := s.area(); a < .3 || a > 4.1 {
			t.Errorf("shape %d: area %.2f", kind, a)
		}
		for range 60 {
			sin, cos := math.Sincos(rng.Float64() * 2 * math.Pi)
			if d := s(1.6*cos, 1.6*sin); d <= 0 {
				t.Fatalf("shape %d: %.3f at distance 1.6, want outside", kind, d)
			}
			x, y := between(rng, -1.2, 1.2), between(rng, -1.2, 1.2)
			d := s(x, y)
			if math.IsNaN(d) {
				t.Fatalf("shape %d: NaN at %.3f, %.3f", kind, x, y)
			}
			const step = 1e-4
			e := s(x+step*cos, y+step*sin)
			if math.Abs(d) < .05 && math.Abs(e-d) > 2.5*step {
				t.Fatalf("shape %d: slope %.2f near the outline", kind, math.Abs(e-d)/step)
			}
		}
	}
}

func TestPolygonDistance(t *testing.T) {
	square := polygon([]point{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}})
	for _, c := range []struct{ x, y, want float64 }{
		{0, 0, -1}, {.5, 0, -.5}, {2, 0, 1}, {2, 2, math.Sqrt2}, {-1.25, .3, .25}, {0, -3, 2},
	} {
		if got := square(c.x, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("distance of (%g, %g) to the square is %g, want %g", c.x, c.y, got, c.want)
		}
	}
	if got := square.area(); math.Abs(got-4) > .1 {
		t.Errorf("area of the square %g, want 4", got)
	}
}

func TestFieldsStayInRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		f := drawField(rng)
		lo, hi := math.Inf(1), math.Inf(-1)
		for range 300 {
			v := f(between(rng, -1, 3), between(rng, -1, 3))
			lo, hi = min(lo, v), max(hi, v)
		}
		if !(lo >= 0 && hi <= 1) {
			t.Fatalf("field runs %g..%g, want within 0..1", lo, hi)
		}
	}
}

func TestContrastingKeepsAway(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	close := 0
	for range 500 {
		ground := []rgb{hsv(rng.Float64(), .5, rng.Float64()), hsv(rng.Float64(), .5, rng.Float64())}
		c := contrasting(rng, ground, .3)
		if min(c.distance(ground[0]), c.distance(ground[1])) < .3 {
			close++
		}
	}
	if close > 5 {
		t.Errorf("%d of 500 colours are closer to the ground than asked", close)
	}
}
