package data

import (
	"bytes"
	"fmt"
	"image"

	"csnet/internal/imagefile"
)

// Photo is an 8-bit RGB picture, as seen (turned as its EXIF tag says).
type Photo struct {
	W, H int
	Pix  []uint8 // 3*W*H, interleaved, row by row
}

// Image is a copy of the photo as the standard library draws it.
func (p *Photo) Image() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.W, p.H))
	for i := range p.W * p.H {
		copy(img.Pix[4*i:], p.Pix[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img
}

// Mask is an 8-bit grey picture: a ground truth or a saliency map.
type Mask struct {
	W, H int
	Pix  []uint8 // W*H, row by row
}

// Reading says how the files of a pair are read. The zero value reads masks by
// luma and turns photos as their EXIF orientation says.
type Reading struct {
	Mask Coding
	Exif ExifRule
	Bits uint8 // how many bits of 16-bit photos are in use; 0 = 16
}

// ExifRule says what becomes of a photo's EXIF orientation where its mask fits
// the photo both as stored and as turned. Photos are always seen upright.
type ExifRule string

// The rules. "" is turn.
const (
	ExifAuto   ExifRule = "auto"   // a wish: Inspect settles it
	ExifTurn   ExifRule = "turn"   // photos are turned, masks were drawn on what is seen
	ExifIgnore ExifRule = "ignore" // masks were drawn on the photos as stored, and are turned with them
)

// ParseExif reads a rule.
func ParseExif(s string) (ExifRule, error) {
	switch r := ExifRule(s); r {
	case ExifAuto, ExifTurn, ExifIgnore:
		return r, nil
	}
	return "", fmt.Errorf("data: exif rule %q, must be auto, turn or ignore", s)
}

// PairInfo tells how a pair was read.
type PairInfo struct {
	Orientation int  // the photo's EXIF orientation, 1..8
	Unturned    bool // the mask was drawn on the photo as stored, against its orientation
}

// reader decodes pictures into buffers that it keeps. It serves one goroutine;
// what it returns is valid until its next call.
type reader struct {
	file  bytes.Buffer
	keep  imagefile.Buffers // that the picture decoded last lies in
	pix   []uint8           // a picture before it is turned
	photo Photo
	mask  Mask
}

// decode is decodeFile in the reader's memory: the picture holds until the next one.
func (r *reader) decode(path string) (stored, error) { return decodeFile(path, &r.file, &r.keep) }

// ReadPhoto reads a picture file of any kind that imagefile.Kinds names (JPEG, PNG,
// WebP, BMP, TIFF, GIF; grey, palette, CMYK, 16-bit, alpha) as RGB and turns it as its EXIF orientation says; alpha is dropped and the
// colour under it kept. The kind is told by content, not by name. Errors name the
// path: no such picture, cut short, more than MaxPixels.
func ReadPhoto(path string) (*Photo, error) {
	var r reader
	s, err := r.decode(path)
	if err != nil {
		return nil, err
	}
	r.setPhoto(s, s.orientation, 0)
	p := r.photo // not &r.photo, which would hold the file as well
	return &p, nil
}

// ReadMask reads a picture file of any kind as 8-bit grey: colour by ITU-R 601
// luma, of 16 bits the upper 8, alpha dropped, turned as its EXIF orientation
// says. Errors as in ReadPhoto.
func ReadMask(path string) (*Mask, error) { return ReadMaskAs(path, Coding{}) }

// ReadMaskAs is ReadMask for masks of another coding, which must not be auto.
func ReadMaskAs(path string, c Coding) (*Mask, error) {
	var r reader
	if err := r.readMask(path, c); err != nil {
		return nil, err
	}
	m := r.mask
	return &m, nil
}

// ReadPair reads a photo and its mask as Pair.Read says, both as they are seen, the
// photo upright. A mask that was drawn on the photo as stored is turned with it: where
// only so it has the photo's size, or, of two ways, under ExifIgnore. Errors: as in
// ReadPhoto, and sizes that differ.
func ReadPair(p Pair) (*Photo, *Mask, PairInfo, error) {
	var r PairReader
	return r.Read(p)
}

// ReadTruth is ReadPair for who wants the mask alone: of the photo its header is read.
func ReadTruth(p Pair) (*Mask, error) {
	var r PairReader
	return r.Truth(p)
}

func (r *reader) readPair(p Pair) (*Photo, *Mask, PairInfo, error) {
	s, err := r.decode(p.Image)
	if err != nil {
		return nil, nil, PairInfo{}, err
	}
	r.setPhoto(s, s.orientation, p.Read.Bits) // before the mask is decoded in the same memory
	info := PairInfo{Orientation: s.orientation}
	if info.Unturned, err = r.readTruth(s, p); err != nil {
		return nil, nil, info, err
	}
	return &r.photo, &r.mask, info, nil
}

// readTruth reads the mask of a photo, as the photo is seen.
func (r *reader) readTruth(s stored, p Pair) (unturned bool, err error) {
	if err := r.readMask(p.Mask, p.Read.Mask); err != nil {
		return false, err
	}
	if unturned, err = s.fit(p.Mask, r.mask.W, r.mask.H, p.Read.Exif); err != nil || !unturned {
		return false, err
	}
	m := &r.mask
	r.pix = append(r.pix[:0], m.Pix...)
	imagefile.Turn(m.Pix, r.pix, m.W, m.H, 1, s.orientation)
	if imagefile.Sideways(s.orientation) {
		m.W, m.H = m.H, m.W
	}
	return true, nil
}

// fit says whether a photo has its mask's size, w x h, unturned, as stored, and not as
// seen; under ExifIgnore that comes first where both have it.
func (s stored) fit(maskPath string, w, h int, rule ExifRule) (unturned bool, err error) {
	tw, th := s.w, s.h
	if imagefile.Sideways(s.orientation) {
		tw, th = th, tw
	}
	asSeen, asStored := w == tw && h == th, w == s.w && h == s.h
	switch {
	case asSeen && !(asStored && rule == ExifIgnore):
		return false, nil
	case asStored:
		return s.orientation != imagefile.Upright, nil
	}
	return false, fmt.Errorf("data: %s: mask is %dx%d, image is %dx%d", maskPath, w, h, tw, th)
}

func (r *reader) readMask(path string, c Coding) error {
	s, err := r.decode(path)
	if err != nil {
		return err
	}
	r.setMask(s, c)
	return nil
}

func (r *reader) setMask(s stored, c Coding) {
	m := &r.mask
	m.W, m.H, m.Pix = s.w, s.h, resized(m.Pix, s.w*s.h)
	if s.orientation == imagefile.Upright {
		toMask(m.Pix, s.img, c)
		return
	}
	r.pix = resized(r.pix, s.w*s.h)
	toMask(r.pix, s.img, c)
	imagefile.Turn(m.Pix, r.pix, s.w, s.h, 1, s.orientation)
	if imagefile.Sideways(s.orientation) {
		m.W, m.H = s.h, s.w
	}
}

func (r *reader) setPhoto(s stored, orientation int, bits uint8) {
	p, img := &r.photo, imagefile.Narrow(s.img, bits)
	p.W, p.H, p.Pix = s.w, s.h, resized(p.Pix, 3*s.w*s.h)
	if orientation == imagefile.Upright {
		imagefile.RGB(p.Pix, img)
		return
	}
	r.pix = resized(r.pix, 3*s.w*s.h)
	imagefile.RGB(r.pix, img)
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
