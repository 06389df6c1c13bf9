package data

import (
	"image"
	"image/color"
)

// toRGB writes img as 8-bit RGB, interleaved, into dst (3 bytes a pixel). Alpha
// is dropped, the colour under it kept as stored; of 16 bits the upper 8 count;
// YCbCr and CMYK are converted as package image/color does. This is what
// convert("RGB") of Pillow gives.
func toRGB(dst []uint8, img image.Image) {
	b := img.Bounds()
	w := b.Dx()
	var colours [256][3]uint8
	if m, ok := img.(*image.Paletted); ok {
		colours = palette(m.Palette)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := dst[:3*w]
		dst = dst[3*w:]
		switch m := img.(type) {
		case *image.YCbCr:
			rowYCbCr(row, m, y)
		case *image.NYCbCrA:
			rowYCbCr(row, &m.YCbCr, y)
		case *image.Gray:
			at := m.PixOffset(b.Min.X, y)
			for i, v := range m.Pix[at : at+w] {
				row[3*i], row[3*i+1], row[3*i+2] = v, v, v
			}
		case *image.Gray16:
			at := m.PixOffset(b.Min.X, y)
			for i := range w {
				v := m.Pix[at+2*i]
				row[3*i], row[3*i+1], row[3*i+2] = v, v, v
			}
		case *image.RGBA: // of a TIFF the colour is times alpha, as it is stored
			pick(row, m.Pix[m.PixOffset(b.Min.X, y):], 4, 1)
		case *image.NRGBA:
			pick(row, m.Pix[m.PixOffset(b.Min.X, y):], 4, 1)
		case *image.RGBA64: // decoders give it without alpha only
			pick(row, m.Pix[m.PixOffset(b.Min.X, y):], 8, 2)
		case *image.NRGBA64:
			pick(row, m.Pix[m.PixOffset(b.Min.X, y):], 8, 2)
		case *image.CMYK:
			at := m.PixOffset(b.Min.X, y)
			for i := range w {
				p := m.Pix[at+4*i : at+4*i+4]
				row[3*i], row[3*i+1], row[3*i+2] = color.CMYKToRGB(p[0], p[1], p[2], p[3])
			}
		case *image.Paletted:
			at := m.PixOffset(b.Min.X, y)
			for i, v := range m.Pix[at : at+w] {
				copy(row[3*i:3*i+3], colours[v][:])
			}
		default:
			for i := range w {
				c := color.NRGBAModel.Convert(img.At(b.Min.X+i, y)).(color.NRGBA)
				row[3*i], row[3*i+1], row[3*i+2] = c.R, c.G, c.B
			}
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
	for i := 0; i < len(luma); {
		c := (x0 + i) >> shift
		end := min((c+1)<<shift-x0, len(luma))
		c += at
		// The arithmetic of color.YCbCrToRGB; what chroma adds is the same for all.
		cb, cr := int32(m.Cb[c])-128, int32(m.Cr[c])-128
		red, green, blue := 91881*cr, -22554*cb-46802*cr, 116130*cb
		for ; i < end; i++ {
			v := int32(luma[i]) * 0x10101
			p := row[3*i : 3*i+3 : 3*i+3]
			p[0], p[1], p[2] = upper(v+red), upper(v+green), upper(v+blue)
		}
	}
}

// upper is bits 16 to 23 of v, cut to 0..255.
func upper(v int32) uint8 {
	if uint32(v)&0xff000000 != 0 {
		return uint8(^(v >> 31))
	}
	return uint8(v >> 16)
}

// palette gives the colours of a palette; indices beyond it are black.
func palette(p color.Palette) (table [256][3]uint8) {
	for i, c := range p[:min(256, len(p))] {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		table[i] = [3]uint8{n.R, n.G, n.B}
	}
	return table
}

// toGrey writes img as 8-bit grey into dst (1 byte a pixel): grey as stored, of
// 16 bits the upper 8, anything else by way of toRGB and ITU-R 601 luma, rounded
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
		for i, c := range palette(m.Palette) {
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
		toRGB(rgb, img)
		for i := range dst[:w*h] {
			dst[i] = luma(rgb[3*i], rgb[3*i+1], rgb[3*i+2])
		}
	}
}

// luma is 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; grey stays as it is.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}
