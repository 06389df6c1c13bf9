package data

import (
	"image"

	"csnet/internal/imagefile"
)

// toGrey writes img as 8-bit grey into dst (1 byte a pixel): grey as stored, of
// 16 bits the upper 8, anything else by way of RGB and ITU-R 601 luma, rounded
// as convert("L") of Pillow does.
func toGrey(dst []uint8, img image.Image) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	switch m := img.(type) {
	case *image.Gray:
		for y := range h {
			copy(dst[y*w:(y+1)*w], m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.Gray16:
		for y := range h {
			at := m.PixOffset(b.Min.X, b.Min.Y+y)
			for x := range w {
				dst[y*w+x] = m.Pix[at+2*x]
			}
		}
	case *image.Paletted:
		var greys [256]uint8
		for i, c := range imagefile.Palette(m.Palette) {
			greys[i] = luma(c[0], c[1], c[2])
		}
		for y := range h {
			at := m.PixOffset(b.Min.X, b.Min.Y+y)
			for x, v := range m.Pix[at : at+w] {
				dst[y*w+x] = greys[v]
			}
		}
	default:
		rgb := make([]uint8, 3*w*h)
		imagefile.RGB(rgb, img)
		for i := range dst[:w*h] {
			dst[i] = luma(rgb[3*i], rgb[3*i+1], rgb[3*i+2])
		}
	}
}

// luma is 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; grey stays as it is.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}
