package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

//go:embed page.html
var page string

func parsePage() (*template.Template, error) { return template.New("page").Parse(page) }

// view is a Report with everything worked out that the page shows.
type view struct {
	Report
	HasVerdict bool
	Charts     []chartView
	Scores     tableView
	Channels   channelsView
	Samples    samplesView
}

func newView(r Report) (view, error) {
	v := view{
		Report:     r,
		HasVerdict: r.Verdict.Text != "" || len(r.Verdict.Checks) > 0,
		Scores:     newTable(r.Scores),
		Channels:   newChannels(r.Channels),
	}
	for _, c := range r.Charts {
		v.Charts = append(v.Charts, newChart(c))
	}
	var err error
	v.Samples, err = newSamples(r.Samples)
	return v, err
}

type tableView struct {
	Header []headView
	Rows   []rowView
}

type headView struct {
	Name, Arrow, Hint string
}

type rowView struct {
	Name  string
	Cells []cellView
}

type cellView struct {
	Text string
	Best bool
}

// newTable squares the table (missing values are empty cells) and marks the best
// value of each column that has a direction, equal ones all.
func newTable(t Table) tableView {
	var v tableView
	columns := len(t.Header) - 1
	for _, r := range t.Rows {
		columns = max(columns, len(r.Values))
	}
	if len(t.Rows) == 0 {
		return v
	}
	direction := func(c int) Direction {
		if c < len(t.Better) {
			return t.Better[c]
		}
		return Neither
	}
	for c := range columns + 1 {
		var h headView
		if c < len(t.Header) {
			h.Name = t.Header[c]
		}
		if c > 0 {
			switch direction(c - 1) {
			case Higher:
				h.Arrow, h.Hint = "↑", "higher is better"
			case Lower:
				h.Arrow, h.Hint = "↓", "lower is better"
			}
		}
		v.Header = append(v.Header, h)
	}
	for _, r := range t.Rows {
		row := rowView{Name: r.Name, Cells: make([]cellView, columns)}
		for c, text := range r.Values {
			row.Cells[c].Text = text
		}
		v.Rows = append(v.Rows, row)
	}
	for c := range columns {
		markBest(v.Rows, c, direction(c))
	}
	return v
}

func markBest(rows []rowView, column int, d Direction) {
	if d == Neither || len(rows) < 2 {
		return
	}
	sign := 1.0
	if d == Lower {
		sign = -1
	}
	value := func(r rowView) (float64, bool) {
		f, err := strconv.ParseFloat(strings.TrimSpace(r.Cells[column].Text), 64)
		return sign * f, err == nil && !math.IsNaN(f)
	}
	best := math.Inf(-1)
	for _, r := range rows {
		if f, ok := value(r); ok {
			best = max(best, f)
		}
	}
	for i, r := range rows {
		if f, ok := value(r); ok && f == best {
			rows[i].Cells[column].Best = true
		}
	}
}

type channelsView struct {
	Rows          []channelView
	Octaves       []int // numbers of the octaves shown, for the legend
	Before, After int   // all channels
	Kept          string
}

type channelView struct {
	Layer  string
	Height int // of the drawing, in its own units; it is 1000 wide
	Bars   []barView
	Text   string // "8 + 10 → 3 + 4"
}

type barView struct {
	Octave, Y     int
	Before, After float64 // lengths
}

// The drawing of one octave's bar: its height and the gap below it.
const (
	barHeight = 9
	barGap    = 3
)

func newChannels(rows []ChannelRow) channelsView {
	var v channelsView
	most, octaves := 1, 0
	for _, r := range rows {
		octaves = max(octaves, len(r.Before), len(r.After))
		for _, n := range append(append([]int{}, r.Before...), r.After...) {
			most = max(most, n)
		}
	}
	for o := range octaves {
		v.Octaves = append(v.Octaves, o)
	}
	at := func(list []int, o int) int {
		if o < len(list) {
			return max(list[o], 0)
		}
		return 0
	}
	for _, r := range rows {
		n := max(len(r.Before), len(r.After))
		row := channelView{Layer: r.Layer, Height: max(n*(barHeight+barGap)-barGap, 1)}
		for o := range n {
			before, after := at(r.Before, o), at(r.After, o)
			v.Before += before
			v.After += after
			row.Bars = append(row.Bars, barView{
				Octave: o % colours, Y: o * (barHeight + barGap),
				Before: length(before, most), After: length(after, most),
			})
		}
		row.Text = plus(r.Before) + " → " + plus(r.After)
		v.Rows = append(v.Rows, row)
	}
	if v.Before > 0 {
		v.Kept = fmt.Sprintf("%.0f%%", 100*float64(v.After)/float64(v.Before))
	}
	return v
}

func length(n, most int) float64 { return math.Round(1000 * float64(n) / float64(most)) }

func plus(list []int) string {
	if len(list) == 0 {
		return "0"
	}
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, " + ")
}
