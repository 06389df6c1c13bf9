package report

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var inf, nan = math.Inf(1), math.NaN()

func TestChartsWithoutValues(t *testing.T) {
	for name, c := range map[string]Chart{
		"no series":       {},
		"empty series":    {Series: []Series{{Name: "a"}}},
		"NaN alone":       {Series: []Series{{X: []float64{1, 2}, Y: []float64{nan, nan}}}},
		"infinite alone":  {Series: []Series{{X: []float64{1, inf}, Y: []float64{-inf, 3}}}},
		"log of nothing":  {LogY: true, Series: []Series{{X: []float64{1, 2}, Y: []float64{0, -3}}}},
		"no x for the ys": {Series: []Series{{Y: []float64{1, 2}}}},
	} {
		if v := newChart(c); !v.Empty {
			t.Errorf("%s: drawn with %d lines, want the note that there is nothing", name, len(v.Lines))
		}
		html := written(t, Report{Charts: []Chart{c}})
		wellFormed(t, html)
		if !strings.Contains(html, "No values to draw.") {
			t.Errorf("%s: the page does not say that there is nothing to draw", name)
		}
	}
}

func TestGapsSplitALine(t *testing.T) {
	v := newChart(Chart{Series: []Series{{X: []float64{0, 1, 2, 3, 4, 5}, Y: []float64{1, 2, nan, 3, inf, 4}}}})
	if len(v.Lines) != 1 || len(v.Lines[0].Parts) != 1 || len(v.Lines[0].Dots) != 2 {
		t.Errorf("got %+v, want one part of two points and two single points", v.Lines)
	}
}

func TestPlaces(t *testing.T) {
	v := newChart(Chart{Series: []Series{{X: []float64{0, 10}, Y: []float64{0, 100}}}})
	if got := v.Lines[0].Parts[0]; got != "56,236 546,12" {
		t.Errorf("a line from corner to corner is %q, want 56,236 546,12", got)
	}
	log := newChart(Chart{LogY: true, Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{.01, .1, 1}}}})
	if got := log.Lines[0].Parts[0]; got != "56,236 301,124 546,12" {
		t.Errorf("a straight line on a log axis is %q, want 56,236 301,124 546,12", got)
	}
}

func TestFaintLineTakesTheNextColour(t *testing.T) {
	x := []float64{0, 1}
	v := newChart(Chart{Series: []Series{{X: x, Y: x, Faint: true}, {X: x, Y: x}, {X: x, Y: x, Faint: true}, {X: x, Y: x}}})
	for i, want := range []int{0, 0, 1, 1} {
		if v.Lines[i].Colour != want {
			t.Errorf("line %d has colour %d, want %d", i, v.Lines[i].Colour, want)
		}
	}
}

func TestThinKeepsSpikesAndEnds(t *testing.T) {
	n := 20000
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i), math.Sin(float64(i)/900)
	}
	y[7777], y[12345] = 40, -30
	run := Series{X: x, Y: y}.runs(false)[0]
	lo, hi := inf, -inf
	for i, p := range run {
		lo, hi = min(lo, p.y), max(hi, p.y)
		if i > 0 && p.x <= run[i-1].x {
			t.Fatalf("point %d goes back from x %g to %g", i, run[i-1].x, p.x)
		}
	}
	if len(run) > mostPoints+4 || lo != -30 || hi != 40 || run[0].x != 0 || run[len(run)-1].x != float64(n-1) {
		t.Errorf("%d points from x %g to %g, y %g..%g", len(run), run[0].x, run[len(run)-1].x, lo, hi)
	}
}

// Whatever the values are, every coordinate is a number inside the drawing, ticks
// are few and rise, and the page stays well-formed.
func TestAnyChart(t *testing.T) {
	value := rapid.OneOf(
		rapid.Float64(), rapid.Float64Range(-2, 2), rapid.Float64Range(1e-9, 1e-6),
		rapid.SampledFrom([]float64{0, nan, inf, -inf, 5, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		s := Series{X: rapid.SliceOfN(value, 0, 20).Draw(rt, "x"), Y: rapid.SliceOfN(value, 0, 20).Draw(rt, "y")}
		v := newChart(Chart{LogY: rapid.Bool().Draw(rt, "log"), Series: []Series{s}})
		if v.Empty {
			return
		}
		inside := func(x, y float64) {
			if !(x >= v.Left-1 && x <= v.Right+1 && y >= v.Top-1 && y <= v.Bottom+1) {
				rt.Fatalf("point %g, %g is outside the plot", x, y)
			}
		}
		for _, l := range v.Lines {
			for _, d := range l.Dots {
				inside(d.X, d.Y)
			}
			for _, part := range l.Parts {
				for _, p := range strings.Fields(part) {
					a, b, _ := strings.Cut(p, ",")
					x, err1 := strconv.ParseFloat(a, 64)
					y, err2 := strconv.ParseFloat(b, 64)
					if err1 != nil || err2 != nil {
						rt.Fatalf("point %q is no number", p)
					}
					inside(x, y)
				}
			}
		}
		for _, ticks := range [][]tickView{v.XTicks, v.YTicks} {
			if len(ticks) > 30 || len(ticks) == 0 {
				rt.Fatalf("%d ticks", len(ticks))
			}
			for _, tick := range ticks {
				if !(tick.At >= 0 && tick.At <= chartWidth) {
					rt.Fatalf("tick %s at %g", tick.Text, tick.At)
				}
			}
		}
	})
}

func TestTicksAreRound(t *testing.T) {
	for _, c := range []struct {
		a    axis
		n    int
		want string
	}{
		{axis{span: span{0, 1}, to: 100}, 5, "0 0.2 0.4 0.6 0.8 1"},
		{axis{span: span{-.2, .8}, to: 100}, 5, "-0.2 0 0.2 0.4 0.6 0.8"},
		{axis{span: span{0, 1200}, to: 100}, 7, "0 200 400 600 800 1000 1200"},
		{axis{span: span{9000, 21000}, to: 100}, 5, "10k 15k 20k"},
		{axis{span: span{1e-3, 1}, to: 100, log: true}, 5, "0.001 0.01 0.1 1"},
		{axis{span: span{.05, .8}, to: 100, log: true}, 5, "0.05 0.1 0.2 0.5"},
	} {
		var got []string
		for _, tick := range c.a.ticks(c.n) {
			got = append(got, tick.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("ticks of %v: %s, want %s", c.a.span, s, c.want)
		}
	}
}

func TestBestValuesAreMarked(t *testing.T) {
	v := newTable(full().Scores)
	got := ""
	for _, r := range v.Rows {
		for _, c := range r.Cells {
			got += map[bool]string{true: "x", false: "."}[c.Best]
		}
		got += " "
	}
	if got != ".x. x.. .x. " {
		t.Errorf("best cells %q, want the highest maxF and both lowest MAE", got)
	}
	if len(newTable(Table{Header: []string{"a", "b"}}).Header) != 0 {
		t.Error("a table without rows has a header")
	}
}

func TestChannelBars(t *testing.T) {
	v := newChannels([]ChannelRow{{"a", []int{10, 20}, []int{5, 0}}, {"b", []int{40}, nil}, {"c", nil, nil}, {"d", []int{3}, []int{-4}}})
	if v.Before != 73 || v.After != 5 || v.Kept != "7%" || len(v.Octaves) != 2 {
		t.Errorf("totals %d -> %d (%s), octaves %v", v.Before, v.After, v.Kept, v.Octaves)
	}
	bar := v.Rows[0].Bars[0]
	if bar.Before != 250 || bar.After != 125 || v.Rows[1].Bars[0].After != 0 || v.Rows[3].Bars[0].After != 0 {
		t.Errorf("bars %+v", v.Rows)
	}
	if v.Rows[0].Text != "10 + 20 → 5 + 0" || v.Rows[2].Text != "0 → 0" {
		t.Errorf("texts %q, %q", v.Rows[0].Text, v.Rows[2].Text)
	}
}
