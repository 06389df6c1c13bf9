package imagefile

import (
	"image"
	"image/color"
)

// Alpha writes the alpha of row y into row (1 byte a pixel): 255 where the picture
// is opaque, as most kinds are throughout; of 16 bits the upper 8.
func (r *Rows) Alpha(row []uint8, y int) {
	b := r.img.Bounds()
	y += b.Min.Y
	switch m := r.img.(type) {
	case *image.NYCbCrA:
		copy(row, m.A[m.AOffset(b.Min.X, y):])
	case *image.NRGBA:
		fourth(row, m.Pix[m.PixOffset(b.Min.X, y):], 4, 3)
	case *image.RGBA:
		fourth(row, m.Pix[m.PixOffset(b.Min.X, y):], 4, 3)
	case *image.NRGBA64:
		fourth(row, m.Pix[m.PixOffset(b.Min.X, y):], 8, 6)
	case *image.RGBA64:
		fourth(row, m.Pix[m.PixOffset(b.Min.X, y):], 8, 6)
	case *image.YCbCr, *image.Gray, *image.Gray16, *image.CMYK:
		for x := range row {
			row[x] = 255
		}
	default:
		for x := range row {
			row[x] = color.NRGBAModel.Convert(m.At(b.Min.X+x, y)).(color.NRGBA).A
		}
	}
}

func fourth(row, pix []uint8, pixel, at int) {
	for x := range row {
		row[x] = pix[x*pixel+at]
	}
}
