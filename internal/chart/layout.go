package chart

// The parts of a line chart, in the drawing's units.
const (
	width      = 440
	leftMost   = 58 // where the plot begins, unless its numbers are long
	right      = 16
	top        = 10
	plotHeight = 226
	belowPlot  = 44 // numbers and label of the x axis
	lineHeight = 19 // of the legend
	keyWidth   = 30 // a line's sample in the legend
)

// plot is a chart with its points placed.
type plot struct {
	chart Chart
	runs  [][][]xy
	x, y  axis
	left  float64 // where the plot begins
}

// newPlot works out the axes; false when there is nothing to draw.
func newPlot(c Chart) (*plot, bool) {
	p := &plot{chart: c, runs: make([][][]xy, len(c.Series))}
	xs, ys := newRange(), newRange()
	for i, s := range c.Series {
		p.runs[i] = s.runs(c.LogY)
		for _, run := range p.runs[i] {
			for _, q := range run {
				xs.add(q.x)
				ys.add(q.y)
			}
		}
	}
	if xs.empty() {
		return p, false
	}
	p.y = axis{span: ys.open(c.LogY), from: top + plotHeight, to: top, log: c.LogY}
	if !c.LogY {
		p.y.span = p.y.span.round()
	}
	if c.Y.fixed() {
		p.y.span = span{c.Y.From, c.Y.To}
	}
	p.left = p.room()
	p.x = axis{span: xs.open(false), from: p.left, to: width - right}
	if c.X.fixed() {
		p.x.span = span{c.X.From, c.X.To}
	}
	return p, true
}

// room is what the y axis's label and its numbers take. A digit is up to 8.3 units
// wide in the fonts that browsers use.
func (p *plot) room() float64 {
	longest := 0
	for _, t := range p.y.marks(p.chart.Y.Marks, 5) {
		longest = max(longest, len([]rune(t.text)))
	}
	label := 0.
	if p.chart.YLabel != "" {
		label = 22
	}
	return max(leftMost, label+8.3*float64(longest)+9)
}

// draw lays out axes and curves, without the legend.
func (p *plot) draw() *drawing {
	d := &drawing{w: width, h: top + plotHeight + belowPlot, words: p.chart.summary(p.runs)}
	p.axes(d)
	for i, curve := range p.styles() {
		for _, run := range p.runs[i] {
			s := curve
			s.title = p.chart.Series[i].Name
			for _, q := range run {
				s.points = append(s.points, xy{p.x.place(q.x), p.y.place(q.y)})
			}
			if samePlace(s.points) { // a point of its own
				s.points, s.width, s.dash = s.points[:1], 6, nil
				s.points = append(s.points, s.points[0])
			}
			d.shapes = append(d.shapes, s)
		}
	}
	return d
}

// samePlace says whether points cover too little to be seen as a line.
func samePlace(points []xy) bool {
	for _, q := range points {
		if dx, dy := q.x-points[0].x, q.y-points[0].y; dx*dx+dy*dy > 1 {
			return false
		}
	}
	return true
}

// styles are the curves' looks: a faint one takes the colour of the next that is not.
func (p *plot) styles() []shape {
	var all []shape
	curve := 0
	for _, s := range p.chart.Series {
		look := shape{ink: ink{role: inkCurve, colour: curve % Colours, faint: s.Faint}, width: 2, round: true}
		switch {
		case s.Faint:
			look.width = 1
		case s.Dashed:
			look.dash = baselineDash()
		default:
			look.dash = dashes(curve)
		}
		if !s.Faint {
			curve++
		}
		all = append(all, look)
	}
	return all
}

// axes draws the grid, the numbers and the labels.
func (p *plot) axes(d *drawing) {
	bottom := float64(top + plotHeight)
	soft, grid, rim := ink{role: inkSoft}, ink{role: inkGrid}, ink{role: inkAxis}
	for _, t := range p.y.marks(p.chart.Y.Marks, 5) {
		d.line(grid, 1, xy{p.left, t.at}, xy{width - right, t.at})
		d.write(soft, xy{p.left - 7, t.at + 4.5}, end, t.text)
	}
	for _, t := range p.x.marks(p.chart.X.Marks, 6) {
		d.line(rim, 1, xy{t.at, bottom}, xy{t.at, bottom + 4})
		d.write(soft, xy{t.at, bottom + 18}, middle, t.text)
	}
	d.line(rim, 1, xy{p.left, bottom}, xy{width - right, bottom})
	d.write(soft, xy{(p.left + width - right) / 2, bottom + 37}, middle, p.chart.XLabel)
	if p.chart.YLabel != "" {
		d.shapes = append(d.shapes, shape{ink: soft, at: xy{14, top + plotHeight/2}, anchor: middle, text: p.chart.YLabel, turned: true})
	}
}
