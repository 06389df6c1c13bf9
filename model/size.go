package model

import "fmt"

// Multiple is the number that the height and width of every input must be a
// multiple of: 2^(halvings down to the coarsest octave that is declared), or 1 in the
// dialect that resizes.
func (s Spec) Multiple() int {
	if !s.FixedSizes() {
		return 1
	}
	return s.Coarsest()
}

// Coarsest is how many times smaller the sides of the coarsest map are.
func (s Spec) Coarsest() int {
	deepest := 0
	for _, l := range s.Layers() {
		// A coarse input is convolved at its own resolution, halved by the stride.
		deepest = max(deepest, l.InLevel+len(l.In)-1, l.OutLevel+max(len(l.In), len(l.Out))-1)
	}
	return 1 << deepest
}

// CheckSize reports a height and width the net cannot run at, naming the
// nearest sizes it can.
func (s Spec) CheckSize(h, w int) error {
	if m := s.Coarsest(); !s.FixedSizes() {
		if min(h, w) < m {
			return fmt.Errorf("model: input is %dx%d, both sides must be at least %d: the coarsest map has 1/%d of them", h, w, m, m)
		}
		return nil
	}
	m := s.Multiple()
	for _, d := range []struct {
		name string
		v    int
	}{{"height", h}, {"width", w}} {
		if d.v < 1 || d.v%m != 0 {
			lo := max(d.v/m*m, m)
			return fmt.Errorf("model: input %s is %d, must be a multiple of %d, the nearest are %d and %d", d.name, d.v, m, lo, lo+m)
		}
	}
	return nil
}

// CheckBatch reports a training batch whose coarsest map has one value per
// channel: a batch norm cannot take its variance. Those of a backbone are batch norms
// unless they are frozen, whatever norms its head has.
func (s Spec) CheckBatch(batch, h, w int) error {
	m := s.Coarsest()
	rows, columns := h/m, w/m
	switch {
	case s.Kind == KindCSF: // a backbone halves upwards
		rows, columns = (h+m-1)/m, (w+m-1)/m
	case s.Norm.Kind == GroupNorm:
		return nil
	}
	if batch*rows*columns < 2 {
		return fmt.Errorf("model: batch %d at %dx%d leaves one value per channel on the coarsest map, training needs at least 2: take a larger batch or size", batch, h, w)
	}
	return nil
}
