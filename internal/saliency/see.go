package saliency

import (
	"image"

	"csnet/data"
	"csnet/internal/imagefile"
)

// Side is the longer side, in pixels, of the pictures that nets of this field are
// trained and scored on. A larger photo is reduced to it by area before it is
// resized to the net's input: resized at once, a net would see one pixel in sixty of
// a 4000-pixel photo, noise and all. Up to this size it is the protocol to the bit.
const Side = 400

// See is what a net is to see of a picture file.
func See(f *imagefile.File) (*data.Photo, error) {
	pix, w, h, err := f.Reduced(Side)
	if err != nil {
		return nil, err
	}
	return &data.Photo{W: w, H: h, Pix: pix}, nil
}

// SeeImage is See of a decoded picture.
func SeeImage(img image.Image) *data.Photo {
	pix, w, h := imagefile.Reduce(img, Side)
	return &data.Photo{W: w, H: h, Pix: pix}
}
