package prune

import (
	"fmt"
	"math"
	"math/rand/v2"

	"csnet/model"
)

// Forward returns the logits, shape (n, 1, h, w), of a net in evaluation mode
// on x, shape (n, spec.Input, h, w).
type Forward func(spec model.Spec, p *model.Params, x []float32, n, h, w int) ([]float32, error)

// Verify runs the compact net of the plan on random input (normal, from seed)
// and returns the largest absolute difference of its logits to those of the
// reference net (see Reference) and to those of the untouched net. The first is
// float rounding when the plan is right, but for what FoldInterior leaves at
// borders. Logits that are not finite are an error.
func Verify(forward Forward, spec model.Spec, p *model.Params, plan *Plan, seed uint64) (maxAbsDiff, maxAbsDiffBefore float64, err error) {
	const images = 2
	h, w := testSize(spec.Multiple())
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, images*spec.Input*h*w)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return verify(forward, spec, p, plan, Images{X: x, N: images, H: h, W: w, What: "random input"})
}

// Images are normalised images (N, channels, H, W) that nets are compared on.
type Images struct {
	X       []float32
	N, H, W int
	What    string // for messages
}

// VerifyOn is Verify on these images.
func VerifyOn(forward Forward, spec model.Spec, p *model.Params, plan *Plan, on Images) (maxAbsDiff, maxAbsDiffBefore float64, err error) {
	if want := on.N * spec.Input * on.H * on.W; len(on.X) != want {
		return 0, 0, fmt.Errorf("prune: %s: %d values, must be %d", on.What, len(on.X), want)
	}
	return verify(forward, spec, p, plan, on)
}

func verify(forward Forward, spec model.Spec, p *model.Params, plan *Plan, on Images) (maxAbsDiff, maxAbsDiffBefore float64, err error) {
	after, compact, err := plan.Apply(spec, p)
	if err != nil {
		return 0, 0, err
	}
	reference, err := Reference(spec, p, plan)
	if err != nil {
		return 0, 0, err
	}
	x, images, h, w := on.X, on.N, on.H, on.W
	logits := func(what string, s model.Spec, p *model.Params) ([]float32, error) {
		y, err := forward(s, p, x, images, h, w)
		if err != nil {
			return nil, fmt.Errorf("prune: %s net on %s: %w", what, on.What, err)
		}
		if len(y) != images*h*w {
			return nil, fmt.Errorf("prune: %s net on %s: %d logits, must be %d", what, on.What, len(y), images*h*w)
		}
		for _, v := range y {
			if v != v || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("prune: %s net on %s: a logit is %g, must be finite", what, on.What, v)
			}
		}
		return y, nil
	}
	got, err := logits("compact", after, compact)
	if err != nil {
		return 0, 0, err
	}
	want, err := logits("reference", spec, reference)
	if err != nil {
		return 0, 0, err
	}
	before, err := logits("untouched", spec, p)
	if err != nil {
		return 0, 0, err
	}
	return maxDiff(got, want), maxDiff(got, before), nil
}

// testSize returns the sides of Verify's images: multiples of m, 64 or more,
// unequal where that stays small.
func testSize(m int) (h, w int) {
	h = (63/m + 1) * m
	if m > 64 {
		return h, h
	}
	return h, h + m
}

func maxDiff(a, b []float32) float64 {
	d := 0.0
	for i, v := range a {
		d = max(d, math.Abs(float64(v)-float64(b[i])))
	}
	return d
}
