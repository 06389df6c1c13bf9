package eval

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"

	"csnet/data"
)

// greyReader reads maps and masks, each valid until the next call. The plain
// kind (PNG, 8-bit grey, not interlaced, of bounded size) is decoded here, in
// kept buffers and in about half the time of image/png; whatever is not that,
// or has any fault, goes to data.ReadMask, which decides and words the errors.
type greyReader struct {
	file  bytes.Buffer
	idat  []byte
	raw   []byte // filtered rows
	flate io.ReadCloser
	mask  data.Mask
}

const (
	pngMagic      = "\x89PNG\r\n\x1a\n"
	plainPixels   = 1 << 24 // larger pictures are left to data.ReadMask
	plainBytes    = 1 << 25
	deflateAtMost = 1032 // bytes out of one byte in
)

func (g *greyReader) read(path string) (*data.Mask, error) {
	if g.slurp(path) && g.plain(g.file.Bytes()) {
		return &g.mask, nil
	}
	return data.ReadMask(path)
}

// readMap is read for a stored map, of which a channel may be asked for.
func (g *greyReader) readMap(path string, channel data.Channel) (*data.Mask, error) {
	if channel != data.ChannelAlpha && g.slurp(path) && g.plain(g.file.Bytes()) {
		return &g.mask, nil
	}
	return data.ReadMap(path, channel)
}

func (g *greyReader) slurp(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > plainBytes {
		return false
	}
	g.file.Reset()
	g.file.Grow(int(info.Size()) + bytes.MinRead)
	_, err = g.file.ReadFrom(io.LimitReader(f, plainBytes))
	return err == nil
}

// plain decodes a plain PNG into g.mask, or says that it is none.
func (g *greyReader) plain(b []byte) bool {
	w, h, ok := g.chunks(b)
	if !ok || len(g.idat) < 6 || (w+1)*h > deflateAtMost*len(g.idat) {
		return false
	}
	cmf, flg := g.idat[0], g.idat[1]
	if cmf&15 != 8 || (int(cmf)<<8|int(flg))%31 != 0 || flg&32 != 0 {
		return false
	}
	// The chunks' CRCs hold, so the zlib stream's own checksum is not needed.
	src := bytes.NewReader(g.idat[2 : len(g.idat)-4])
	if g.flate == nil {
		g.flate = flate.NewReader(src)
	} else if g.flate.(flate.Resetter).Reset(src, nil) != nil {
		return false
	}
	g.raw = grow(g.raw, (w+1)*h)
	if _, err := io.ReadFull(g.flate, g.raw); err != nil {
		return false
	}
	var more [1]byte
	if n, err := g.flate.Read(more[:]); n != 0 || err != io.EOF {
		return false
	}
	g.mask = data.Mask{W: w, H: h, Pix: grow(g.mask.Pix, w*h)}
	return unfilter(g.mask.Pix, g.raw, w)
}

// chunks checks a PNG's chunks and gathers its IDAT.
func (g *greyReader) chunks(b []byte) (w, h int, ok bool) {
	if !bytes.HasPrefix(b, []byte(pngMagic)) {
		return 0, 0, false
	}
	g.idat = g.idat[:0]
	last := ""
	for b = b[len(pngMagic):]; len(b) >= 12; {
		n := binary.BigEndian.Uint32(b)
		if int64(n)+12 > int64(len(b)) {
			return 0, 0, false
		}
		kind, body := string(b[4:8]), b[8:8+n]
		if crc32.ChecksumIEEE(b[4:8+n]) != binary.BigEndian.Uint32(b[8+n:]) || (last == "") != (kind == "IHDR") {
			return 0, 0, false
		}
		b = b[12+n:]
		switch kind {
		case "IHDR":
			if n != 13 || string(body[8:]) != "\x08\x00\x00\x00\x00" { // depth 8, grey, no interlace
				return 0, 0, false
			}
			iw, ih := int64(binary.BigEndian.Uint32(body)), int64(binary.BigEndian.Uint32(body[4:]))
			if iw < 1 || ih < 1 || iw > plainPixels || ih > plainPixels || iw*ih > plainPixels {
				return 0, 0, false
			}
			w, h = int(iw), int(ih)
		case "IDAT":
			if len(g.idat) > 0 && last != "IDAT" {
				return 0, 0, false
			}
			g.idat = append(g.idat, body...)
		case "IEND":
			return w, h, n == 0
		case "bKGD", "cHRM", "gAMA", "pHYs", "sRGB", "tEXt", "tIME", "zTXt": // change no pixel
		default:
			return 0, 0, false
		}
		last = kind
	}
	return 0, 0, false
}

// unfilter undoes PNG's row filters (PNG specification, section 9) of one-byte
// pixels; false for an unknown filter.
func unfilter(dst, raw []byte, w int) bool {
	above := make([]byte, w)
	for len(raw) > 0 {
		kind, src, row := raw[0], raw[1:w+1], dst[:w]
		switch kind {
		case 0:
			copy(row, src)
		case 1:
			left := byte(0)
			for i, v := range src {
				left += v
				row[i] = left
			}
		case 2:
			for i, v := range src {
				row[i] = v + above[i]
			}
		case 3:
			left := byte(0)
			for i, v := range src {
				left = v + byte((int(left)+int(above[i]))/2)
				row[i] = left
			}
		case 4:
			paeth(row, src, above)
		default:
			return false
		}
		above, raw, dst = row, raw[w+1:], dst[w:]
	}
	return true
}

// paeth adds the one of left, above and above left that is nearest to left +
// above - above left.
func paeth(row, src, above []byte) {
	left, corner := 0, 0
	for i, v := range src {
		up := int(above[i])
		dl, du := up-corner, left-corner
		dc := abs(dl + du)
		dl, du = abs(dl), abs(du)
		if du < dl {
			left, dl = up, du
		}
		if dc < dl {
			left = corner
		}
		left = (left + int(v)) & 255
		row[i] = byte(left)
		corner = up
	}
}

func abs(x int) int { return max(x, -x) }
