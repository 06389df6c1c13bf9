package eval

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"csnet/metrics"
)

// figure is one chart: a curve per method.
type figure struct {
	name string // file name without ending: SET_PROTOCOL_pr
	alt  string
	png  []byte
	svg  []byte
}

const (
	figureWidth  = 12 * vg.Centimeter
	figureHeight = 9.5 * vg.Centimeter
	figureDPI    = 200
)

// figures draws the PR and F curves, under pysod the E curves too, per set and
// protocol.
func (r *Report) figures() ([]figure, error) {
	var out []figure
	for k, s := range r.Methods[0].Sets {
		for _, p := range r.Protocol.Each() {
			for _, kind := range curveKinds(p) {
				f, err := r.figure(k, p, kind)
				if err != nil {
					return nil, fmt.Errorf("eval: curve %s of %s: %w", kind.key, s.Name, err)
				}
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// curveKind says what a figure shows of Curves.
type curveKind struct {
	key, title, x, y string
	points           func(c *metrics.Curves) plotter.XYs
}

func curveKinds(p metrics.Protocol) []curveKind {
	kinds := []curveKind{
		{"pr", "precision and recall", "recall", "precision", func(c *metrics.Curves) plotter.XYs {
			pts := make(plotter.XYs, metrics.Thresholds)
			if p == metrics.SalMetric {
				pts = pts[:metrics.Thresholds-1] // nothing is > 255: that point is eps/eps
			}
			for t := range pts {
				pts[t] = plotter.XY{X: c.Recall[t], Y: c.Precision[t]}
			}
			return pts
		}},
		{"f", "F-measure", "threshold", "F", func(c *metrics.Curves) plotter.XYs { return byThreshold(&c.F) }},
	}
	if p == metrics.PySOD {
		kinds = append(kinds, curveKind{"e", "E-measure", "threshold", "E",
			func(c *metrics.Curves) plotter.XYs { return byThreshold(&c.E) }})
	}
	return kinds
}

func byThreshold(c *metrics.Curve) plotter.XYs {
	pts := make(plotter.XYs, len(c))
	for t, v := range c {
		pts[t] = plotter.XY{X: float64(t), Y: v}
	}
	return pts
}

func (r *Report) figure(set int, p metrics.Protocol, kind curveKind) (figure, error) {
	name := r.Methods[0].Sets[set].Name
	f := figure{
		name: name + "_" + string(p) + "_" + kind.key,
		alt:  fmt.Sprintf("%s: %s, protocol %s", name, kind.title, p),
	}
	c := newChart(f.alt, kind)
	for i, m := range r.Methods {
		if err := c.add(m.Name, i, kind.points(m.Sets[set].Result.Curves(p))); err != nil {
			return f, err
		}
	}
	var err error
	if f.png, err = c.png(); err != nil {
		return f, err
	}
	f.svg, err = c.svg()
	return f, err
}

// chart is a plot in this package's looks.
type chart struct{ plot *plot.Plot }

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

func newChart(title string, kind curveKind) chart {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font = sans(11)
	p.Title.Padding = vg.Points(8)
	p.BackgroundColor = color.White
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font = sans(10)
		a.Label.Padding = vg.Points(4)
		a.Tick.Label.Font = sans(9)
		a.LineStyle.Color, a.Tick.LineStyle.Color = color.Gray{90}, color.Gray{90}
		a.Padding = 0
	}
	p.X.Label.Text, p.Y.Label.Text = kind.x, kind.y
	p.Y.Min, p.Y.Max = 0, 1
	p.Y.Tick.Marker = plot.ConstantTicks(fifths())
	p.X.Min, p.X.Max = 0, 1
	p.X.Tick.Marker = plot.ConstantTicks(fifths())
	if kind.x == "threshold" {
		p.X.Max = 255
		p.X.Tick.Marker = plot.ConstantTicks([]plot.Tick{
			{Value: 0, Label: "0"}, {Value: 64, Label: "64"}, {Value: 128, Label: "128"}, {Value: 192, Label: "192"}, {Value: 255, Label: "255"},
		})
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{225}, color.Gray{225}
	p.Add(grid)
	p.Legend.TextStyle.Font = sans(9)
	p.Legend.Left, p.Legend.Top = true, false
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(8), vg.Points(8)
	p.Legend.ThumbnailWidth = vg.Points(22)
	p.Legend.Padding = vg.Points(2)
	return chart{p}
}

func fifths() []plot.Tick {
	t := make([]plot.Tick, 6)
	for i := range t {
		t[i] = plot.Tick{Value: float64(i) / 5, Label: fmt.Sprintf("%.1f", float64(i)/5)}
	}
	return t
}

// add draws method i's curve; colours are Okabe and Ito's, told apart by the
// colour-blind too, and dashes start with the second round of colours.
func (c chart) add(name string, i int, pts plotter.XYs) error {
	line, err := plotter.NewLine(pts)
	if err != nil {
		return err
	}
	palette := []color.RGBA{
		{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
		{230, 159, 0, 255}, {86, 180, 233, 255}, {60, 60, 60, 255},
	}
	dashes := [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(2), vg.Points(2)}}
	line.Color = palette[i%len(palette)]
	line.Dashes = dashes[i/len(palette)%len(dashes)]
	line.Width = vg.Points(1.6)
	c.plot.Add(line)
	if samePoint(pts) { // a map of one level: its curve is a dot
		dot, err := plotter.NewScatter(pts[:1])
		if err != nil {
			return err
		}
		dot.Shape, dot.Color, dot.Radius = draw.CircleGlyph{}, line.Color, vg.Points(3)
		c.plot.Add(dot)
	}
	c.plot.Legend.Add(name, line)
	return nil
}

func samePoint(pts plotter.XYs) bool {
	for _, p := range pts {
		if math.Abs(p.X-pts[0].X)+math.Abs(p.Y-pts[0].Y) > 1e-6 {
			return false
		}
	}
	return true
}

// draw leaves a margin so that the last tick labels are not cut.
func (c chart) draw(to vg.CanvasSizer) {
	d := draw.New(to)
	c.plot.Draw(draw.Crop(d, vg.Points(6), -vg.Points(12), vg.Points(6), -vg.Points(6)))
}

func (c chart) png() ([]byte, error) {
	img := vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(figureDPI), vgimg.UseBackgroundColor(color.White))
	c.draw(img)
	var b bytes.Buffer
	err := png.Encode(&b, img.Image())
	return b.Bytes(), err
}

func (c chart) svg() ([]byte, error) {
	s := vgsvg.New(figureWidth, figureHeight)
	c.draw(s)
	var b bytes.Buffer
	_, err := s.WriteTo(&b)
	return b.Bytes(), err
}
