package data

import (
	"bytes"
	"fmt"

	"csnet/internal/imagefile"
)

// Photo is an 8-bit RGB picture, as seen (turned as its EXIF tag says).
type Photo struct {
	W, H int
	Pix  []uint8 // 3*W*H, interleaved, row by row
}

// Mask is an 8-bit grey picture: a ground truth or a saliency map.
type Mask struct {
	W, H int
	Pix  []uint8 // W*H, row by row
}

// PairInfo tells how a pair was read.
type PairInfo struct {
	Orientation int  // the photo's EXIF orientation, 1..8
	Unturned    bool // the photo stayed as stored, for only so it fits its mask
}

// reader decodes pictures into buffers that it keeps. It serves one goroutine;
// what it returns is valid until its next call.
type reader struct {
	file  bytes.Buffer
	pix   []uint8 // a picture before it is turned
	photo Photo
	mask  Mask
}

// ReadPhoto reads a picture file of any kind that imagefile.Kinds names (JPEG, PNG,
// WebP, BMP, TIFF, GIF; grey, palette, CMYK, 16-bit, alpha) as RGB and turns it as its EXIF orientation says; alpha is dropped and the
// colour under it kept. The kind is told by content, not by name. Errors name the
// path: no such picture, cut short, more than MaxPixels.
func ReadPhoto(path string) (*Photo, error) {
	var r reader
	s, err := decodeFile(path, &r.file)
	if err != nil {
		return nil, err
	}
	r.setPhoto(s, s.orientation)
	p := r.photo // not &r.photo, which would hold the file as well
	return &p, nil
}

// ReadMask reads a picture file of any kind as 8-bit grey: colour by ITU-R 601
// luma, of 16 bits the upper 8, alpha dropped, turned as its EXIF orientation
// says. Errors as in ReadPhoto.
func ReadMask(path string) (*Mask, error) {
	var r reader
	if err := r.readMask(path); err != nil {
		return nil, err
	}
	m := r.mask
	return &m, nil
}

// ReadPair reads a photo and its mask. A photo whose EXIF orientation swaps the
// sides stays unturned where only so it has its mask's size. Errors: as in
// ReadPhoto, and sizes that differ.
func ReadPair(p Pair) (*Photo, *Mask, PairInfo, error) {
	var r reader
	photo, mask, info, err := r.readPair(p)
	if err != nil {
		return nil, nil, info, err
	}
	ph, m := *photo, *mask
	return &ph, &m, info, nil
}

func (r *reader) readPair(p Pair) (*Photo, *Mask, PairInfo, error) {
	s, err := decodeFile(p.Image, &r.file)
	if err != nil {
		return nil, nil, PairInfo{}, err
	}
	info := PairInfo{Orientation: s.orientation}
	if err := r.readMask(p.Mask); err != nil {
		return nil, nil, info, err
	}
	turned, unturned, err := s.fit(p.Mask, &r.mask)
	if err != nil {
		return nil, nil, info, err
	}
	info.Unturned = unturned
	r.setPhoto(s, turned)
	return &r.photo, &r.mask, info, nil
}

// fit gives the orientation under which a photo has its mask's size: its own,
// else, unturned, as stored.
func (s stored) fit(maskPath string, m *Mask) (orientation int, unturned bool, err error) {
	w, h := s.w, s.h
	if imagefile.Sideways(s.orientation) {
		w, h = h, w
	}
	switch {
	case m.W == w && m.H == h:
		return s.orientation, false, nil
	case m.W == s.w && m.H == s.h:
		return imagefile.Upright, true, nil
	}
	return 0, false, fmt.Errorf("data: %s: mask is %dx%d, image is %dx%d", maskPath, m.W, m.H, w, h)
}

func (r *reader) readMask(path string) error {
	s, err := decodeFile(path, &r.file)
	if err != nil {
		return err
	}
	m := &r.mask
	m.W, m.H, m.Pix = s.w, s.h, resized(m.Pix, s.w*s.h)
	if s.orientation == imagefile.Upright {
		toGrey(m.Pix, s.img)
		return nil
	}
	r.pix = resized(r.pix, s.w*s.h)
	toGrey(r.pix, s.img)
	imagefile.Turn(m.Pix, r.pix, s.w, s.h, 1, s.orientation)
	if imagefile.Sideways(s.orientation) {
		m.W, m.H = s.h, s.w
	}
	return nil
}

func (r *reader) setPhoto(s stored, orientation int) {
	p := &r.photo
	p.W, p.H, p.Pix = s.w, s.h, resized(p.Pix, 3*s.w*s.h)
	if orientation == imagefile.Upright {
		toRGB(p.Pix, s.img)
		return
	}
	r.pix = resized(r.pix, 3*s.w*s.h)
	toRGB(r.pix, s.img)
	imagefile.Turn(p.Pix, r.pix, s.w, s.h, 3, orientation)
	if imagefile.Sideways(orientation) {
		p.W, p.H = s.h, s.w
	}
}

// resized gives a slice of n elements, in the old memory where that suffices.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
