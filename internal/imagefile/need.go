package imagefile

import "image/color"

// Head reads the header of a picture file of size bytes from its beginning. ok is
// false where that does not say how large the picture is, and where it is none.
func Head(beginning []byte, size int64) (f *File, ok bool) {
	f = &File{Kind: kindOf(beginning), content: beginning}
	if f.Kind == "" || !heifBuilt && (f.Kind == HEIC || f.Kind == AVIF) {
		return nil, false
	}
	config, err := f.config()
	if err != nil || config.Width < 1 || config.Height < 1 || int64(config.Width)*int64(config.Height) > MaxPixels {
		return nil, false
	}
	f.W, f.H, f.model, f.size = config.Width, config.Height, config.ColorModel, size
	f.Orientation = orientation(f.Kind, beginning)
	return f, true
}

// Pixels is how many the picture has.
func (f *File) Pixels() int64 { return int64(f.W) * int64(f.H) }

// Need estimates the bytes that decoding takes at most, the file's own and the
// decoded picture's among them, when the picture is wanted with a longer side of
// side pixels as by Reduced, or in full where side is 0.
func (f *File) Need(side int) int64 {
	n := f.size + max(int64(len(f.content)), 0)
	if f.Kind == JPEG {
		scale := int64(1)
		if side > 0 {
			scale = int64(f.scale(side))
		}
		return n + f.needJPEG(scale)
	}
	return n + f.Pixels()*f.pixelBytes()
}

// pixelBytes is what the decoders of packages image and x/image hold of a pixel at
// their most: the picture, and where they work on the whole of it, what they read.
func (f *File) pixelBytes() int64 {
	n := int64(4)
	switch f.model {
	case color.GrayModel:
		n = 1
	case color.Gray16Model:
		n = 2
	case color.RGBA64Model, color.NRGBA64Model:
		n = 8
	}
	if _, ok := f.model.(color.Palette); ok {
		n = 1
	}
	switch f.Kind {
	case PNG:
		if _, ok := pngChunk(f.content, "tRNS"); ok && n < 4 { // grey with a level that is clear
			n *= 4
		}
		if len(f.content) > 28 && f.content[28] != 0 { // interlaced: passes beside the picture
			return 2 * n
		}
		return n
	case GIF: // on its canvas
		return n + 4
	case BMP:
		return n
	case HEIC, AVIF:
		return wasmBytes
	}
	return 2*n + 4
}

// wasmBytes is what the decoders in WebAssembly take for a pixel: 62 bytes were measured
// with AVIF pictures of 1 and of 12 megapixels. Their memory is copied as it grows.
const wasmBytes = 64

// needJPEG counts the planes of colour at a scale, what they become, and the
// coefficients of a progressive file. The decoder of the standard library, which takes
// over what ours leaves, has coefficients twice as large.
func (f *File) needJPEG(scale int64) int64 {
	samples, progressive := 4.0, true // where the header is not found
	for marker, body := range segments(f.content) {
		if marker >= 0xc0 && marker <= 0xc2 && len(body) >= 6 {
			samples, progressive = planes(body), marker == 0xc2
		}
	}
	pixels := float64(f.Pixels())
	n := 2 * samples * pixels / float64(scale*scale)
	if samples > 3 { // CMYK: put together
		n += 4 * pixels / float64(scale*scale)
	}
	if progressive {
		coefficients := 4.0
		if scale == 8 {
			coefficients = 4.0 / 64
		}
		n += coefficients * samples * pixels
	}
	return int64(n)
}

// planes is how many samples a pixel of a JPEG has, by the sampling factors of its
// frame header. Source: ITU-T T.81, section B.2.2.
func planes(frame []byte) float64 {
	most, sum := 1, 0
	for c := frame[6:]; len(c) >= 3; c = c[3:] {
		n := int(c[1]>>4) * int(c[1]&15)
		most, sum = max(most, n), sum+n
	}
	return float64(sum) / float64(most)
}
