package imagefile

import (
	"image"
	"image/color"

	"csnet/internal/kernel/pixels"
)

// RGB writes img as 8-bit RGB, interleaved, into dst (3 bytes a pixel). Alpha
// is dropped, the colour under it kept as stored; of 16 bits the upper 8 count;
// YCbCr and CMYK are converted as package image/color does. This is what
// convert("RGB") of Pillow gives.
func RGB(dst []uint8, img image.Image) {
	b := img.Bounds()
	r := NewRows(img)
	for y := range b.Dy() {
		r.RGB(dst[:3*b.Dx()], y)
		dst = dst[3*b.Dx():]
	}
}

// Rows reads the rows of a picture, counted from 0.
type Rows struct {
	img     image.Image
	colours [256][3]uint8 // of a palette
}

// NewRows reads img, which must not change.
func NewRows(img image.Image) *Rows {
	r := &Rows{img: img}
	if m, ok := img.(*image.Paletted); ok {
		r.colours = Palette(m.Palette)
	}
	return r
}

// RGB writes row y into row (3 bytes a pixel), as the function RGB does.
func (r *Rows) RGB(row []uint8, y int) {
	x0, w := r.img.Bounds().Min.X, len(row)/3
	y += r.img.Bounds().Min.Y
	switch m := r.img.(type) {
	case *image.YCbCr:
		rowYCbCr(row, m, y)
	case *image.NYCbCrA:
		rowYCbCr(row, &m.YCbCr, y)
	case *image.Gray:
		for i, v := range m.Pix[m.PixOffset(x0, y):][:w] {
			row[3*i], row[3*i+1], row[3*i+2] = v, v, v
		}
	case *image.Gray16:
		at := m.PixOffset(x0, y)
		for i := range w {
			v := m.Pix[at+2*i]
			row[3*i], row[3*i+1], row[3*i+2] = v, v, v
		}
	case *image.RGBA: // of a TIFF the colour is times alpha, as it is stored
		pick(row, m.Pix[m.PixOffset(x0, y):], 4, 1)
	case *image.NRGBA:
		pick(row, m.Pix[m.PixOffset(x0, y):], 4, 1)
	case *image.RGBA64:
		pick(row, m.Pix[m.PixOffset(x0, y):], 8, 2)
	case *image.NRGBA64:
		pick(row, m.Pix[m.PixOffset(x0, y):], 8, 2)
	case *image.CMYK:
		at := m.PixOffset(x0, y)
		for i := range w {
			p := m.Pix[at+4*i : at+4*i+4]
			row[3*i], row[3*i+1], row[3*i+2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
		}
	case *image.Paletted:
		for i, v := range m.Pix[m.PixOffset(x0, y):][:w] {
			copy(row[3*i:3*i+3], r.colours[v][:])
		}
	default:
		for i := range w {
			c := color.NRGBAModel.Convert(r.img.At(x0+i, y)).(color.NRGBA)
			row[3*i], row[3*i+1], row[3*i+2] = c.R, c.G, c.B
		}
	}
}

// pick takes the first byte of the first three samples of each pixel.
func pick(row, pix []uint8, pixel, sample int) {
	for i, p := 0, 0; i < len(row); i, p = i+3, p+pixel {
		row[i], row[i+1], row[i+2] = pix[p], pix[p+sample], pix[p+2*sample]
	}
}

func rowYCbCr(row []uint8, m *image.YCbCr, y int) {
	shift := 0 // 1<<shift columns share a chroma sample
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		shift = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		shift = 2
	}
	x0 := m.Rect.Min.X
	luma := m.Y[m.YOffset(x0, y):][:len(row)/3]
	at := m.COffset(x0, y) - x0>>shift
	for len(luma) > 0 && (shift > 1 || x0&shift != 0) { // those that share a sample otherwise, one by one
		c := at + x0>>shift
		pixels.RGB(row, luma[:1], m.Cb[c:], m.Cr[c:], false)
		x0, luma, row = x0+1, luma[1:], row[3:]
	}
	if c := at + x0>>shift; len(luma) > 0 {
		pixels.RGB(row, luma, m.Cb[c:], m.Cr[c:], shift > 0)
	}
}

// Palette gives the colours of a palette; indices beyond it are black.
func Palette(p color.Palette) (table [256][3]uint8) {
	for i, c := range p[:min(256, len(p))] {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		table[i] = [3]uint8{n.R, n.G, n.B}
	}
	return table
}
