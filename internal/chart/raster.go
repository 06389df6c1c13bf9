package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// pngScale is how many pixels a unit has in a PNG: 1320 across.
const pngScale = 3

// png is the drawing as a PNG file, on white.
func (d *drawing) png(scale float64) ([]byte, error) {
	img, err := d.raster(scale)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return b.Bytes(), nil
}

func (d *drawing) raster(scale float64) (*image.RGBA, error) {
	faces, err := newFonts(scale)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, int(math.Ceil(d.w*scale)), int(math.Ceil(d.h*scale))))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	pen := stroker{scale: scale, area: vector.NewRasterizer(0, 0)}
	for _, s := range d.shapes {
		switch {
		case s.img != nil:
			box := image.Rect(round(s.box[0].x*scale), round(s.box[0].y*scale), round(s.box[1].x*scale), round(s.box[1].y*scale))
			draw.NearestNeighbor.Scale(img, box, s.img, s.img.Bounds(), draw.Src, nil)
		case s.text != "":
			faces.write(img, s, scale)
		default:
			pen.stroke(img, s)
		}
	}
	return img, nil
}

func round(f float64) int { return int(math.Round(f)) }

// write draws a text. One that reads upwards is drawn lying and then turned.
func (f fonts) write(img *image.RGBA, s shape, scale float64) {
	face := f.regular
	if s.bold {
		face = f.bold
	}
	long := measure(face, s.text)
	back := [...]float64{start: 0, middle: long / 2, end: long}[s.anchor]
	at := xy{s.at.x * scale, s.at.y * scale}
	colour := image.NewUniform(paperColour(s.ink))
	if !s.turned {
		dot := fixed.Point26_6{X: fixed.Int26_6((at.x - back) * 64), Y: fixed.Int26_6(at.y * 64)}
		(&font.Drawer{Dst: img, Src: colour, Face: face, Dot: dot}).DrawString(s.text)
		return
	}
	m := face.Metrics()
	up, high := m.Ascent.Ceil(), m.Ascent.Ceil()+m.Descent.Ceil()
	lying := image.NewAlpha(image.Rect(0, 0, int(long)+2, high))
	(&font.Drawer{Dst: lying, Src: image.NewUniform(color.Alpha{255}), Face: face, Dot: fixed.P(1, up)}).DrawString(s.text)
	standing := image.NewAlpha(image.Rect(0, 0, high, lying.Rect.Dx()))
	for y := range high {
		for x := range lying.Rect.Dx() {
			standing.SetAlpha(y, lying.Rect.Dx()-1-x, lying.AlphaAt(x, y))
		}
	}
	corner := image.Pt(round(at.x)-up, round(at.y+back)-lying.Rect.Dx())
	draw.DrawMask(img, standing.Rect.Add(corner), colour, image.Point{}, standing, image.Point{}, draw.Over)
}
