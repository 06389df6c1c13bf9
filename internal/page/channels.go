package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"csnet/internal/chart"
)

// Channels shows how many channels each layer has per octave, before and after.
type Channels []ChannelRow

// ChannelRow is one layer's channels per octave, finest first.
type ChannelRow struct {
	Layer         string
	Before, After []int
}

func (c Channels) view() (string, any, error) { return "channels", newChannels(c), nil }

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
				Octave: o % chart.Colours, Y: o * (barHeight + barGap),
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
