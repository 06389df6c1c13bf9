package train

import (
	"math"
	"testing"

	"csnet/model"
)

// Gammas are counted by their size, signs aside, and every channel once.
func TestHistogram(t *testing.T) {
	got := histogram([]float32{0, 1e-21, -1e-7, 5e-4, -.005, .02, .05, .2, -.5, 1, -7})
	want := []int{2, 1, 1, 1, 1, 1, 1, 1, 2}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// The coefficient of variation is the standard deviation over the mean.
func TestMeanAndVariation(t *testing.T) {
	for _, c := range []struct {
		values   []float32
		mean, cv float64
	}{{nil, 0, 0}, {[]float32{0, 0}, 0, 0}, {[]float32{3, -3}, 3, 0}, {[]float32{1, 3}, 2, .5}, {[]float32{0, 0, 0, 4}, 1, 1.732}} {
		if mean, cv := meanAndVariation(c.values); mean != c.mean || math.Abs(cv-c.cv) > 1e-9 {
			t.Errorf("%v: %g and %g, want %g and %g", c.values, mean, cv, c.mean, c.cv)
		}
	}
}

// Lines after a validation know every norm: as many channels as the net has, and S
// where a step was taken; other lines do not.
func TestNormsInTheLog(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.LeftAt = func(p *model.Params) ([]AtRatio, error) { return []AtRatio{{.5, 10, 20}}, nil }
	whole(t, o)
	lines, err := ReadMetrics(o.Dir + "/metrics.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, l := range o.Spec.Layers() {
		if l.Op != model.OpConv {
			for _, c := range l.Out {
				want += c
			}
		}
	}
	for _, l := range lines {
		if l.ValMAE == nil {
			if l.Norms != nil || l.LeftAt != nil {
				t.Errorf("step %d: norms without a validation", l.Step)
			}
			continue
		}
		channels := 0
		for _, n := range l.Norms {
			for _, c := range n.Gammas {
				channels += c
			}
			if n.GAP <= 0 || n.CVGAP < 0 {
				t.Errorf("step %d: %s octave %d: S is %g", l.Step, n.Layer, n.Octave, n.GAP)
			}
		}
		if channels != want || len(l.LeftAt) != 1 || l.Params != o.Spec.ParamCount() {
			t.Errorf("step %d: %d channels, want %d; %v", l.Step, channels, want, l.LeftAt)
		}
	}
}
