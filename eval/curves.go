package eval

import (
	"fmt"

	"csnet/internal/chart"
	"csnet/metrics"
)

// figure is one chart: a curve per method.
type figure struct {
	name  string // file name without ending: SET_PROTOCOL_pr
	chart chart.Chart
}

// figures draws the PR and F curves, under pysod the E curves too, per set and
// protocol.
func (r *Report) figures() []figure {
	var out []figure
	for k, s := range r.Methods[0].Sets {
		for _, p := range r.Protocol.Each() {
			for _, kind := range curveKinds(p) {
				f := figure{name: s.Name + "_" + string(p) + "_" + kind.key, chart: kind.chart}
				f.chart.Title = fmt.Sprintf("%s: %s (%s)", s.Name, kind.title, p)
				for _, m := range r.Methods {
					x, y := kind.points(m.Sets[k].Result.Curves(p))
					v, _ := m.Sets[k].Result.Value(p, kind.chart.Numbers)
					f.chart.Series = append(f.chart.Series, chart.Series{Name: m.Name, X: x, Y: y, Number: digits(v)})
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// curveKind says what a figure shows of Curves: axes, and the measure that the
// legend names with each method.
type curveKind struct {
	key, title string
	chart      chart.Chart
	points     func(c *metrics.Curves) (x, y []float64)
}

func curveKinds(p metrics.Protocol) []curveKind {
	thresholds := chart.Scale{From: 0, To: 255, Marks: []float64{0, 64, 128, 192, 255}}
	unit := chart.Scale{From: 0, To: 1}
	kinds := []curveKind{
		{"pr", "precision and recall", chart.Chart{XLabel: "recall", YLabel: "precision", X: unit, Y: unit, Numbers: "maxF"},
			func(c *metrics.Curves) (x, y []float64) { n := found(c); return c.Recall[:n], c.Precision[:n] }},
		{"f", "F-measure", chart.Chart{XLabel: "threshold", YLabel: "F-measure", X: thresholds, Y: unit, Numbers: "maxF"},
			func(c *metrics.Curves) (x, y []float64) { return byThreshold(&c.F) }},
	}
	if p == metrics.PySOD {
		kinds = append(kinds, curveKind{"e", "E-measure", chart.Chart{XLabel: "threshold", YLabel: "E-measure", X: thresholds, Y: unit, Numbers: "maxE"},
			func(c *metrics.Curves) (x, y []float64) { return byThreshold(&c.E) }})
	}
	return kinds
}

// found is how many thresholds, from 0, find anything. Above them precision is 0/0,
// which salmetric computes as eps/eps = 1 at a recall of next to nothing, and pysod
// as 0.
func found(c *metrics.Curves) int {
	n := metrics.Thresholds
	for n > 1 && c.Recall[n-1] < 1e-6 {
		n--
	}
	return n
}

func byThreshold(c *metrics.Curve) (x, y []float64) {
	x = make([]float64, len(c))
	for t := range x {
		x[t] = float64(t)
	}
	return x, c[:]
}
