package chart

import (
	"fmt"
	"image"
	"math"
)

// Heat is a map of cells over a square that stands for a picture, with axes and a
// scale of its colours.
type Heat struct {
	Title          string // for readers who do not see it
	XLabel, YLabel string
	Scale          string    // what the colours stand for
	Cells          []float64 // Side rows of Side values >= 0, from the top left
	Side           int
	Centre         *[2]float64 // marked with a cross: x and y from the top left, 0..1
	Notes          []string    // lines below
}

// The parts of a heat map, in the drawing's units.
const (
	heatSide  = 320
	heatLeft  = 58
	heatTop   = 14
	barGap    = 22
	barWidth  = 16
	barNumber = 70 // numbers and label of the scale
)

// PNG is the map in 1458 pixels across. Errors: a number of cells other than
// Side*Side; a cell that is negative or not finite.
func (h Heat) PNG() ([]byte, error) {
	d, err := h.draw()
	if err != nil {
		return nil, err
	}
	return d.png(pngScale)
}

// SVG is the same picture as SVG.
func (h Heat) SVG() ([]byte, error) {
	d, err := h.draw()
	if err != nil {
		return nil, err
	}
	return d.svg()
}

func (h Heat) draw() (*drawing, error) {
	if h.Side < 1 || len(h.Cells) != h.Side*h.Side {
		return nil, fmt.Errorf("chart: heat map has %d cells, must be %dx%d", len(h.Cells), h.Side, h.Side)
	}
	high := 0.0
	for i, v := range h.Cells {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("chart: heat map: cell %d is %g, must be at least 0 and finite", i, v)
		}
		high = max(high, v)
	}
	d := &drawing{w: heatLeft + heatSide + barGap + barWidth + barNumber, h: heatTop + heatSide + belowPlot, words: h.Title}
	top := high
	if top == 0 {
		top = 1
	}
	d.shapes = append(d.shapes,
		shape{img: h.picture(top), box: [2]xy{{heatLeft, heatTop}, {heatLeft + heatSide, heatTop + heatSide}}},
		shape{img: scalePicture(), box: [2]xy{{barLeft, heatTop}, {barLeft + barWidth, heatTop + heatSide}}})
	h.axes(d, top)
	if h.Centre != nil {
		h.cross(d, *h.Centre)
	}
	for _, line := range h.Notes {
		d.h += lineHeight
		d.write(ink{role: inkSoft}, xy{heatLeft, d.h - 3}, start, line)
	}
	d.h += 6
	return d, nil
}

// barLeft is where the scale begins.
const barLeft = heatLeft + heatSide + barGap

func (h Heat) picture(top float64) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, h.Side, h.Side))
	for i, v := range h.Cells {
		img.SetRGBA(i%h.Side, i/h.Side, viridis(v/top))
	}
	return img
}

// scalePicture is the column of colours, the largest at the top.
func scalePicture() image.Image {
	const steps = 128
	img := image.NewRGBA(image.Rect(0, 0, 1, steps))
	for y := range steps {
		img.SetRGBA(0, y, viridis(1-(float64(y)+.5)/steps))
	}
	return img
}

func (h Heat) axes(d *drawing, top float64) {
	soft, rim := ink{role: inkSoft}, ink{role: inkAxis}
	bottom := float64(heatTop + heatSide)
	unit := axis{span: span{0, 1}, from: heatLeft, to: heatLeft + heatSide}
	for _, t := range unit.ticks(5) {
		d.line(rim, 1, xy{t.at, bottom}, xy{t.at, bottom + 4})
		d.write(soft, xy{t.at, bottom + 18}, middle, t.text)
	}
	unit.from, unit.to = heatTop, bottom
	for _, t := range unit.ticks(5) {
		d.line(rim, 1, xy{heatLeft - 4, t.at}, xy{heatLeft, t.at})
		d.write(soft, xy{heatLeft - 7, t.at + 4.5}, end, t.text)
	}
	scale := axis{span: span{0, top}, from: bottom, to: heatTop}
	for _, t := range scale.ticks(5) {
		d.line(rim, 1, xy{barLeft + barWidth, t.at}, xy{barLeft + barWidth + 4, t.at})
		d.write(soft, xy{barLeft + barWidth + 8, t.at + 4.5}, start, t.text)
	}
	d.write(soft, xy{heatLeft + heatSide/2, bottom + 37}, middle, h.XLabel)
	d.shapes = append(d.shapes,
		shape{ink: soft, at: xy{14, heatTop + heatSide/2}, anchor: middle, text: h.YLabel, turned: true},
		shape{ink: soft, at: xy{d.w - 10, heatTop + heatSide/2}, anchor: middle, text: h.Scale, turned: true})
}

// cross marks a place, dark on light so that it stands out on every colour.
func (h Heat) cross(d *drawing, at [2]float64) {
	x, y := heatLeft+at[0]*heatSide, heatTop+at[1]*heatSide
	for _, s := range []shape{{ink: ink{role: inkPaper}, width: 5}, {ink: ink{role: inkText}, width: 2}} {
		for _, ends := range [][]xy{{{x - 9, y}, {x + 9, y}}, {{x, y - 9}, {x, y + 9}}} {
			s.points = ends
			d.shapes = append(d.shapes, s)
		}
	}
}
