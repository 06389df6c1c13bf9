package imagefile

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// soundChunks gives a PNG without those ancillary chunks whose checksum is wrong,
// the file itself where there are none. Nothing in them is needed for the pixels,
// and libpng skips them with a warning; some editors wrote such colour profiles.
// Source: PNG 3rd edition, sections 5.4 (a lower-case first letter is ancillary).
func soundChunks(file []byte) []byte {
	var out []byte
	kept := 0 // how much of file is in out
	for at := len(pngMagic); at+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[at:]))
		end := int64(at) + 12 + n
		if end > int64(len(file)) {
			break
		}
		ancillary := file[at+4]&0x20 != 0
		if ancillary && crc32.ChecksumIEEE(file[at+4:end-4]) != binary.BigEndian.Uint32(file[end-4:]) {
			out = append(out, file[kept:at]...)
			kept = int(end)
		}
		at = int(end)
	}
	if kept == 0 {
		return file
	}
	return slices.Concat(out, file[kept:])
}
