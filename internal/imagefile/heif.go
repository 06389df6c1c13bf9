package imagefile

import (
	"encoding/binary"
	"errors"
)

// A box is a part of an ISO base media file. Source: ISO/IEC 14496-12, section 4.2.
type box struct {
	kind string
	body []byte
}

// boxes lists the boxes that follow one another in b; one that is cut short ends
// the list, at what is there of it.
func boxes(b []byte) []box {
	var out []box
	for len(b) >= 8 {
		n, head := uint64(binary.BigEndian.Uint32(b)), 8
		if n == 1 && len(b) >= 16 {
			n, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if n == 0 || n > uint64(len(b)) {
			n = uint64(len(b))
		}
		if n < uint64(head) {
			break
		}
		out = append(out, box{string(b[4:8]), b[head:n]})
		b = b[n:]
	}
	return out
}

// find gives the body of the first box of a kind, less skip bytes of version and
// flags.
func find(in []box, kind string, skip int) []byte {
	for _, b := range in {
		if b.kind == kind && len(b.body) >= skip {
			return b.body[skip:]
		}
	}
	return nil
}

// heifSize reads the size of a HEIC's or AVIF's primary picture, as it is seen.
// Source: ISO/IEC 23008-12, sections 6.5 (ispe, irot) and 9.3 (ipma).
func heifSize(file []byte) (w, h int, err error) {
	meta := boxes(find(boxes(file), "meta", 4))
	if len(meta) == 0 {
		return 0, 0, errors.New("it has no description of its pictures (no meta box)")
	}
	primary := uint32(0)
	if p := find(meta, "pitm", 0); len(p) >= 6 && p[0] == 0 {
		primary = uint32(binary.BigEndian.Uint16(p[4:]))
	} else if len(p) >= 8 {
		primary = binary.BigEndian.Uint32(p[4:])
	}
	iprp := boxes(find(meta, "iprp", 0))
	properties := boxes(find(iprp, "ipco", 0))
	turned := false
	for _, i := range associations(find(iprp, "ipma", 0), primary) {
		if i < 1 || i > len(properties) {
			continue
		}
		switch p := properties[i-1]; {
		case p.kind == "ispe" && len(p.body) >= 12:
			w, h = int(binary.BigEndian.Uint32(p.body[4:])), int(binary.BigEndian.Uint32(p.body[8:]))
		case p.kind == "irot" && len(p.body) >= 1:
			turned = p.body[0]&1 != 0
		}
	}
	if w == 0 || h == 0 {
		return 0, 0, errors.New("it does not say how large its picture is")
	}
	if turned {
		w, h = h, w
	}
	return w, h, nil
}

// associations lists the properties of an item, counted from 1.
func associations(b []byte, item uint32) []int {
	if len(b) < 8 {
		return nil
	}
	version, wide := b[0], b[3]&1 != 0
	idSize := 2
	if version > 0 {
		idSize = 4
	}
	var out []int
	count := binary.BigEndian.Uint32(b[4:])
	for b = b[8:]; count > 0 && len(b) > idSize; count-- {
		id := uint32(binary.BigEndian.Uint16(b))
		if idSize == 4 {
			id = binary.BigEndian.Uint32(b)
		}
		n := int(b[idSize])
		b = b[idSize+1:]
		for ; n > 0 && len(b) > 1; n-- {
			v := int(b[0] & 0x7f)
			if wide {
				v, b = v<<8|int(b[1]), b[1:]
			}
			b = b[1:]
			if id == item {
				out = append(out, v)
			}
		}
	}
	return out
}
