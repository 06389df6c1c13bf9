package imagefile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// maxProfile is the largest colour profile that is kept, in bytes.
const maxProfile = 4 << 20

// Profile gives the ICC profile that says what the picture's RGB values mean, nil
// where there is none, or one for grey or CMYK, which a picture that was made RGB
// cannot carry on.
func (f *File) Profile() []byte {
	var p []byte
	switch f.Kind {
	case JPEG:
		p = jpegProfile(f.content)
	case PNG:
		p = pngProfile(f.content)
	case WebP:
		for _, c := range chunks(f.content) {
			if c.kind == "ICCP" {
				p = c.body
			}
		}
	case TIFF:
		p = tiffProfile(f.content)
	}
	// ICC.1:2022, section 7.2: size, data colour space and signature in the header.
	if len(p) < 128 || len(p) > maxProfile || string(p[36:40]) != "acsp" || string(p[16:20]) != "RGB " || f.cmyk {
		return nil
	}
	size := int64(binary.BigEndian.Uint32(p))
	if size < 128 || size > int64(len(p)) {
		return nil
	}
	return p[:size]
}

// jpegProfile puts the APP2 segments of a profile together.
// Source: ICC.1:2022, annex B.4.
func jpegProfile(file []byte) []byte {
	const header = "ICC_PROFILE\x00"
	var parts [256][]byte
	for marker, body := range segments(file) {
		if marker == 0xe2 && len(body) > len(header)+2 && string(body[:len(header)]) == header {
			parts[body[len(header)]] = body[len(header)+2:]
		}
	}
	return bytes.Join(parts[:], nil)
}

// pngProfile unpacks chunk iCCP: a name, a zero, the method 0, a zlib stream.
func pngProfile(file []byte) []byte {
	body, ok := pngChunk(file, "iCCP")
	if !ok {
		return nil
	}
	_, rest, ok := bytes.Cut(body, []byte{0})
	if !ok || len(rest) < 1 || rest[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil
	}
	p, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil {
		return nil
	}
	return p
}

func tiffProfile(file []byte) []byte {
	entries, order := directory(file)
	for _, e := range entries {
		if e.tag != tagProfile || e.count <= 4 {
			continue
		}
		at := int64(order.Uint32(e.value))
		if end := at + int64(e.count); end <= int64(len(file)) {
			return file[at:end]
		}
	}
	return nil
}
