package imagefile

import (
	"bytes"
	"encoding/binary"
)

// Upright is the EXIF orientation of a picture that is stored as it is seen.
const Upright = 1

// orientation reads the EXIF orientation (1..8) of a picture file, 1 when there is
// none or it makes no sense. It only looks at offsets inside file. HEIC and AVIF
// are turned while they are decoded, by boxes of their own.
// Source: EXIF 2.32 (CIPA DC-008), tag 0x0112; PNG 3rd edition, chunk eXIf.
func orientation(kind Kind, file []byte) int {
	switch kind {
	case JPEG:
		return jpegOrientation(file)
	case PNG:
		return pngOrientation(file)
	case TIFF:
		return tiffOrientation(file)
	case WebP:
		for _, c := range chunks(file) {
			if c.kind == "EXIF" { // with or without JPEG's header
				return tiffOrientation(bytes.TrimPrefix(c.body, []byte(exifHeader)))
			}
		}
	}
	return Upright
}

const exifHeader = "Exif\x00\x00"

// jpegOrientation looks for APP1 "Exif".
func jpegOrientation(file []byte) int {
	for marker, body := range segments(file) {
		if marker == 0xe1 && bytes.HasPrefix(body, []byte(exifHeader)) {
			return tiffOrientation(body[len(exifHeader):])
		}
	}
	return Upright
}

// segments walks the segments of a JPEG before the first scan.
func segments(file []byte) func(yield func(marker byte, body []byte) bool) {
	return func(yield func(marker byte, body []byte) bool) {
		for p := 2; p+4 <= len(file) && file[p] == 0xff; {
			marker := file[p+1]
			if marker == 0xff { // fill byte
				p++
				continue
			}
			if marker == 0xda || marker == 0xd9 { // start of scan, end of image
				return
			}
			end := p + 2 + int(binary.BigEndian.Uint16(file[p+2:]))
			if end < p+4 || end > len(file) || !yield(marker, file[p+4:end]) {
				return
			}
			p = end
		}
	}
}

// pngOrientation walks the chunks for eXIf.
func pngOrientation(file []byte) int {
	if body, ok := pngChunk(file, "eXIf"); ok {
		return tiffOrientation(body)
	}
	return Upright
}

// pngChunk gives the body of the first chunk of a kind.
func pngChunk(file []byte, kind string) ([]byte, bool) {
	for p := len(pngMagic); p+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[p:]))
		end := int64(p) + 12 + n
		if end > int64(len(file)) {
			break
		}
		if string(file[p+4:p+8]) == kind {
			return file[p+8 : end-4], true
		}
		p = int(end)
	}
	return nil, false
}

// tiffOrientation reads tag 0x0112 in the first directory of a TIFF block, as
// SHORT or, as some write it, as LONG.
func tiffOrientation(b []byte) int {
	entries, order := directory(b)
	for _, e := range entries {
		if e.tag != tagOrientation || e.count != 1 {
			continue
		}
		if v, ok := e.number(order); ok && v >= 1 && v <= 8 {
			return int(v)
		}
		return Upright
	}
	return Upright
}
