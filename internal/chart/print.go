package chart

import (
	"fmt"
	"strings"
)

// SVG is the chart as a file of its own: fixed colours on white, the legend below.
func (c Chart) SVG() ([]byte, error) {
	d, err := c.withLegend()
	if err != nil {
		return nil, err
	}
	return d.svg()
}

// PNG is the same picture in 1320 pixels across.
func (c Chart) PNG() ([]byte, error) {
	d, err := c.withLegend()
	if err != nil {
		return nil, err
	}
	return d.png(pngScale)
}

func (c Chart) withLegend() (*drawing, error) {
	f, err := newFonts(1)
	if err != nil {
		return nil, err
	}
	p, some := newPlot(c)
	if !some {
		d := &drawing{w: width, h: top + plotHeight + belowPlot, words: c.Title + ": no values."}
		d.write(ink{role: inkSoft}, xy{d.w / 2, d.h / 2}, middle, "No values to draw.")
		return d, nil
	}
	d := p.draw()
	p.drawLegend(d, f.regular)
	return d, nil
}

// Inline is a chart as part of a page, whose style gives the colours of its
// classes: ink, strong, grid, axis, curve, faint and s0 to s5.
type Inline struct {
	SVG    string // one svg element, without the legend; empty when there is nothing to draw
	Legend []Key
}

// Key is an entry of the legend.
type Key struct {
	SVG          string // a sample of the line
	Name, Number string
}

// Inline draws the chart for a page.
func (c Chart) Inline() (Inline, error) {
	p, some := newPlot(c)
	if !some {
		return Inline{}, nil
	}
	var out Inline
	for _, it := range p.legend() {
		look := it.look
		look.points = []xy{{1, 5}, {27, 5}}
		var b strings.Builder
		b.WriteString(`<svg width="28" height="10" aria-hidden="true">`)
		look.printLine(&b, classes)
		b.WriteString("</svg>")
		out.Legend = append(out.Legend, Key{SVG: b.String(), Name: it.name, Number: it.number})
	}
	d := p.draw()
	var err error
	out.SVG, err = d.inline()
	return out, err
}

// inline is the drawing as an element of a page.
func (d *drawing) inline() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %s %s" font-size="%d" role="img" aria-label="%s">`+"\n", number(d.w), number(d.h), fontSize, escape(d.words))
	if err := d.print(&b, classes); err != nil {
		return "", err
	}
	b.WriteString("</svg>")
	return b.String(), nil
}
