package data

import (
	"bytes"
	"encoding/binary"
)

// upright is the EXIF orientation of a picture that is stored as it is seen.
const upright = 1

// orientation reads the EXIF orientation (1..8) of a JPEG or PNG file, 1 when
// there is none or it makes no sense. It only looks at offsets inside file.
// Source: EXIF 2.32 (CIPA DC-008), tag 0x0112; PNG 3rd edition, chunk eXIf.
func orientation(file []byte) int {
	switch {
	case bytes.HasPrefix(file, []byte(jpegMagic)):
		return jpegOrientation(file)
	case bytes.HasPrefix(file, []byte(pngMagic)):
		return pngOrientation(file)
	}
	return upright
}

// jpegOrientation walks the segments before the first scan for APP1 "Exif".
func jpegOrientation(file []byte) int {
	header := []byte("Exif\x00\x00")
	for p := 2; p+4 <= len(file) && file[p] == 0xff; {
		marker := file[p+1]
		if marker == 0xff { // fill byte
			p++
			continue
		}
		if marker == 0xda || marker == 0xd9 { // start of scan, end of image
			break
		}
		end := p + 2 + int(binary.BigEndian.Uint16(file[p+2:]))
		if end < p+4 || end > len(file) {
			break
		}
		if body := file[p+4 : end]; marker == 0xe1 && bytes.HasPrefix(body, header) {
			return tiffOrientation(body[len(header):])
		}
		p = end
	}
	return upright
}

// pngOrientation walks the chunks for eXIf.
func pngOrientation(file []byte) int {
	for p := len(pngMagic); p+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[p:]))
		end := int64(p) + 12 + n
		if end > int64(len(file)) {
			break
		}
		if string(file[p+4:p+8]) == "eXIf" {
			return tiffOrientation(file[p+8 : end-4])
		}
		p = int(end)
	}
	return upright
}

// tiffOrientation reads tag 0x0112 in the first directory of a TIFF block.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	} else if string(b[:2]) != "II" {
		return upright
	}
	at := int64(order.Uint32(b[4:]))
	if order.Uint16(b[2:]) != 42 || at+2 > int64(len(b)) {
		return upright
	}
	dir := b[at+2:]
	for n := int(order.Uint16(b[at:])); n > 0 && len(dir) >= 12; n, dir = n-1, dir[12:] {
		if order.Uint16(dir) != 0x0112 || order.Uint32(dir[4:]) != 1 {
			continue
		}
		var v uint32
		switch order.Uint16(dir[2:]) {
		case 3: // SHORT
			v = uint32(order.Uint16(dir[8:]))
		case 4: // LONG, written by some
			v = order.Uint32(dir[8:])
		}
		if v >= 1 && v <= 8 {
			return int(v)
		}
		return upright
	}
	return upright
}

// sideways says whether an orientation swaps width and height.
func sideways(orientation int) bool { return orientation >= 5 }

// turn writes the picture src (h rows of w pixels of ch bytes) into dst as it is
// seen under an EXIF orientation; under 5..8 dst has w rows of h pixels.
func turn(dst, src []uint8, w, h, ch, orientation int) {
	// A step of one to the right, and one down, in dst moves dx, dy in src.
	at, dx, dy := 0, 1, w
	switch orientation {
	case 2: // mirrored
		at, dx, dy = w-1, -1, w
	case 3: // upside down
		at, dx, dy = w*h-1, -1, -w
	case 4: // mirrored and upside down
		at, dx, dy = w*(h-1), 1, -w
	case 5: // transposed
		at, dx, dy = 0, w, 1
	case 6: // to be turned clockwise
		at, dx, dy = w*(h-1), -w, 1
	case 7: // transposed along the other diagonal
		at, dx, dy = w*h-1, -w, -1
	case 8: // to be turned counterclockwise
		at, dx, dy = w-1, w, -1
	}
	cols, rows := w, h
	if sideways(orientation) {
		cols, rows = h, w
	}
	for y, to := 0, 0; y < rows; y++ {
		from := at + y*dy
		for range cols {
			for c := range ch {
				dst[to] = src[from*ch+c]
				to++
			}
			from += dx
		}
	}
}
