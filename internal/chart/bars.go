package chart

import (
	"fmt"
	"strings"
)

// Bars shows counts before and after, a bar for each part of each row: of the channels
// of a net, a row a layer and a part an octave.
type Bars struct {
	Title string // for readers who do not see it
	Part  string // what the parts are called, "octave"
	Rows  []BarRow
}

// BarRow is a row's counts, by part.
type BarRow struct {
	Name          string
	First         int // number of the first part
	Before, After []int
}

// The parts of the figure, in the drawing's units.
const (
	barsLeft   = 112
	barsRight  = 84 // for the numbers
	barsHeight = 9
	barsGap    = 3
	barsBelow  = 8 // a row
)

// SVG is the figure as a file of its own: what went is faint behind what is left.
func (b Bars) SVG() ([]byte, error) { return b.draw().svg() }

// PNG is the same picture in 1320 pixels across.
func (b Bars) PNG() ([]byte, error) { return b.draw().png(pngScale) }

func (b Bars) draw() *drawing {
	most, parts := 1, 0
	for _, r := range b.Rows {
		parts = max(parts, r.First+len(r.Before))
		for _, n := range r.Before {
			most = max(most, n)
		}
	}
	d := &drawing{w: width, h: top, words: b.words()}
	scale := (width - barsLeft - barsRight) / float64(most)
	for _, r := range b.Rows {
		begin := d.h
		for k, before := range r.Before {
			y := d.h + barsHeight/2.
			after := 0
			if k < len(r.After) {
				after = r.After[k]
			}
			colour := (r.First + k) % Colours
			if before > 0 {
				d.line(ink{role: inkCurve, colour: colour, faint: true}, barsHeight, xy{barsLeft, y}, xy{barsLeft + scale*float64(before), y})
			}
			if after > 0 {
				d.line(ink{role: inkCurve, colour: colour}, barsHeight, xy{barsLeft, y}, xy{barsLeft + scale*float64(after), y})
			}
			d.h += barsHeight + barsGap
		}
		middle := (begin+d.h-barsGap)/2 + 4.5
		d.write(ink{role: inkText}, xy{barsLeft - 8, middle}, end, r.Name)
		d.write(ink{role: inkSoft}, xy{width - 4, middle}, end, joinCounts(r.Before)+" → "+joinCounts(r.After))
		d.h += barsBelow
	}
	d.h += 12
	x := float64(legendLeft)
	for k := range parts {
		d.line(ink{role: inkCurve, colour: k % Colours}, barsHeight, xy{x, d.h - 4}, xy{x + keyWidth - 8, d.h - 4})
		d.write(ink{role: inkText}, xy{x + keyWidth, d.h}, start, fmt.Sprintf("%s %d", b.Part, k))
		x += keyWidth + 74
	}
	d.write(ink{role: inkSoft}, xy{x, d.h}, start, "faint: removed")
	d.h += 10
	return d
}

// joinCounts is "8+10".
func joinCounts(ns []int) string {
	words := make([]string, len(ns))
	for i, n := range ns {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, "+")
}

// words is the figure for readers who do not see it.
func (b Bars) words() string {
	said := []string{b.Title + "."}
	for _, r := range b.Rows {
		said = append(said, fmt.Sprintf("%s: %s to %s.", r.Name, joinCounts(r.Before), joinCounts(r.After)))
	}
	return strings.Join(said, " ")
}
