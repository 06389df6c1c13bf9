package bench

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"csnet/model"
)

// widths are nets of one structure, the widest first.
func widths(t *testing.T) []model.Spec {
	t.Helper()
	var out []model.Spec
	for _, w := range []float64{.6, .4, .2} {
		a := model.DefaultArch()
		a.Width, a.Blocks, a.Multipliers = w, []int{1, 2, 1}, []float64{1, 1, 2, 2}
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// A table knows every op of the net, tells a wider net to be slower, gives back what it
// measured, and reads as it was written.
func TestLatency(t *testing.T) {
	specs := widths(t)
	begun := time.Now()
	o := Options{Size: 32, Threads: 1, Runs: 3, Clock: func() time.Duration { return time.Since(begun) }}
	l, err := MeasureLatency(t.Context(), o, specs, func(s model.Spec) (*model.Params, error) {
		p, err := s.NewParams(1)
		if err != nil {
			return nil, err
		}
		return p, CalibrateNorms(s, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	macs := 0.0
	for _, layer := range l.Layers {
		if len(layer.Points) != len(specs) {
			t.Errorf("%s has %d points", layer.Name, len(layer.Points))
		}
		macs += layer.Points[len(specs)-1].MACs
	}
	if want := float64(specs[0].Cost(32, 32).MACsWithHead); macs != want {
		t.Errorf("the table's ops have %g MACs, the net %g", macs, want)
	}
	if a, b, c := l.MS(specs[0]), l.MS(specs[1]), l.MS(specs[2]); !(a >= b && b >= c && c > 0) {
		t.Errorf("%g, %g, %g ms", a, b, c)
	}
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	again, err := ReadLatency(&b, specs[1])
	if err != nil || again.MS(specs[1]) != l.MS(specs[1]) {
		t.Errorf("%v", err)
	}
	other, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{text: "of another net", "{}": "no latency table", "x": "no latency table"} {
		if _, err := ReadLatency(strings.NewReader(text), other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Between points a time lies on the line that joins them.
func TestLatencyInterpolates(t *testing.T) {
	l := LatencyLayer{Points: []LatencyPoint{{MACs: 100, MS: 2}, {MACs: 200, MS: 3}, {MACs: 400, MS: 7}}}
	for macs, want := range map[float64]float64{0: 0, 100: 2, 150: 2.5, 200: 3, 300: 5, 400: 7, 800: 14, 25: 1} {
		if got := l.ms(macs); math.Abs(got-want) > 1e-12 {
			t.Errorf("%g MACs take %g ms, want %g", macs, got, want)
		}
	}
	if flat := (LatencyLayer{Points: []LatencyPoint{{MS: 1}, {MS: 3}}}); flat.ms(0) != 2 {
		t.Errorf("a layer without MACs takes %g", flat.ms(0))
	}
}
