package jpeg

import (
	"encoding/binary"
	"errors"
)

// Markers (T.81, table B.1).
const (
	markSOF0 = 0xc0 // frame: baseline
	markSOF1 = 0xc1 // extended sequential
	markSOF2 = 0xc2 // progressive
	markDHT  = 0xc4
	markRST0 = 0xd0
	markRST7 = 0xd7
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markDQT  = 0xdb
	markDRI  = 0xdd
	markAPP0 = 0xe0
	markAdob = 0xee // APP14
	markAPPn = 0xef
	markCOM  = 0xfe
)

// segments reads the file from marker to marker and decodes its scans.
func (d *decoder) segments() error {
	d.adobe = -1
	if len(d.file) < 2 || d.file[0] != 0xff || d.file[1] != markSOI {
		return errors.New("no JPEG: it has no start mark")
	}
	for at := 2; ; {
		marker, next := nextMarker(d.file, at)
		if marker == markEOI || marker == 0 && d.scans > 0 {
			return d.complete(marker == markEOI)
		}
		if marker == 0 {
			return errShort
		}
		if marker >= markRST0 && marker <= markRST7 {
			at = next
			continue
		}
		if next+2 > len(d.file) {
			return errShort
		}
		end := next + int(binary.BigEndian.Uint16(d.file[next:]))
		if end < next+2 || end > len(d.file) {
			return errShort
		}
		body := d.file[next+2 : end]
		if marker == markSOS {
			n, err := d.scan(body, d.file[end:])
			if err != nil {
				return err
			}
			at = end + n
			continue
		}
		if err := d.segment(marker, body); err != nil {
			return err
		}
		at = end
	}
}

// nextMarker finds the next marker from at on and where it ends; 0 is none.
// Bytes that do not belong there are passed over, as libjpeg does.
func nextMarker(file []byte, at int) (byte, int) {
	for ; at+1 < len(file); at++ {
		if file[at] == 0xff && file[at+1] != 0xff && file[at+1] != 0 {
			return file[at+1], at + 2
		}
	}
	return 0, at
}

func (d *decoder) segment(marker byte, body []byte) error {
	switch marker {
	case markSOF0, markSOF1, markSOF2:
		d.progressive = marker == markSOF2
		return d.frame(body)
	case markDHT:
		return d.tables(body)
	case markDQT:
		return d.quantisers(body)
	case markDRI:
		if len(body) != 2 {
			return errors.New("a restart interval of a wrong length")
		}
		d.interval = int(binary.BigEndian.Uint16(body))
		return nil
	case markAdob:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			d.adobe = int(body[11])
		}
		return nil
	case markAPP0:
		if len(body) >= 5 {
			d.jfif = string(body[:5]) == "JFIF\x00"
		}
		return nil
	}
	if marker > markAPP0 && marker <= markAPPn || marker == markCOM {
		return nil
	}
	return unusual("segment %#x", marker)
}

// frame reads the size and the components.
func (d *decoder) frame(body []byte) error {
	if d.comps != nil {
		return errors.New("a second frame")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return errors.New("a frame of a wrong length")
	}
	n := int(body[5])
	d.h, d.w = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if body[0] != 8 || n != 1 && n != 3 && n != 4 || d.w == 0 || d.h == 0 {
		return unusual("%d bits, %d colours, %dx%d", body[0], n, d.w, d.h)
	}
	d.comps = make([]component, n)
	for i := range d.comps {
		c, b := &d.comps[i], body[6+3*i:]
		c.id, c.h, c.v, c.tq = b[0], int(b[1]>>4), int(b[1]&15), b[2]
		if n == 1 {
			c.h, c.v = 1, 1 // T.81, A.2.2: one component is not interleaved
		}
		for j := range i {
			if d.comps[j].id == c.id {
				return errors.New("two colours of one name")
			}
		}
		if c.tq > 3 || !factor(c.h) || !factor(c.v) {
			return unusual("a colour sampled %dx%d", c.h, c.v)
		}
		d.maxH, d.maxV = max(d.maxH, c.h), max(d.maxV, c.v)
	}
	if err := d.sampling(); err != nil {
		return err
	}
	d.mcusX = (d.w + 8*d.maxH - 1) / (8 * d.maxH)
	d.mcusY = (d.h + 8*d.maxV - 1) / (8 * d.maxV)
	for i := range d.comps {
		c := &d.comps[i]
		c.blocksX = d.mcusX * c.h
		c.side = min(8, d.side*min(d.maxH/c.h, d.maxV/c.v))
		c.across, c.down = d.maxH*d.side/(c.h*c.side), d.maxV*d.side/(c.v*c.side)
	}
	return nil
}

func factor(n int) bool { return n == 1 || n == 2 || n == 4 }

// sampling accepts the ratios that package image has words for.
func (d *decoder) sampling() error {
	c := d.comps
	odd := unusual("its sampling")
	switch len(c) {
	case 3:
		if c[0].v == 4 || c[0].h%c[1].h != 0 || c[0].v%c[1].v != 0 || c[1].h != c[2].h || c[1].v != c[2].v || !known(c[0], c[1]) {
			return odd
		}
	case 4:
		full := c[0].h == c[0].v && c[0].h <= 2
		if !full || c[1].h*c[1].v*c[2].h*c[2].v != 1 || c[3].h != c[0].h || c[3].v != c[0].v {
			return odd
		}
	}
	return nil
}

// known says whether package image has a word for a sampling, and image/jpeg counts
// its units right.
func known(luma, chroma component) bool {
	across, down := luma.h/chroma.h, luma.v/chroma.v
	return (chroma.h == 1 || across == 1) && (chroma.v == 1 || down == 1) && down <= 2
}

// tables reads Huffman tables.
func (d *decoder) tables(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]>>4 > 1 || body[0]&15 > 3 {
			return errors.New("a Huffman table that is none")
		}
		n := 0
		for _, count := range body[1:17] {
			n += int(count)
		}
		if n == 0 || n > 256 || len(body) < 17+n {
			return errors.New("a Huffman table of a wrong length")
		}
		t := d.keep.table()
		if err := t.define(body[1:17], body[17:17+n]); err != nil {
			return err
		}
		if body[0]>>4 == 0 {
			d.dc[body[0]&15] = t
		} else {
			d.ac[body[0]&15] = t
		}
		body = body[17+n:]
	}
	return nil
}

// quantisers reads quantisation tables, in zig-zag order.
func (d *decoder) quantisers(body []byte) error {
	for len(body) > 0 {
		wide, to := int(body[0]>>4), body[0]&15
		body = body[1:]
		if wide > 1 || to > 3 || len(body) < 64<<wide {
			return errors.New("a quantisation table that is none")
		}
		q := new([64]int32)
		for i := range q {
			if wide == 0 {
				q[i] = int32(body[i])
			} else {
				q[i] = int32(binary.BigEndian.Uint16(body[2*i:]))
			}
		}
		d.quant[to] = q
		body = body[64<<wide:]
	}
	return nil
}
