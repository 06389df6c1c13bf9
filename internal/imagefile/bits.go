package imagefile

import "image"

// bitsInUse gives 8, 10 or 12 where no colour of a 16-bit picture needs more: as a
// 16-bit one it would be nearly black, at most a sixteenth as bright as could be, so
// these are the bits of a camera or scanner. Else 0.
func bitsInUse(img image.Image) uint8 {
	var pix []uint8
	stride, row, pixel := 0, 0, 8
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray16:
		pix, stride, row, pixel = m.Pix, m.Stride, 2*b.Dx(), 2
	case *image.RGBA64:
		pix, stride, row = m.Pix, m.Stride, 8*b.Dx()
	case *image.NRGBA64:
		pix, stride, row = m.Pix, m.Stride, 8*b.Dx()
	}
	colours, wide := min(pixel, 6), uint8(0) // wide: all upper bytes together
	most := uint(0)
	for y := 0; row > 0 && y < b.Dy(); y++ {
		line := pix[y*stride:][:row]
		for at := 0; at < row; at += pixel {
			for c := 0; c < colours; c += 2 {
				wide |= line[at+c]
				most = max(most, uint(line[at+c])<<8|uint(line[at+c+1]))
			}
		}
		if wide >= 1<<4 {
			return 0
		}
	}
	for _, bits := range []uint8{8, 10, 12} {
		if most > 0 && most < 1<<bits {
			return bits
		}
	}
	return 0
}

// Narrow turns a 16-bit picture of which only the lower bits are in use, 8 to 15, into
// an 8-bit one of the upper 8 of those; larger samples become 255. Other pictures it
// returns as they are.
func Narrow(img image.Image, bits uint8) image.Image {
	if bits < 8 || bits > 15 {
		return img
	}
	cut := func(dst, src []uint8) {
		for i := range dst {
			v := (uint(src[2*i])<<8 | uint(src[2*i+1])) >> (bits - 8)
			dst[i] = uint8(min(v, 255))
		}
	}
	b := img.Bounds()
	w := b.Dx()
	switch m := img.(type) {
	case *image.Gray16:
		out := image.NewGray(b)
		for y := range b.Dy() {
			cut(out.Pix[y*out.Stride:][:w], m.Pix[y*m.Stride:])
		}
		return out
	case *image.RGBA64: // decoders give it without alpha only
		return Narrow(&image.NRGBA64{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, bits)
	case *image.NRGBA64:
		out := image.NewNRGBA(b)
		for y := range b.Dy() {
			cut(out.Pix[y*out.Stride:][:4*w], m.Pix[y*m.Stride:])
		}
		return out
	}
	return img
}
