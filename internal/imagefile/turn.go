package imagefile

import "image"

// Sideways says whether an orientation swaps width and height.
func Sideways(orientation int) bool { return orientation >= 5 }

// Turn writes the picture src (h rows of w pixels of ch bytes) into dst as it is
// seen under an EXIF orientation; under 5..8 dst has w rows of h pixels.
func Turn(dst, src []uint8, w, h, ch, orientation int) {
	// A step of one to the right, and one down, in dst moves dx, dy in src.
	at, dx, dy := 0, 1, w
	switch orientation {
	case 2: // mirrored
		at, dx, dy = w-1, -1, w
	case 3: // upside down
		at, dx, dy = w*h-1, -1, -w
	case 4: // mirrored and upside down
		at, dx, dy = w*(h-1), 1, -w
	case 5: // transposed
		at, dx, dy = 0, w, 1
	case 6: // to be turned clockwise
		at, dx, dy = w*(h-1), -w, 1
	case 7: // transposed along the other diagonal
		at, dx, dy = w*h-1, -w, -1
	case 8: // to be turned counterclockwise
		at, dx, dy = w-1, w, -1
	}
	cols, rows := w, h
	if Sideways(orientation) {
		cols, rows = h, w
	}
	for y, to := 0, 0; y < rows; y++ {
		from := at + y*dy
		for range cols {
			for c := range ch {
				dst[to] = src[from*ch+c]
				to++
			}
			from += dx
		}
	}
}

// UprightImage gives a picture as it is seen under an EXIF orientation; under 1 it is img
// itself.
func UprightImage(img image.Image, orientation int) image.Image {
	if orientation == Upright {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	r := image.Rect(0, 0, w, h)
	if Sideways(orientation) {
		r = image.Rect(0, 0, h, w)
	}
	switch m := img.(type) {
	case *image.YCbCr:
		if t := turnedYCbCr(m, r, orientation); t != nil {
			return t
		}
	case *image.Gray:
		return &image.Gray{Pix: turnedPlane(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, w, h, 1, orientation), Stride: r.Dx(), Rect: r}
	}
	rows, pix := NewRows(img), make([]uint8, 4*w*h)
	rgb, alpha := make([]uint8, 3*w), make([]uint8, w)
	for y := range h {
		rows.RGB(rgb, y)
		rows.Alpha(alpha, y)
		for x := range w {
			p := pix[4*(y*w+x):][:4]
			p[0], p[1], p[2], p[3] = rgb[3*x], rgb[3*x+1], rgb[3*x+2], alpha[x]
		}
	}
	return &image.NRGBA{Pix: turnedPlane(pix, 4*w, w, h, 4, orientation), Stride: 4 * r.Dx(), Rect: r}
}

// turnedPlane turns w x h pixels of ch bytes.
func turnedPlane(src []uint8, stride, w, h, ch, orientation int) []uint8 {
	if stride != w*ch {
		tight := make([]uint8, w*h*ch)
		for y := range h {
			copy(tight[y*w*ch:(y+1)*w*ch], src[y*stride:])
		}
		src = tight
	}
	dst := make([]uint8, w*h*ch)
	Turn(dst, src, w, h, ch, orientation)
	return dst
}

// turnedYCbCr turns plane by plane; nil where the chroma samples would not lie over
// the same pixels.
func turnedYCbCr(m *image.YCbCr, r image.Rectangle, orientation int) *image.YCbCr {
	b := m.Rect
	across, down, turned := 1, 1, m.SubsampleRatio
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio420:
		across, down = 2, 2
	case image.YCbCrSubsampleRatio422:
		across, turned = 2, image.YCbCrSubsampleRatio440
	case image.YCbCrSubsampleRatio440:
		down, turned = 2, image.YCbCrSubsampleRatio422
	default:
		return nil
	}
	if b.Dx()%across+b.Dy()%down+b.Min.X%across+b.Min.Y%down != 0 {
		return nil
	}
	out := &image.YCbCr{SubsampleRatio: m.SubsampleRatio, Rect: r, YStride: r.Dx(), CStride: r.Dx() / across}
	if Sideways(orientation) {
		out.SubsampleRatio, out.CStride = turned, r.Dx()/down
	}
	w, h := b.Dx(), b.Dy()
	out.Y = turnedPlane(m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride, w, h, 1, orientation)
	at := m.COffset(b.Min.X, b.Min.Y)
	out.Cb = turnedPlane(m.Cb[at:], m.CStride, w/across, h/down, 1, orientation)
	out.Cr = turnedPlane(m.Cr[at:], m.CStride, w/across, h/down, 1, orientation)
	return out
}
