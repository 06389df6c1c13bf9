package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A chart's drawing, in its own units, and how many colours lines have.
const (
	chartWidth, chartHeight  = 560, 280
	left, right, top, bottom = 56, 14, 12, 44
	colours                  = 6
	mostPoints               = 500 // of one line; more are thinned
)

type chartView struct {
	Title, XLabel, YLabel, Summary string
	Empty                          bool
	Width, Height                  int
	Left, Right, Top, Bottom       float64 // edges of the plot
	MiddleX, MiddleY, Tick         float64
	XTicks, YTicks                 []tickView
	Lines                          []lineView
}

type tickView struct {
	At   float64
	Text string
}

type lineView struct {
	Name   string
	Colour int
	Faint  bool
	Dashed bool
	Last   string   // the last value, for the legend
	Parts  []string // "x,y x,y ..." of each unbroken part
	Dots   []dotView
}

type dotView struct{ X, Y float64 }

func newChart(c Chart) chartView {
	v := chartView{
		Title: c.Title, XLabel: c.XLabel, YLabel: c.YLabel,
		Width: chartWidth, Height: chartHeight,
		Left: left, Right: chartWidth - right, Top: top, Bottom: chartHeight - bottom,
		MiddleX: (left + chartWidth - right) / 2, MiddleY: (top + chartHeight - bottom) / 2,
		Tick: chartHeight - bottom + 4, // lower end of the marks on the x axis
	}
	xs, ys := newRange(), newRange()
	runs := make([][][]xy, len(c.Series))
	for i, s := range c.Series {
		runs[i] = s.runs(c.LogY)
		for _, run := range runs[i] {
			for _, p := range run {
				xs.add(p.x)
				ys.add(p.y)
			}
		}
	}
	if xs.empty() {
		v.Empty = true
		v.Summary = c.Title + ": no values."
		return v
	}
	x := axis{span: xs.open(false), from: v.Left, to: v.Right}
	y := axis{span: ys.open(c.LogY), from: v.Bottom, to: v.Top, log: c.LogY}
	if !c.LogY {
		y.span = y.span.round()
	}
	v.XTicks, v.YTicks = x.ticks(7), y.ticks(5)
	said := []string{c.Title + "."}
	colour := 0
	for i, s := range c.Series {
		line := newLine(runs[i], x, y)
		line.Name, line.Colour, line.Faint, line.Dashed = s.Name, colour%colours, s.Faint, s.Dashed
		if s.Faint {
			line.Last = ""
		} else {
			colour++
		}
		v.Lines = append(v.Lines, line)
		said = append(said, sayLine(s.Name, runs[i]))
	}
	v.Summary = strings.Join(said, " ")
	return v
}

type xy struct{ x, y float64 }

// runs are the stretches of points that can be drawn, thinned to what a screen shows.
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

func newLine(runs [][]xy, x, y axis) lineView {
	var l lineView
	for _, run := range runs {
		if len(run) == 1 {
			l.Dots = append(l.Dots, dotView{x.place(run[0].x), y.place(run[0].y)})
			continue
		}
		var b strings.Builder
		for i, p := range run {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(x.place(p.x)) + "," + number(y.place(p.y)))
		}
		l.Parts = append(l.Parts, b.String())
	}
	if len(runs) > 0 {
		run := runs[len(runs)-1]
		l.Last = short(run[len(run)-1].y)
	}
	return l
}

// sayLine is a line in words, for readers who do not see it.
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

// drawable says whether f can be placed: not NaN, not infinite, nor so large that
// the arithmetic of the axes would overflow.
func drawable(f float64) bool { return math.Abs(f) <= 1e100 }

// number is a coordinate with one decimal.
func number(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// short is a value as people write it: 0.031, 1.5k, 210k, 2.5e-07.
func short(f float64) string {
	switch a := math.Abs(f); {
	case a >= 1e9 || a > 0 && a < 1e-4:
		return strconv.FormatFloat(f, 'g', 3, 64)
	case a >= 1e6:
		return strconv.FormatFloat(f/1e6, 'g', 4, 64) + "M"
	case a >= 1e4:
		return strconv.FormatFloat(f/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}
