package predict

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"slices"

	"github.com/HugoSmits86/nativewebp"

	"csnet/internal/forms"
	"csnet/internal/output"
	"csnet/internal/pngfile"
)

// encode packs a raster as a file of a format, with the photo's colour profile and
// the form's mark.
func (m *Maker) encode(r forms.Raster, f Form, format Format, profile []byte) ([]byte, error) {
	var b bytes.Buffer
	switch format {
	case WebP:
		if err := nativewebp.Encode(&b, r.Image(), nil); err != nil {
			return nil, err
		}
		return extendWebP(b.Bytes(), r, f, profile), nil
	case JPEG:
		if err := jpeg.Encode(&b, r.Image(), &jpeg.Options{Quality: 92}); err != nil {
			return nil, err
		}
		return extendJPEG(b.Bytes(), f, profile), nil
	}
	h := pngfile.Header{W: r.W, H: r.H, Channels: r.Channels, Bits: 8, Profile: profile}
	err := m.png.Encode(output.MarkPNG(&b, f.what()), h, func(dst []byte, y int) error { r.Row(dst, y); return nil })
	return b.Bytes(), err
}

// extendWebP puts a profile and the mark into a file of one VP8L chunk.
// Source: RFC 9649, section 2.7.
func extendWebP(file []byte, r forms.Raster, f Form, profile []byte) []byte {
	le := binary.LittleEndian
	chunk := func(out []byte, kind string, body []byte) []byte {
		out = append(le.AppendUint32(append(out, kind...), uint32(len(body))), body...)
		return append(out, make([]byte, len(body)&1)...)
	}
	head := make([]byte, 10)
	if r.Channels == 4 {
		head[0] |= 1 << 4
	}
	if profile != nil {
		head[0] |= 1 << 5
	}
	w1, h1 := r.W-1, r.H-1
	copy(head[4:], []byte{byte(w1), byte(w1 >> 8), byte(w1 >> 16), byte(h1), byte(h1 >> 8), byte(h1 >> 16)})
	out := chunk([]byte("RIFF\x00\x00\x00\x00WEBP"), "VP8X", head)
	if profile != nil {
		out = chunk(out, "ICCP", profile)
	}
	out = append(out, file[12:]...)
	out = append(out, marked(WebP, f)...)
	out = append(out, make([]byte, len(f.what())&1)...)
	le.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// extendJPEG puts the mark and a profile behind a file's start.
func extendJPEG(file []byte, f Form, profile []byte) []byte {
	be := binary.BigEndian
	out := slices.Clone(file[:2])
	segment := func(marker byte, body []byte) {
		out = append(be.AppendUint16(append(out, 0xff, marker), uint16(len(body)+2)), body...)
	}
	segment(0xfe, marked(JPEG, f))
	const part = 60000
	n := (len(profile) + part - 1) / part
	for i := range n {
		piece := profile[i*part : min((i+1)*part, len(profile))]
		segment(0xe2, append([]byte("ICC_PROFILE\x00"+string([]byte{byte(i + 1), byte(n)})), piece...))
	}
	return append(out, file[2:]...)
}
