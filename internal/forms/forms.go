// Package forms makes of a photo and its saliency map what people use: a mask, the
// object cut out of its background or laid on another, an overlay, the photo
// cropped to the object, and numbers about it. It takes and returns values; rows
// are made as they are asked for.
package forms

import (
	"image"
	"image/color"

	"csnet/internal/imagefile"
)

// Raster is a picture whose rows are made one by one, from top to bottom: 8 bits a
// sample, Channels of them a pixel: 1 grey, 3 RGB, 4 RGB and alpha, not multiplied.
type Raster struct {
	W, H, Channels int
	Row            func(dst []uint8, y int)
}

// Map is an 8-bit saliency map of a photo's size.
type Map struct {
	W, H int
	Pix  []uint8 // W*H, row by row
}

// Grey is the map as a picture.
func (m Map) Grey() Raster {
	return Raster{m.W, m.H, 1, func(dst []uint8, y int) { copy(dst, m.Pix[y*m.W:(y+1)*m.W]) }}
}

// Mask is white where the map is above a threshold, else black.
func (m Map) Mask(threshold uint8) Raster {
	var level [256]uint8
	for v := int(threshold) + 1; v < 256; v++ {
		level[v] = 255
	}
	return Raster{m.W, m.H, 1, func(dst []uint8, y int) {
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			dst[x] = level[v]
		}
	}}
}

// Otsu is the threshold that parts the map's levels into the two groups of the
// largest variance between them (N. Otsu, 1979); 127 for a map of one level.
func (m Map) Otsu() uint8 {
	var count [256]float64
	for _, v := range m.Pix {
		count[v]++
	}
	total, sum := float64(len(m.Pix)), 0.0
	for v, n := range count {
		sum += float64(v) * n
	}
	best, at := 0.0, 127
	below, sumBelow := 0.0, 0.0
	for v, n := range count[:255] {
		below, sumBelow = below+n, sumBelow+float64(v)*n
		if below == 0 || below == total {
			continue
		}
		d := sumBelow/below - (sum-sumBelow)/(total-below)
		if between := below * (total - below) * d * d; between > best {
			best, at = between, v
		}
	}
	return uint8(at)
}

// CutOut is the photo with the map as its alpha; where the photo was transparent
// itself it is so still. Colours near the object's edge, which are a mixture with
// the old background there, are kept.
func CutOut(photo *imagefile.Rows, m Map) Raster {
	rgb, alpha := make([]uint8, 3*m.W), make([]uint8, m.W)
	return Raster{m.W, m.H, 4, func(dst []uint8, y int) {
		photo.RGB(rgb, y)
		photo.Alpha(alpha, y)
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			p := dst[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = rgb[3*x], rgb[3*x+1], rgb[3*x+2], times(v, alpha[x])
		}
	}}
}

// times is a*b/255, rounded.
func times(a, b uint8) uint8 {
	v := uint32(a)*uint32(b) + 128
	return uint8((v + v>>8) >> 8)
}

// On lays a cut-out on a background of its size.
func On(cut Raster, background *imagefile.Rows) Raster {
	row, back := make([]uint8, 4*cut.W), make([]uint8, 3*cut.W)
	return Raster{cut.W, cut.H, 3, func(dst []uint8, y int) {
		cut.Row(row, y)
		background.RGB(back, y)
		for x := range cut.W {
			p, a := row[4*x:4*x+4:4*x+4], row[4*x+3]
			for c := range 3 {
				dst[3*x+c] = times(p[c], a) + times(back[3*x+c], 255-a)
			}
		}
	}}
}

// Overlay is the photo with the map laid over it in a colour, half of it at most.
func Overlay(photo *imagefile.Rows, m Map, tint color.NRGBA) Raster {
	colour := [3]uint8{tint.R, tint.G, tint.B}
	return Raster{m.W, m.H, 3, func(dst []uint8, y int) {
		photo.RGB(dst[:3*m.W], y)
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			a := v / 2
			for c := range 3 {
				p := &dst[3*x+c]
				*p = times(*p, 255-a) + times(colour[c], a)
			}
		}
	}}
}

// Crop is the part of the photo in r.
func Crop(photo *imagefile.Rows, w int, r image.Rectangle) Raster {
	rgb := make([]uint8, 3*w)
	return Raster{r.Dx(), r.Dy(), 3, func(dst []uint8, y int) {
		photo.RGB(rgb, r.Min.Y+y)
		copy(dst, rgb[3*r.Min.X:3*r.Max.X])
	}}
}

// Image makes all rows: an *image.Gray, or an *image.NRGBA.
func (r Raster) Image() image.Image {
	b := image.Rect(0, 0, r.W, r.H)
	if r.Channels == 1 {
		m := image.NewGray(b)
		for y := range r.H {
			r.Row(m.Pix[y*m.Stride:(y+1)*m.Stride], y)
		}
		return m
	}
	m := image.NewNRGBA(b)
	row := make([]uint8, r.Channels*r.W)
	for y := range r.H {
		out := m.Pix[y*m.Stride : (y+1)*m.Stride]
		if r.Channels == 4 {
			r.Row(out, y)
			continue
		}
		r.Row(row, y)
		for x := range r.W {
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 255
		}
	}
	return m
}
