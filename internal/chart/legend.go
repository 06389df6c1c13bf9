package chart

import "golang.org/x/image/font"

// legendItem is a line of the legend: how the curve looks, its name and its number.
type legendItem struct {
	look         shape
	name, number string
	width        float64 // drawn
}

func (p *plot) legend() []legendItem {
	var all []legendItem
	for i, look := range p.styles() {
		s := p.chart.Series[i]
		all = append(all, legendItem{look: look, name: s.Name, number: p.chart.number(s, p.runs[i])})
	}
	return all
}

// The legend's room, and the gaps between name and number and between entries.
const (
	legendLeft = 8
	legendRoom = width - right - legendLeft
	numberGap  = 8
	entryGap   = 18
)

// drawLegend writes the legend below the drawing, as many entries on a line as fit,
// so that it covers no curve.
func (p *plot) drawLegend(d *drawing, face font.Face) {
	items := p.legend()
	for i := range items {
		it := &items[i]
		tail := keyWidth + numberGap + measure(face, it.number)*boldWider
		it.name = fit(face, it.name, legendRoom-tail)
		it.width = tail + measure(face, it.name)
	}
	y := d.h + 12
	if p.chart.Numbers != "" {
		d.write(ink{role: inkSoft}, xy{legendLeft, y}, start, "In bold: "+p.chart.Numbers)
		y += lineHeight
	}
	x := float64(legendLeft)
	for _, it := range items {
		if x > legendLeft && x+it.width > legendLeft+legendRoom {
			x, y = legendLeft, y+lineHeight
		}
		it.draw(d, xy{x, y}, face)
		x += it.width + entryGap
	}
	d.h = y + 10
}

// boldWider is how much wider bold digits are, at most.
const boldWider = 1.1

func (it legendItem) draw(d *drawing, at xy, face font.Face) {
	look := it.look
	look.points = []xy{{at.x, at.y - 4}, {at.x + keyWidth - 8, at.y - 4}}
	d.shapes = append(d.shapes, look)
	d.write(ink{role: inkText}, xy{at.x + keyWidth, at.y}, start, it.name)
	if it.number != "" {
		d.shapes = append(d.shapes, shape{ink: ink{role: inkText}, text: it.number, bold: true,
			at: xy{at.x + keyWidth + measure(face, it.name) + numberGap, at.y}})
	}
}
