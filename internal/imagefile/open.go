// Package imagefile reads pictures as cameras, phones and the web write them: it
// tells the kind by content, refuses what could exhaust memory before anything is
// allocated, and finds out how a viewer would show them (orientation, colour
// profile). It keeps no state and touches no files.
package imagefile

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"csnet/internal/jpeg"
)

// MaxPixels is the largest picture that is decoded: 2^27 pixels (16384x8192),
// whatever the file claims. What decoding takes is File.Need; a Room bounds it for
// all threads together.
const MaxPixels = 1 << 27

// Buffers is memory in which one picture after another is read. It serves one goroutine;
// the zero value is ready.
type Buffers struct {
	jpeg jpeg.Buffers
	pix  []uint8
}

// pixels is memory for n samples, of any values.
func (b *Buffers) pixels(n int) []uint8 {
	if b == nil {
		return make([]uint8, n)
	}
	if cap(b.pix) < n {
		b.pix = make([]uint8, n)
	}
	return b.pix[:n]
}

// File is a picture file whose kind is known and whose header is sane.
type File struct {
	Kind        Kind
	W, H        int // as stored, before it is turned
	Orientation int // EXIF, 1..8: how to turn what is stored
	// OwnBits lets Decode take a 16-bit picture of which no sample needs more than 8,
	// 10 or 12 bits for one of so many. A set of pictures tells that better (package
	// data), one picture by itself has nothing else.
	OwnBits bool
	// Buffers, where they are given, are what Reduced works in; what it returns holds
	// until they are used again.
	Buffers *Buffers
	content []byte
	size    int64       // of the file, where content is its beginning alone
	model   color.Model // of what decoding gives
	cmyk    bool        // a JPEG of four colours
}

// Open reads the header of a picture file of any kind that this build reads (see
// Kinds). The file keeps content, which must not change. Errors tell what the file
// is if it is no such picture, and refuse a size below 1x1, above MaxPixels or
// larger than the file can hold.
func Open(content []byte) (*File, error) {
	f := &File{Kind: kindOf(content), content: content}
	if f.Kind == "" {
		return nil, unread(content)
	}
	if !heifBuilt && (f.Kind == HEIC || f.Kind == AVIF) {
		return nil, fmt.Errorf("is %s, which this build does not read; convert it to JPEG, or build csnet with -tags heif,nodynamic", f.Kind)
	}
	config, err := f.config()
	if err != nil {
		return nil, f.undecodable(err)
	}
	f.W, f.H, f.model = config.Width, config.Height, config.ColorModel
	if f.W < 1 || f.H < 1 {
		return nil, fmt.Errorf("%s claims %dx%d pixels, must be at least 1x1", f.Kind, f.W, f.H)
	}
	pixels := int64(f.W) * int64(f.H) // each below 2^31
	if pixels > MaxPixels {
		return nil, fmt.Errorf("%s claims %dx%d pixels, at most %d in all are decoded", f.Kind, f.W, f.H, MaxPixels)
	}
	if most := f.Kind.pixelsPerByte(); most > 0 && pixels > most*int64(len(content)) {
		return nil, fmt.Errorf("%s claims %dx%d pixels, more than its %d bytes can hold", f.Kind, f.W, f.H, len(content))
	}
	f.Orientation = orientation(f.Kind, content)
	return f, nil
}

// pixelsPerByte is how many pixels a byte of a file can hold at most; a file that
// claims more is cut short or a lie. 0 is no such bound.
func (k Kind) pixelsPerByte() int64 {
	switch k {
	case JPEG:
		return 8 * 64 // at least a bit for a block of 64
	case PNG:
		return 1032 * 8 // deflate packs at most 1032 bytes into one, a byte holds at most 8 pixels
	case GIF:
		return 4096 // a code of LZW stands for fewer pixels than there are codes, and takes over a byte
	case BMP:
		return 8
	case HEIC:
		return 8 * 64 * 64 // at least a bit, that of a mode, for the largest block
	case AVIF:
		return 1 << 16 // flat pictures of libaom come to 40,000
	}
	return 0
}

// Size is the picture's size as it is seen, turned as its EXIF says.
func (f *File) Size() (w, h int) {
	if Sideways(f.Orientation) {
		return f.H, f.W
	}
	return f.W, f.H
}

// Decode decodes the picture, unturned. Of a film or a picture of several pages it
// is the first. Colour is that of packages image and image/color: YCbCr in the
// full range, alpha not multiplied where the file has it so.
func (f *File) Decode() (image.Image, error) {
	img, err := f.decode()
	if err != nil {
		return nil, f.undecodable(err)
	}
	if b := img.Bounds(); b.Dx() != f.W || b.Dy() != f.H {
		return nil, fmt.Errorf("%s claims %dx%d pixels and holds %dx%d", f.Kind, f.W, f.H, b.Dx(), b.Dy())
	}
	if f.OwnBits {
		img = Narrow(img, bitsInUse(img))
	}
	return img, nil
}

// undecodable words a decoder's error: what ends too early was cut short.
func (f *File) undecodable(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || f.unended() {
		return fmt.Errorf("%s is cut short after %d bytes: %w", f.Kind, len(f.content), err)
	}
	return fmt.Errorf("%s does not decode: %w", f.Kind, err)
}
