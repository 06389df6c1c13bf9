// Package jpeg decodes JPEG files at full size, or at a half, a quarter or an
// eighth of it in a fraction of the time: the mean over 2x2, 4x4 or 8x8 pixels is
// taken of the coefficients, before any pixel is computed. At full size it gives
// the pixels of image/jpeg to the bit, two to three times as fast.
//
// It reads what cameras, phones and the web write: baseline and progressive
// Huffman coding of 8 bits in grey, YCbCr, RGB, CMYK and YCCK, with restart
// markers in both. Whatever is unusual is an error; image/jpeg is there for it.
// What it allocates is bounded by the size in the header, which the caller checks.
package jpeg

import (
	"errors"
	"fmt"
	"image"
)

// Decode decodes a JPEG file at 1/scale of its size, scale being 1, 2, 4 or 8. The
// result has ceil(w/scale) x ceil(h/scale) pixels, those at the right and bottom
// border being means over the blocks that the encoder padded. It is an
// *image.Gray, *image.YCbCr, *image.RGBA or *image.CMYK as image/jpeg gives it.
// A file whose pixels are all there needs no end mark.
func Decode(file []byte, scale int) (image.Image, error) {
	var once Buffers
	return once.Decode(file, scale)
}

// Decode is the function Decode in memory that is kept for the next file. The picture
// holds until then.
func (b *Buffers) Decode(file []byte, scale int) (image.Image, error) {
	switch scale {
	case 1, 2, 4, 8:
	default:
		return nil, fmt.Errorf("jpeg: scale is %d, must be 1, 2, 4 or 8", scale)
	}
	d := &decoder{file: file, scale: scale, side: 8 / scale, keep: b}
	d.bits.buf, b.usedPlanes, b.usedTables = b.window, 0, 0
	defer func() { b.window = d.bits.buf }()
	if err := d.segments(); err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	img, err := d.picture()
	if err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	return img, nil
}

var (
	errShort   = errors.New("the file ends too early")
	errCode    = errors.New("a Huffman code that its table does not have")
	errBlock   = errors.New("a block of more than 64 coefficients")
	errUnusual = errors.New("an unusual kind of file")
)

// unusual says what makes a file one that this package leaves to others.
func unusual(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnusual, fmt.Sprintf(format, args...))
}

// Refused is the error of a file that nobody should try to read, though others
// would: one that lacks what its pixels depend on, or that is made to take hours.
type Refused string

func (r Refused) Error() string { return string(r) }

func refused(format string, args ...any) error { return Refused(fmt.Sprintf(format, args...)) }

// decoder holds what the segments of a file said so far.
type decoder struct {
	file        []byte
	keep        *Buffers
	scale, side int // side: of what becomes of a block sampled in full, pixels
	w, h        int
	comps       []component
	progressive bool
	maxH, maxV  int // the largest sampling factors
	mcusX       int // units in a row, each of all components' blocks
	mcusY       int
	quant       [4]*[64]int32 // in zig-zag order
	dc, ac      [4]*table
	interval    int // units between restart markers; 0 = none
	adobe       int // colour transform of the Adobe marker; -1 = no marker
	jfif        bool
	scans       int
	endOfBand   int // progressive: blocks without more of this scan
	bits        bits
	block       [64]int32
}

// component is a colour plane.
type component struct {
	id   byte
	h, v int // sampling factors
	tq   byte
	seen bool // in a scan
	// What becomes of a block: side x side pixels, each across x down of the picture.
	// Colours that are stored at half the size are reduced half as much.
	side, across, down int
	blocksX            int        // blocks in a row of the plane
	pix                []byte     // the plane, whole blocks
	stride             int        // of pix
	quant              *[64]int32 // in zig-zag order
	shrink             *shrink    // for sides of 2 and 4
	decode             func(c *component, x, y int) error
	coef               []int16 // progressive: the first kept coefficients of all blocks, in zig-zag order
	kept               int
	bitsLeft           [64]int8 // progressive: bits of each coefficient that are still to come; -1 = all
	dcPred             int32
	tableDC            *table
	tableAC            *table
}
