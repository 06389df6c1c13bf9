package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"slices"

	"golang.org/x/image/webp"
)

// A chunk is a part of a RIFF file, with its place in it.
type chunk struct {
	kind       string
	body       []byte
	start, end int // with its header, and padding
}

// chunks lists the chunks of a WebP file; one that is cut short ends the list.
// Source: WebP container specification (RFC 9649, section 2).
func chunks(file []byte) []chunk {
	return riff(file, 12)
}

func riff(file []byte, at int) []chunk {
	var out []chunk
	for at+8 <= len(file) {
		n := int64(binary.LittleEndian.Uint32(file[at+4:]))
		end := int64(at) + 8 + n
		if end > int64(len(file)) {
			break
		}
		padded := min(int(end+n&1), len(file))
		out = append(out, chunk{string(file[at : at+4]), file[at+8 : end], at, padded})
		at = padded
	}
	return out
}

// riffCut says whether a RIFF file is shorter than it claims to be.
func riffCut(file []byte) bool {
	return len(file) >= 8 && int64(binary.LittleEndian.Uint32(file[4:]))+8 > int64(len(file))
}

const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

// frame is where the first picture of a WebP lies on its canvas.
type frame struct {
	file []byte // of this picture alone
	x, y int
	w, h int // the canvas
}

// firstFrame makes a file of a film's first picture that decodes as a still one,
// and clears an alpha flag that nothing stands behind. Other files stay.
func firstFrame(file []byte) frame {
	all := chunks(file)
	if len(all) == 0 || all[0].kind != "VP8X" || len(all[0].body) < 10 {
		return frame{file: file}
	}
	head := all[0].body
	f := frame{file: file, w: u24(head[4:]) + 1, h: u24(head[7:]) + 1}
	if head[0]&webpAnimated != 0 {
		for _, c := range all {
			if c.kind == "ANMF" && len(c.body) >= 16 {
				f.x, f.y = 2*u24(c.body), 2*u24(c.body[3:])
				f.file = still(c.body[16:], u24(c.body[6:]), u24(c.body[9:]))
				return f
			}
		}
		return f
	}
	hasAlpha := slices.ContainsFunc(all, func(c chunk) bool { return c.kind == "ALPH" || c.kind == "VP8L" })
	if head[0]&webpAlpha != 0 && !hasAlpha {
		f.file = slices.Clone(file)
		f.file[all[0].start+8] &^= webpAlpha
	}
	return f
}

// still wraps the chunks of one picture, its width and height each one less.
func still(body []byte, w1, h1 int) []byte {
	head := make([]byte, 10)
	if slices.ContainsFunc(riff(body, 0), func(c chunk) bool { return c.kind == "ALPH" || c.kind == "VP8L" }) {
		head[0] = webpAlpha
	}
	put24(head[4:], w1)
	put24(head[7:], h1)
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+8+10+len(body)))
	out = append(out, "WEBPVP8X\x0a\x00\x00\x00"...)
	return slices.Concat(out, head, body)
}

func u24(b []byte) int      { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
func put24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }

func webpConfig(file []byte) (image.Config, error) {
	f := firstFrame(file)
	c, err := webp.DecodeConfig(bytes.NewReader(f.file))
	if err != nil {
		return c, err
	}
	if int64(c.Width)*int64(c.Height) > MaxPixels {
		return c, nil // Open refuses it by this size
	}
	if f.w > 0 {
		c.Width, c.Height = f.w, f.h
	}
	return c, nil
}

// webpDecode decodes a WebP, of a film the first picture on its canvas.
func webpDecode(file []byte) (image.Image, error) {
	f := firstFrame(file)
	img, err := webp.Decode(bytes.NewReader(f.file))
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		fullRange(m)
	case *image.NYCbCrA:
		fullRange(&m.YCbCr)
	}
	b := img.Bounds()
	if f.w == 0 || f.x == 0 && f.y == 0 && b.Dx() == f.w && b.Dy() == f.h {
		return img, nil
	}
	if f.x+b.Dx() > f.w || f.y+b.Dy() > f.h {
		return nil, errors.New("its first picture does not lie on its canvas")
	}
	return onCanvas(moved{img, image.Pt(f.x, f.y)}, f.w, f.h), nil
}

// moved is a picture at another place.
type moved struct {
	image.Image
	by image.Point
}

func (m moved) Bounds() image.Rectangle { return m.Image.Bounds().Add(m.by) }

// fullRange stretches the levels of VP8, where black is 16, white 235 and chroma
// goes from 16 to 240, to those that package image means by YCbCr, 0 to 255.
// golang.org/x/image/webp gives them as they are stored.
// Source: RFC 6386, section 9.2 (ITU-R BT.601).
func fullRange(m *image.YCbCr) {
	var luma, chroma [256]uint8
	for i := range 256 {
		luma[i] = level((float64(i) - 16) * 255 / 219)
		chroma[i] = level((float64(i)-128)*255/224 + 128)
	}
	for i, v := range m.Y {
		m.Y[i] = luma[v]
	}
	for i, v := range m.Cb {
		m.Cb[i] = chroma[v]
	}
	for i, v := range m.Cr {
		m.Cr[i] = chroma[v]
	}
}

// level rounds to 0..255.
func level(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
