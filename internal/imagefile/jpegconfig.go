package imagefile

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// Markers of a JPEG. Source: ITU-T T.81, table B.1.
const (
	markerSOF0  = 0xc0 // baseline; the two that follow are extended and progressive
	markerSOF2  = 0xc2
	markerDHT   = 0xc4
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// plainJPEG reads the header of a JPEG as jpeg.DecodeConfig does, which makes a whole decoder
// for that, where the file is of the most usual kind: a JFIF header, grey or YCbCr, the
// colours at full size or half of it. ok is false for all else, sound or not.
func plainJPEG(file []byte) (c image.Config, ok bool) {
	if !bytes.HasPrefix(file, []byte(jpegMagic)) {
		return c, false
	}
	jfif := false
	for at := len(jpegMagic); at+4 <= len(file) && file[at] == 0xff; {
		marker, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if n < 2 || at+2+n > len(file) {
			return c, false
		}
		body := file[at+4 : at+2+n]
		at += 2 + n
		switch {
		case marker == markerAPP0:
			if jfif || !bytes.HasPrefix(body, []byte("JFIF\x00")) {
				return c, false
			}
			jfif = true
		case marker >= markerSOF0 && marker <= markerSOF2:
			if !jfif {
				return c, false
			}
			return plainFrame(body)
		case marker == markerDHT, marker == markerDQT, marker == markerDRI, marker == markerCOM, marker > markerAPP0 && marker <= markerAPP15:
		default:
			return c, false
		}
	}
	return c, false
}

// plainFrame reads a frame header (T.81, B.2.2).
func plainFrame(b []byte) (c image.Config, ok bool) {
	if len(b) < 6 || b[0] != 8 || len(b) != 6+3*int(b[5]) {
		return c, false
	}
	c.Height, c.Width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	id := func(i int) byte { return b[6+3*i] }
	for i := range int(b[5]) {
		sampling, table := b[7+3*i], b[8+3*i]
		full := sampling == 0x11
		if i == 0 {
			full = sampling>>4 >= 1 && sampling>>4 <= 2 && sampling&15 >= 1 && sampling&15 <= 2
		}
		if !full || table > 3 {
			return c, false
		}
	}
	switch {
	case b[5] == 1:
		c.ColorModel = color.GrayModel
	case b[5] == 3 && id(0) != id(1) && id(0) != id(2) && id(1) != id(2):
		c.ColorModel = color.YCbCrModel
	default:
		return c, false
	}
	return c, true
}
