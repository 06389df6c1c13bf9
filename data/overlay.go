package data

import (
	"context"
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"csnet/internal/parallel"
)

// The contact sheet of Overlay: tiles of up to tileW x tileH pixels with a line of
// text below.
const (
	sheetTiles   = 24
	sheetColumns = 4
	tileW, tileH = 260, 200
	tileGap      = 8
	tileText     = 18
)

// Overlay draws a contact sheet: up to 24 photos spread evenly over the pairs, each
// as it is read with its mask laid over in magenta, so that one sees whether masks
// are understood. A pair that cannot be read is an empty tile that says so.
// Errors: no pairs; a cancelled ctx.
func Overlay(ctx context.Context, pairs []Pair) (*image.RGBA, error) {
	n := min(len(pairs), sheetTiles)
	if n == 0 {
		return nil, noPairs("overlay")
	}
	columns := min(n, sheetColumns)
	rows := (n + columns - 1) / columns
	cellW, cellH := tileW+tileGap, tileH+tileText+tileGap
	sheet := image.NewRGBA(image.Rect(0, 0, columns*cellW+tileGap, rows*cellH+tileGap))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.Gray{Y: 245}), image.Point{}, draw.Src)
	readers, room := make([]reader, parallel.Workers(n)), newRoom()
	err := parallel.Each(ctx, len(readers), n, nil, func(worker, i int) error {
		at := image.Pt(tileGap+i%columns*cellW, tileGap+i/columns*cellH)
		p := pairs[i*len(pairs)/n]
		defer readers[worker].hold(room, 4, p.Image, p.Mask)()
		tile(sheet, at, &readers[worker], p)
		return nil
	})
	return sheet, err
}

// tile draws one pair with its corner at a point of the sheet.
func tile(sheet *image.RGBA, at image.Point, r *reader, p Pair) {
	text := p.Stem
	photo, mask, _, err := r.readPair(p)
	if err != nil {
		text += ": cannot be read"
	} else {
		img := overlaid(photo, mask)
		w, h := tileW, img.Rect.Dy()*tileW/max(img.Rect.Dx(), 1)
		if h > tileH {
			w, h = img.Rect.Dx()*tileH/img.Rect.Dy(), tileH
		}
		to := image.Rect(0, 0, max(w, 1), max(h, 1)).Add(at)
		draw.ApproxBiLinear.Scale(sheet, to, img, img.Rect, draw.Src, nil)
	}
	for len(text) > tileW/7 {
		text = text[:len(text)-1]
	}
	d := font.Drawer{Dst: sheet, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y+tileH+13)}
	d.DrawString(text)
}

// overlaid lays a mask over its photo: magenta where the mask is light, the photo
// paled elsewhere.
func overlaid(p *Photo, m *Mask) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.W, p.H))
	tint := [3]int{255, 0, 160}
	for i, v := range m.Pix {
		for c := range 3 {
			ground := int(p.Pix[3*i+c])*3/4 + 32
			object := (int(p.Pix[3*i+c]) + tint[c]) / 2
			img.Pix[4*i+c] = uint8((ground*(255-int(v)) + object*int(v)) / 255)
		}
		img.Pix[4*i+3] = 255
	}
	return img
}
