package imagefile

import (
	"encoding/binary"
	"errors"
)

// An entry is one of a TIFF directory.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte // 4 bytes: the value, or where it stands
}

// directory lists the first directory of a TIFF block, as far as it is there, and
// gives the block's byte order, nil when it is no TIFF. It only looks at offsets
// inside the block.
func directory(b []byte) ([]entry, binary.ByteOrder) {
	if len(b) < 8 {
		return nil, nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(b[:2]) == "MM" {
		order = binary.BigEndian
	} else if string(b[:2]) != "II" {
		return nil, nil
	}
	at := int64(order.Uint32(b[4:]))
	if order.Uint16(b[2:]) != 42 || at+2 > int64(len(b)) {
		return nil, nil
	}
	var out []entry
	dir := b[at+2:]
	for n := int(order.Uint16(b[at:])); n > 0 && len(dir) >= 12; n, dir = n-1, dir[12:] {
		out = append(out, entry{order.Uint16(dir), order.Uint16(dir[2:]), order.Uint32(dir[4:]), dir[8:12]})
	}
	return out, order
}

const (
	tagSubfile     = 0x00fe // bit 0: a reduced copy of another picture in the file
	tagOrientation = 0x0112
	tagProfile     = 0x8773
	tagDNG         = 0xc612

	kindShort = 3
	kindLong  = 4
)

// number is an entry's one whole number.
func (e entry) number(order binary.ByteOrder) (uint32, bool) {
	switch {
	case e.count != 1:
		return 0, false
	case e.kind == kindShort:
		return uint32(order.Uint16(e.value)), true
	case e.kind == kindLong:
		return order.Uint32(e.value), true
	}
	return 0, false
}

// rawPhoto refuses the raw files of cameras that have TIFF's form: what a TIFF
// reader finds first in them is a small preview.
func rawPhoto(file []byte) error {
	if len(file) >= 10 && string(file[8:10]) == "CR" {
		return errors.New("it is a Canon raw photo; convert it first")
	}
	entries, order := directory(file)
	for _, e := range entries {
		if e.tag == tagDNG {
			return errors.New("it is a raw photo (DNG); convert it first")
		}
		if v, ok := e.number(order); ok && e.tag == tagSubfile && v&1 != 0 {
			return errors.New("its first picture is a preview, it seems to be a raw photo; convert it first")
		}
	}
	return nil
}
