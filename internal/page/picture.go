package page

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"image/png"

	"csnet/internal/pngfile"
)

// Picture is an encoded picture of a page. The zero value is none.
type Picture struct {
	Data []byte
	Kind string // MIME type
	W, H int    // pixels
	Note string // below it, such as its scores
	Best bool   // the note is marked
}

// Photo encodes a photo as JPEG, shrunk so that no side is above longest pixels.
func Photo(img image.Image, longest int) (Picture, error) { return new(Encoder).Photo(img, longest) }

// Map encodes a saliency map or a mask, without loss, as PNG, shrunk alike.
func Map(img image.Image, longest int) (Picture, error) { return new(Encoder).Map(img, longest) }

// Encoder encodes one picture after the other in the same memory. The zero value is ready.
type Encoder struct {
	grey pngfile.Encoder
	png  png.EncoderBuffer
}

// Photo is the function Photo.
func (e *Encoder) Photo(img image.Image, longest int) (Picture, error) {
	return encode(img, longest, "image/jpeg", func(b *bytes.Buffer, img image.Image) error {
		return jpeg.Encode(b, img, &jpeg.Options{Quality: 88})
	})
}

// Map is the function Map.
func (e *Encoder) Map(img image.Image, longest int) (Picture, error) {
	return encode(img, longest, "image/png", func(b *bytes.Buffer, img image.Image) error {
		if g, ok := img.(*image.Gray); ok { // which most are
			h := pngfile.Header{W: g.Rect.Dx(), H: g.Rect.Dy(), Channels: 1, Bits: 8}
			return e.grey.Encode(b, h, func(row []byte, y int) error {
				copy(row, g.Pix[y*g.Stride:])
				return nil
			})
		}
		// A third larger than with the best compression, in a third of the time.
		return (&png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: e}).Encode(b, img)
	})
}

// Get and Put let png.Encoder have the memory.
func (e *Encoder) Get() *png.EncoderBuffer { return &e.png }

// Put does nothing: the memory is e's.
func (e *Encoder) Put(*png.EncoderBuffer) {}

func encode(img image.Image, longest int, kind string, to func(*bytes.Buffer, image.Image) error) (Picture, error) {
	if img == nil || img.Bounds().Empty() {
		return Picture{}, nil
	}
	img = Shrink(img, longest)
	var b bytes.Buffer
	if err := to(&b, img); err != nil {
		return Picture{}, fmt.Errorf("page: %w", err)
	}
	size := img.Bounds().Size()
	return Picture{Data: b.Bytes(), Kind: kind, W: size.X, H: size.Y}, nil
}

// source is the attribute src of the picture in the page; "" for none. The picture was
// encoded here, so it needs no escaping, which takes longer than all else in a page.
func (p Picture) source() template.HTMLAttr {
	if len(p.Data) == 0 {
		return ""
	}
	return template.HTMLAttr(`src="data:` + p.Kind + ";base64," + base64.StdEncoding.EncodeToString(p.Data) + `"`)
}
