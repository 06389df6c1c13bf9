package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var inf, nan = math.Inf(1), math.NaN()

// wellFormed fails unless every element is closed, in order.
func wellFormed(t interface{ Fatalf(string, ...any) }, svg string) {
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
	}
}

func TestChartsWithoutValues(t *testing.T) {
	for name, c := range map[string]Chart{
		"no series":       {},
		"empty series":    {Series: []Series{{Name: "a"}}},
		"NaN alone":       {Series: []Series{{X: []float64{1, 2}, Y: []float64{nan, nan}}}},
		"infinite alone":  {Series: []Series{{X: []float64{1, inf}, Y: []float64{-inf, 3}}}},
		"log of nothing":  {LogY: true, Series: []Series{{X: []float64{1, 2}, Y: []float64{0, -3}}}},
		"no x for the ys": {Series: []Series{{Y: []float64{1, 2}}}},
	} {
		in, err := c.Inline()
		if err != nil || in.SVG != "" || in.Legend != nil {
			t.Errorf("%s: drawn, want nothing (%v)", name, err)
		}
		svg, err := c.SVG()
		if err != nil || !bytes.Contains(svg, []byte("No values to draw.")) {
			t.Errorf("%s: the file does not say that there is nothing to draw (%v)", name, err)
		}
		if _, err := c.PNG(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// curves are the lines of a chart that are no axes.
func curves(t *testing.T, c Chart) (lines []shape) {
	t.Helper()
	p, some := newPlot(c)
	if !some {
		t.Fatal("nothing to draw")
	}
	for _, s := range p.draw().shapes {
		if s.ink.role == inkCurve {
			lines = append(lines, s)
		}
	}
	return lines
}

func TestGapsSplitALine(t *testing.T) {
	lines := curves(t, Chart{Series: []Series{{X: []float64{0, 1, 2, 3, 4, 5}, Y: []float64{1, 2, nan, 3, inf, 4}}}})
	if len(lines) != 3 || lines[0].width != 2 || lines[1].width != 6 || lines[2].width != 6 {
		t.Errorf("got %+v, want a line of two points and two dots", lines)
	}
}

func TestPlaces(t *testing.T) {
	corner, far := xy{leftMost, top + plotHeight}, xy{width - right, top}
	line := curves(t, Chart{Series: []Series{{X: []float64{0, 10}, Y: []float64{0, 100}}}})[0].points
	if line[0] != corner || line[1] != far {
		t.Errorf("a line from corner to corner is %v, want %v, %v", line, corner, far)
	}
	log := curves(t, Chart{LogY: true, Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{.01, .1, 1}}}})[0].points
	mid := xy{(corner.x + far.x) / 2, (corner.y + far.y) / 2}
	if math.Hypot(log[1].x-mid.x, log[1].y-mid.y) > 1e-9 || log[2] != far {
		t.Errorf("a straight line on a log axis is %v, want %v, %v, %v", log, corner, mid, far)
	}
	fixed := curves(t, Chart{X: Scale{From: 0, To: 20}, Y: Scale{From: 0, To: 200}, Series: []Series{{X: []float64{0, 10}, Y: []float64{0, 100}}}})[0].points
	if math.Hypot(fixed[1].x-mid.x, fixed[1].y-mid.y) > 1e-9 {
		t.Errorf("on axes twice as long the line ends at %v, want %v", fixed[1], mid)
	}
}

func TestFaintLineTakesTheNextColour(t *testing.T) {
	x := []float64{0, 1}
	lines := curves(t, Chart{Series: []Series{{X: x, Y: x, Faint: true}, {X: x, Y: x}, {X: x, Y: x, Faint: true}, {X: x, Y: x}}})
	for i, want := range []int{0, 0, 1, 1} {
		if lines[i].ink.colour != want || lines[i].ink.faint != (i%2 == 0) {
			t.Errorf("line %d has colour %d, want %d", i, lines[i].ink.colour, want)
		}
	}
}

// No two of the first 30 curves look alike, and the first six differ without colours.
func TestLooksDiffer(t *testing.T) {
	seen, plain := map[string]bool{}, map[string]bool{}
	for i := range 30 {
		dash := strings.Join(dashText(i), " ")
		key := string(rune('a'+i%Colours)) + dash
		if seen[key] || i < Colours && plain[dash] {
			t.Errorf("curve %d looks as one before", i)
		}
		seen[key], plain[dash] = true, true
	}
}

func dashText(i int) (out []string) {
	for _, v := range dashes(i) {
		out = append(out, number(v))
	}
	return out
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

// Whatever the values are, every place is inside the drawing, ticks are few, the
// legend lies below the plot, and both prints succeed.
func TestAnyChart(t *testing.T) {
	value := rapid.OneOf(
		rapid.Float64(), rapid.Float64Range(-2, 2), rapid.Float64Range(1e-9, 1e-6),
		rapid.SampledFrom([]float64{0, nan, inf, -inf, 5, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}),
	)
	f, err := newFonts(1)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		c := Chart{LogY: rapid.Bool().Draw(rt, "log"), Numbers: "n", YLabel: "label"}
		for range rapid.IntRange(1, 9).Draw(rt, "series") {
			c.Series = append(c.Series, Series{Name: rapid.String().Draw(rt, "name"), Number: ".5",
				X: rapid.SliceOfN(value, 0, 20).Draw(rt, "x"), Y: rapid.SliceOfN(value, 0, 20).Draw(rt, "y")})
		}
		p, some := newPlot(c)
		if !some {
			return
		}
		d := p.draw()
		texts := 0
		for _, s := range d.shapes {
			for _, q := range s.points {
				if !(q.x >= p.left-1 && q.x <= width-right+1 && q.y >= top-1 && q.y <= top+plotHeight+5) {
					rt.Fatalf("point %v is outside the plot", q)
				}
			}
			if s.text != "" {
				texts++
			}
			// The turned label ends at 18 in the widest font, which is 1.15 times this one.
			if s.anchor == end && s.text != "" && s.at.x-1.15*measure(f.regular, s.text) < 18 {
				rt.Fatalf("the number %s runs over the y axis's label", s.text)
			}
		}
		if texts < 1 || texts > 60 {
			rt.Fatalf("%d ticks", texts)
		}
		inside := len(d.shapes)
		plotEnd := d.h
		p.drawLegend(d, f.regular)
		for _, s := range d.shapes[inside:] {
			for _, q := range append([]xy{s.at}, s.points...) {
				if s.text != "" && !(s.at.y > plotEnd) || q.x > width || q.y > d.h {
					rt.Fatalf("the legend is at %v, the plot ends at %g, the drawing at %g", q, plotEnd, d.h)
				}
			}
		}
		svg, err := d.svg()
		if err != nil {
			rt.Fatal(err)
		}
		wellFormed(rt, string(svg))
	})
}

// The legend's texts, measured with the font of the PNG, do not run over one
// another or out of the drawing.
func TestLegendFits(t *testing.T) {
	f, err := newFonts(1)
	if err != nil {
		t.Fatal(err)
	}
	c := Chart{}
	for _, name := range []string{"a", strings.Repeat("long name ", 12), "centred-gaussian", "b", "csnet-x1-L", "c"} {
		c.Series = append(c.Series, Series{Name: name, Number: "0.9155", X: []float64{0, 1}, Y: []float64{0, 1}})
	}
	p, _ := newPlot(c)
	d := p.draw()
	n := len(d.shapes)
	p.drawLegend(d, f.regular)
	ends := map[float64]float64{}
	for _, s := range d.shapes[n:] {
		if s.text == "" {
			continue
		}
		face := f.regular
		if s.bold {
			face = f.bold
		}
		if s.at.x < ends[s.at.y] {
			t.Errorf("%q begins at %g, the text before ends at %g", s.text, s.at.x, ends[s.at.y])
		}
		ends[s.at.y] = s.at.x + measure(face, s.text)
		if ends[s.at.y] > width {
			t.Errorf("%q ends at %g, the drawing at %d", s.text, ends[s.at.y], width)
		}
	}
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
		{axis{span: span{0, 3e-4}, to: 100}, 3, "0 1e-4 2e-4 3e-4"},
		{axis{span: span{.05, .8}, to: 100, log: true}, 5, "0.05 0.1 0.2 0.5"},
	} {
		var got []string
		for _, tick := range c.a.ticks(c.n) {
			got = append(got, tick.text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("ticks of %v: %s, want %s", c.a.span, s, c.want)
		}
	}
}

// TestRaster compares lines of the PNG with the plain definition: a pixel is
// painted by how much of a line's width covers it, here sampled 8x8 times.
func TestRaster(t *testing.T) {
	lines := [][]xy{{{3, 4}, {30, 9}, {12, 30}}, {{5, 5}, {5, 35}}, {{20, 20}, {20, 20}}, {{2, 38}, {38, 30}, {38, 12}}}
	for _, line := range lines {
		d := &drawing{w: 40, h: 40, shapes: []shape{{ink: ink{role: inkText}, width: 5, points: line, round: true}}}
		img, err := d.raster(1)
		if err != nil {
			t.Fatal(err)
		}
		ground := paperColour(ink{role: inkText})
		worst, sum := 0.0, 0.0
		for y := range 40 {
			for x := range 40 {
				want := 0.0
				for k := range 64 {
					q := xy{float64(x) + (float64(k%8)+.5)/8, float64(y) + (float64(k/8)+.5)/8}
					if distance(q, line) <= 2.5 {
						want += 1. / 64
					}
				}
				got := (255 - float64(img.RGBAAt(x, y).R)) / (255 - float64(ground.R))
				worst = max(worst, math.Abs(got-want))
				sum += got - want
			}
		}
		// Where pieces meet, shares of a pixel add up to a little more than their union.
		if worst > .5 || math.Abs(sum) > 3 {
			t.Errorf("%v: off by %.2f in one pixel, by %.2f in all", line, worst, sum)
		}
	}
}

// distance of q to a line of several pieces.
func distance(q xy, line []xy) float64 {
	least := inf
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		dx, dy := b.x-a.x, b.y-a.y
		at := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			at = min(max(((q.x-a.x)*dx+(q.y-a.y)*dy)/l, 0), 1)
		}
		least = min(least, math.Hypot(q.x-a.x-at*dx, q.y-a.y-at*dy))
	}
	return least
}

// TestDashes: the strokes and gaps of a broken line have the pattern's lengths.
func TestDashes(t *testing.T) {
	line := []xy{{0, 0}, {7, 0}, {7, 16}}
	got := broken(line, []float64{4, 2}, 1)
	want := [][]xy{{{0, 0}, {4, 0}}, {{6, 0}, {7, 0}, {7, 3}}, {{7, 5}, {7, 9}}, {{7, 11}, {7, 15}}}
	if len(got) != len(want) {
		t.Fatalf("%d strokes: %v", len(got), got)
	}
	for i := range want {
		for k := range want[i] {
			if d := math.Hypot(got[i][k].x-want[i][k].x, got[i][k].y-want[i][k].y); d > 1e-9 {
				t.Errorf("stroke %d is %v, want %v", i, got[i], want[i])
			}
		}
	}
}

func TestFilesAreTheSameTwice(t *testing.T) {
	c := Chart{Title: "t", Series: []Series{{Name: "a <&> b", X: []float64{0, 1, 2}, Y: []float64{1, 0, 2}}}}
	for _, f := range []func() ([]byte, error){c.SVG, c.PNG} {
		a, err := f()
		b, err2 := f()
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("written twice: %v, %v", err, err2)
		}
	}
	raw, _ := c.PNG()
	if img, err := png.Decode(bytes.NewReader(raw)); err != nil || img.Bounds().Dx() != pngScale*width {
		t.Error(err)
	}
	svg, _ := c.SVG()
	wellFormed(t, string(svg))
	if !bytes.Contains(svg, []byte("a &lt;&amp;&gt; b")) {
		t.Error("names are not escaped")
	}
}

func TestHeat(t *testing.T) {
	h := Heat{Side: 4, Cells: make([]float64, 16), Centre: &[2]float64{.5, .5}, Scale: "share", Notes: []string{"note"}}
	h.Cells[0] = .5
	raw, err := h.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y float64) color.RGBA {
		return color.RGBAModel.Convert(img.At(int(x*pngScale), int(y*pngScale))).(color.RGBA)
	}
	if got := at(heatLeft+10, heatTop+10); got != viridis(1) {
		t.Errorf("the highest cell is %v, want %v", got, viridis(1))
	}
	if got := at(heatLeft+heatSide-10, heatTop+10); got != viridis(0) {
		t.Errorf("an empty cell is %v, want %v", got, viridis(0))
	}
	if got := at(barLeft+5, heatTop+1); near(got, viridis(1)) > 6 {
		t.Errorf("the top of the scale is %v", got)
	}
	svg, err := h.SVG()
	if err != nil || !bytes.Contains(svg, []byte(">0.5</text>")) {
		t.Errorf("the scale does not name its end (%v)", err)
	}
	wellFormed(t, string(svg))
	for name, bad := range map[string]Heat{
		"too few": {Side: 2, Cells: make([]float64, 3)}, "no side": {}, "NaN": {Side: 1, Cells: []float64{nan}},
		"negative": {Side: 1, Cells: []float64{-1}}, "infinite": {Side: 1, Cells: []float64{inf}},
	} {
		if _, err := bad.PNG(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (Heat{Side: 1, Cells: []float64{0}}).PNG(); err != nil {
		t.Errorf("all zero: %v", err)
	}
}

func near(a, b color.RGBA) int {
	d := func(p, q uint8) int { return max(int(p)-int(q), int(q)-int(p)) }
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B))
}

func TestShortNumbers(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", .031: "0.031", .00025: "2.5e-4", 1e-12: "1e-12", -2.689e-4: "-2.69e-4", .001: "0.001", 1500: "1500", 15000: "15k", 2.5e6: "2.5M", 1e10: "1e+10",
	} {
		if got := short(f); got != want {
			t.Errorf("%g is written %s, want %s", f, got, want)
		}
	}
}
