package saliency

import (
	"image"

	"csnet/data"
	"csnet/internal/imagefile"
)

// Side is the longer side, in pixels, of the pictures that nets of this field are
// trained and scored on. A larger photo is reduced to about it by area before it is
// resized to the net's input: resized at once, a net would see one pixel in sixty of
// a 4000-pixel photo, noise and all. Up to this size it is the protocol to the bit.
const Side = 400

// atMost is how much larger than Side a reduced photo may stay when it got there by
// halving: its pixels are then means of whole pixels, which is what a JPEG decoded at
// 1/8 has. Scores do not tell 400 from 560 (docs/photos.md).
const atMost = 1.4 * Side

// SideOf is the longer side at which a net sees a photo of w x h.
func SideOf(w, h int) int {
	long := max(w, h)
	if long <= Side {
		return long
	}
	for long >= 2*Side {
		long /= 2
	}
	if float64(long) > atMost || max(w, h) < 2*Side {
		return Side
	}
	return long
}

// See is what a net is to see of a picture file.
func See(f *imagefile.File) (*data.Photo, error) {
	pix, w, h, err := f.Reduced(SideOf(f.W, f.H))
	if err != nil {
		return nil, err
	}
	return &data.Photo{W: w, H: h, Pix: pix}, nil
}

// SeeImage is See of a decoded picture.
func SeeImage(img image.Image) *data.Photo {
	b := img.Bounds()
	pix, w, h := imagefile.Reduce(img, SideOf(b.Dx(), b.Dy()))
	return &data.Photo{W: w, H: h, Pix: pix}
}
