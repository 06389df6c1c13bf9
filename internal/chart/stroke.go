package chart

import (
	"image"
	"math"

	"golang.org/x/image/vector"
)

// stroker paints lines of some width: every piece a rectangle, with discs at joints
// and round ends. All are wound the same way, so that they add up to one area.
type stroker struct {
	scale float64
	area  *vector.Rasterizer
	box   image.Rectangle // of the image, where the area lies
}

func (p *stroker) stroke(img *image.RGBA, s shape) {
	points := make([]xy, len(s.points))
	for i, q := range s.points {
		points[i] = xy{q.x * p.scale, q.y * p.scale}
	}
	if !s.round {
		p.snap(points, s.width)
	}
	half := s.width * p.scale / 2
	p.begin(img, points, half)
	for _, piece := range broken(points, s.dash, p.scale) {
		p.polyline(piece, half, s.round && len(s.dash) == 0)
	}
	p.area.Draw(img, p.box, image.NewUniform(paperColour(s.ink)), image.Point{})
}

// begin makes room for a line of half a width of half: its part of the image.
func (p *stroker) begin(img *image.RGBA, points []xy, half float64) {
	x, y := newRange(), newRange()
	for _, q := range points {
		x.add(q.x)
		y.add(q.y)
	}
	edge := half + 1
	box := image.Rect(int(x.lo-edge), int(y.lo-edge), int(x.hi+edge)+1, int(y.hi+edge)+1)
	p.box = box.Intersect(img.Rect)
	p.area.Reset(p.box.Dx(), p.box.Dy())
}

// snap moves the lines of axis and grid to whole pixels, where they are sharp.
func (p *stroker) snap(points []xy, width float64) {
	off := 0.0
	if round(width*p.scale)%2 == 1 {
		off = .5
	}
	for i := range points {
		points[i] = xy{math.Floor(points[i].x) + off, math.Floor(points[i].y) + off}
	}
}

func (p *stroker) polyline(points []xy, half float64, ends bool) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		dx, dy := b.x-a.x, b.y-a.y
		if long := math.Hypot(dx, dy); long > 0 {
			nx, ny := -dy/long*half, dx/long*half
			p.polygon(xy{a.x + nx, a.y + ny}, xy{a.x - nx, a.y - ny}, xy{b.x - nx, b.y - ny}, xy{b.x + nx, b.y + ny})
		}
	}
	for i, q := range points {
		joint := i > 0 && i < len(points)-1
		if twice := i > 0 && q == points[i-1]; (ends || joint) && !twice {
			p.disc(q, half)
		}
	}
}

func (p *stroker) disc(at xy, r float64) {
	var corners [24]xy
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(corners)))
		corners[i] = xy{at.x + r*cos, at.y + r*sin}
	}
	p.polygon(corners[:]...)
}

func (p *stroker) polygon(points ...xy) {
	x, y := float64(p.box.Min.X), float64(p.box.Min.Y)
	p.area.MoveTo(float32(points[0].x-x), float32(points[0].y-y))
	for _, q := range points[1:] {
		p.area.LineTo(float32(q.x-x), float32(q.y-y))
	}
	p.area.ClosePath()
}

// broken cuts a line into the strokes of a dash pattern, whose lengths are in units
// of scale.
func broken(points []xy, dash []float64, scale float64) [][]xy {
	if len(dash) == 0 {
		return [][]xy{points}
	}
	var out [][]xy
	at, left, drawn := 0, dash[0]*scale, true
	piece := []xy{points[0]}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for long := math.Hypot(b.x-a.x, b.y-a.y); long > left; long = math.Hypot(b.x-a.x, b.y-a.y) {
			a = xy{a.x + (b.x-a.x)*left/long, a.y + (b.y-a.y)*left/long}
			if drawn {
				out = append(out, append(piece, a))
			}
			piece, drawn = []xy{a}, !drawn
			at = (at + 1) % len(dash)
			left = dash[at] * scale
		}
		left -= math.Hypot(b.x-a.x, b.y-a.y)
		piece = append(piece, b)
	}
	if drawn && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}
