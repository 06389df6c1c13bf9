// Package chart draws line charts and heat maps: one layout, printed as SVG for
// papers, as SVG for a page that has a light and a dark side, or as PNG. It knows
// plain values only.
package chart

import (
	"fmt"
	"math"
	"strings"
)

// Chart is a line chart.
type Chart struct {
	Title          string // for the page and for readers who do not see; not in the drawing
	XLabel, YLabel string
	Series         []Series
	LogY           bool  // values that are not positive are then not drawn
	X, Y           Scale // the zero value takes the range of the points
	Numbers        string
}

// Series is one line: points (X[i], Y[i]) in the order in which they are joined.
// Points that are NaN or infinite are gaps.
type Series struct {
	Name string
	X, Y []float64
	// Number stands behind the name in the legend; empty: the last value of Y,
	// unless the chart says what its numbers are.
	Number string
	Faint  bool // thin, in the colour of the next line that is not: the raw values behind a smoothed curve
	Dashed bool // for baselines: dashed whatever the line's own pattern is
}

// Scale fixes the ends of an axis, and its marks where round numbers do not do.
// The zero value leaves both to the points.
type Scale struct {
	From, To float64
	Marks    []float64
}

func (s Scale) fixed() bool { return s.From != s.To }

// xy is a point in the chart's own units.
type xy struct{ x, y float64 }

// mostPoints of one line are drawn; of longer ones neighbours are taken together.
const mostPoints = 500

// runs are the unbroken stretches of a line that can be drawn, thinned to what a
// screen shows.
func (s Series) runs(logY bool) [][]xy {
	var all [][]xy
	var run []xy
	n := min(len(s.X), len(s.Y))
	for i := range n {
		p := xy{s.X[i], s.Y[i]}
		if !drawable(p.x) || !drawable(p.y) || logY && p.y < 1e-100 {
			if run != nil {
				all, run = append(all, run), nil
			}
			continue
		}
		run = append(run, p)
	}
	if run != nil {
		all = append(all, run)
	}
	for i, run := range all {
		all[i] = thin(run, max(mostPoints*len(run)/n, 4))
	}
	return all
}

// thin keeps about most points: of each group of neighbours the lowest and the
// highest, so that no spike is lost, and the two ends.
func thin(run []xy, most int) []xy {
	if len(run) <= most {
		return run
	}
	group := (2*len(run) + most - 1) / most
	kept := []xy{run[0]}
	for at := 1; at < len(run)-1; at += group {
		end := min(at+group, len(run)-1)
		low, high := at, at
		for i := at; i < end; i++ {
			if run[i].y < run[low].y {
				low = i
			}
			if run[i].y > run[high].y {
				high = i
			}
		}
		kept = append(kept, run[min(low, high)])
		if low != high {
			kept = append(kept, run[max(low, high)])
		}
	}
	return append(kept, run[len(run)-1])
}

// drawable says whether f can be placed: not NaN, not infinite, nor so large that
// the arithmetic of the axes would overflow.
func drawable(f float64) bool { return math.Abs(f) <= 1e100 }

// number is what stands behind a line's name in the legend.
func (c Chart) number(s Series, runs [][]xy) string {
	switch {
	case s.Number != "" || s.Faint || c.Numbers != "" || len(runs) == 0:
		return s.Number
	}
	last := runs[len(runs)-1]
	return short(last[len(last)-1].y)
}

// summary is a chart in words, for readers who do not see it.
func (c Chart) summary(runs [][][]xy) string {
	said := []string{c.Title + "."}
	for i, s := range c.Series {
		said = append(said, sayLine(s.Name, runs[i]))
	}
	return strings.Join(said, " ")
}

func sayLine(name string, runs [][]xy) string {
	if len(runs) == 0 {
		return name + ": no values."
	}
	first, last := runs[0][0], runs[len(runs)-1]
	end := last[len(last)-1]
	span := newRange()
	for _, run := range runs {
		for _, p := range run {
			span.add(p.y)
		}
	}
	return fmt.Sprintf("%s: from %s at %s to %s at %s, lowest %s, highest %s.", name,
		short(first.y), short(first.x), short(end.y), short(end.x), short(span.lo), short(span.hi))
}
