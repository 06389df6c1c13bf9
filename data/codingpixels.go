package data

import (
	"image"
	"image/color"

	"csnet/internal/imagefile"
)

// undecided is the level of void pixels: not above 128, and half way as a target.
const undecided = 128

// voidColour is what PASCAL VOC's palette gives to number 255, the border line
// around objects.
const voidColour = 0xe0e0c0

// near is how far a channel may be from the foreground's colour.
const near = 32

// toMask writes img as grey levels into dst (1 byte a pixel), read as c says.
func toMask(dst []uint8, img image.Image, c Coding) {
	switch c.Kind {
	case MaskAlpha:
		alphaLevels(dst, img)
	case MaskIndex:
		classLevels(dst, img, c)
	case MaskColor:
		colourLevels(dst, imagefile.Narrow(img, c.Bits), c.Colour)
	default:
		toGrey(dst, imagefile.Narrow(img, c.Bits))
		stretch(dst, c.Top)
	}
}

// stretch makes level top 255, those between in proportion.
func stretch(pix []uint8, top uint8) {
	if top == 0 || top == 255 {
		return
	}
	var table [256]uint8
	for v := range table {
		table[v] = uint8(min((v*255+int(top)/2)/int(top), 255))
	}
	for i, v := range pix {
		pix[i] = table[v]
	}
}

// alphaLevels writes the alpha channel; a picture without one is opaque.
func alphaLevels(dst []uint8, img image.Image) {
	b := img.Bounds()
	w := b.Dx()
	var table [256]uint8
	if m, ok := img.(*image.Paletted); ok {
		for i, c := range m.Palette[:min(256, len(m.Palette))] {
			table[i] = color.NRGBAModel.Convert(c).(color.NRGBA).A
		}
	}
	for y := range b.Dy() {
		row := dst[y*w : (y+1)*w]
		switch m := img.(type) {
		case *image.NRGBA:
			for x := range row {
				row[x] = m.Pix[y*m.Stride+4*x+3]
			}
		case *image.NRGBA64:
			for x := range row {
				row[x] = m.Pix[y*m.Stride+8*x+6]
			}
		case *image.Paletted:
			for x := range row {
				row[x] = table[m.Pix[y*m.Stride+x]]
			}
		default:
			for x := range row {
				_, _, _, a := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
				row[x] = uint8(a >> 8)
			}
		}
	}
}

// classLevels writes 255 for every class but number 0 and black (up to Above).
// Files with a palette count by number, grey ones by level, others by colour.
func classLevels(dst []uint8, img image.Image, c Coding) {
	level := func(v int, above uint8) uint8 {
		switch {
		case v <= int(above):
			return 0
		case v == 255 && c.Void:
			return undecided
		}
		return 255
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	switch m := img.(type) {
	case *image.Paletted:
		for y := range h {
			for x, v := range m.Pix[y*m.Stride:][:w] {
				dst[y*w+x] = level(int(v), 0)
			}
		}
	case *image.Gray:
		for y := range h {
			for x, v := range m.Pix[y*m.Stride:][:w] {
				dst[y*w+x] = level(int(v), c.Above)
			}
		}
	case *image.Gray16:
		for y := range h {
			for x := range w {
				p := m.Pix[y*m.Stride+2*x:]
				dst[y*w+x] = level(int(p[0])<<8|int(p[1]), c.Above)
			}
		}
	default:
		rgb := make([]uint8, 3*w*h)
		imagefile.RGB(rgb, imagefile.Narrow(img, c.Bits))
		for i := range dst[:w*h] {
			dst[i] = c.ofColour(rgb[3*i], rgb[3*i+1], rgb[3*i+2])
		}
	}
}

// ofColour is classLevels for one coloured pixel.
func (c Coding) ofColour(r, g, b uint8) uint8 {
	switch {
	case max(r, g, b) <= c.Above:
		return 0
	case uint32(r)<<16|uint32(g)<<8|uint32(b) == voidColour:
		return undecided
	}
	return 255
}

// colourLevels writes 255 where the picture has the colour, give or take near,
// else 0. How white or black a pixel is goes by degrees: white is its smallest
// channel, black 255 less its largest, so that soft edges stay soft.
func colourLevels(dst []uint8, img image.Image, colour [3]uint8) {
	b := img.Bounds()
	n := b.Dx() * b.Dy()
	rgb := make([]uint8, 3*n)
	imagefile.RGB(rgb, img)
	for i := range dst[:n] {
		p := rgb[3*i : 3*i+3]
		switch colour {
		case [3]uint8{}:
			dst[i] = 255 - max(p[0], p[1], p[2])
			continue
		case [3]uint8{255, 255, 255}:
			dst[i] = min(p[0], p[1], p[2])
			continue
		}
		dst[i] = 255
		for k, v := range p {
			if d := int(v) - int(colour[k]); d > near || d < -near {
				dst[i] = 0
			}
		}
	}
}
