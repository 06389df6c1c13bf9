package synth

import (
	"image"
	"image/color"
	"math"
)

// canvas is a picture being painted, in linear floats, with the share of each
// pixel that salient objects cover.
type canvas struct {
	w, h  int
	side  float64 // the shorter side, the unit of (u, v)
	pix   []rgb
	cover []float64
}

func newCanvas(w, h int) *canvas {
	return &canvas{w: w, h: h, side: float64(min(w, h)), pix: make([]rgb, w*h), cover: make([]float64, w*h)}
}

// fill paints every pixel.
func (c *canvas) fill(at func(u, v float64) rgb) {
	for y := range c.h {
		for x := range c.w {
			c.pix[y*c.w+x] = at((float64(x)+.5)/c.side, (float64(y)+.5)/c.side)
		}
	}
}

// placed is a shape somewhere on a canvas: centre in (u, v), size in sides.
type placed struct {
	shape    shape
	u, v     float64
	size     float64
	sin, cos float64
}

// distance is the signed distance of (u, v) to the outline, in sides.
func (p placed) distance(u, v float64) float64 {
	du, dv := (u-p.u)/p.size, (v-p.v)/p.size
	return p.size * p.shape(p.cos*du+p.sin*dv, p.cos*dv-p.sin*du)
}

// each calls do for every pixel that lies less than 1.5 sizes, or pixels, from the centre of p
// with the share of it that p covers; blur is the width of the edge in pixels.
func (c *canvas) each(p placed, blur float64, do func(i int, u, v, cover float64)) {
	reach := 1.5*p.size + (blur+1)/c.side
	x0, x1 := c.span(p.u, reach, c.w)
	y0, y1 := c.span(p.v, reach, c.h)
	for y := y0; y < y1; y++ {
		v := (float64(y) + .5) / c.side
		for x := x0; x < x1; x++ {
			u := (float64(x) + .5) / c.side
			if t := clip(.5 - p.distance(u, v)*c.side/blur); t > 0 {
				do(y*c.w+x, u, v, t)
			}
		}
	}
}

func (c *canvas) span(middle, reach float64, n int) (from, to int) {
	from = int(math.Floor((middle - reach) * c.side))
	to = int(math.Ceil((middle + reach) * c.side))
	return max(from, 0), min(to, n)
}

// lay paints a shape with one colour, opacity in 0..1.
func (c *canvas) lay(p placed, col rgb, opacity, blur float64) {
	c.each(p, blur, func(i int, _, _, cover float64) {
		c.pix[i] = c.pix[i].mix(col, opacity*cover)
	})
}

// images are the canvas in 8 bits: the picture, and the mask of its objects.
func (c *canvas) images() (*image.NRGBA, *image.Gray) {
	img := image.NewNRGBA(image.Rect(0, 0, c.w, c.h))
	mask := image.NewGray(image.Rect(0, 0, c.w, c.h))
	for i, p := range c.pix {
		x, y := i%c.w, i/c.w
		img.SetNRGBA(x, y, color.NRGBA{eightBit(p.r), eightBit(p.g), eightBit(p.b), 255})
		mask.Pix[y*mask.Stride+x] = eightBit(c.cover[i])
	}
	return img, mask
}

func eightBit(v float64) uint8 { return uint8(math.Round(255 * clip(v))) }
