// Package pngfile packs PNG files row by row, so that no whole picture need exist,
// and fast: one filter that suits the kind of picture, and the quickest deflate of
// klauspost/compress. Source: PNG 3rd edition (W3C, 2025).
package pngfile

import (
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"

	"csnet/internal/kernel/pixels"
)

// Header says what a file holds.
type Header struct {
	W, H     int
	Channels int    // 1 grey, 3 RGB, 4 RGB and alpha, not multiplied
	Bits     int    // a sample: 8 or 16 (big endian)
	Profile  []byte // ICC profile, or none
}

// Encoder packs pictures and keeps its buffers. It serves one goroutine.
type Encoder struct {
	deflate *flate.Writer
	chunk   []byte // the IDAT chunk that is being filled, header and all
	line    []byte // filter and filtered row
	rows    [2][]byte
}

const (
	magic     = "\x89PNG\r\n\x1a\n"
	chunkSize = 1 << 16
	filterSub = 1
	filterUp  = 2
)

// Encode writes a file. row gives the rows from top to bottom, into W*Channels
// samples. Errors: a header that is none; those of row and w.
func (e *Encoder) Encode(w io.Writer, h Header, row func(dst []byte, y int) error) error {
	kind, ok := map[int]byte{1: 0, 3: 2, 4: 6}[h.Channels]
	if !ok || h.W < 1 || h.H < 1 || h.W > 1<<30 || h.H > 1<<30 || h.Bits != 8 && h.Bits != 16 {
		return fmt.Errorf("pngfile: a picture of %dx%d pixels, %d channels, %d bits cannot be written", h.W, h.H, h.Channels, h.Bits)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(h.W))
	head = binary.BigEndian.AppendUint32(head, uint32(h.H))
	head = append(head, byte(h.Bits), kind, 0, 0, 0)
	if _, err := w.Write(chunk([]byte(magic), "IHDR", head)); err != nil {
		return err
	}
	if len(h.Profile) > 0 {
		profile, err := packed(h.Profile)
		if err != nil {
			return err
		}
		if _, err := w.Write(chunk(nil, "iCCP", append([]byte("ICC profile\x00\x00"), profile...))); err != nil {
			return err
		}
	}
	if err := e.pixels(w, h, row); err != nil {
		return err
	}
	_, err := w.Write(chunk(nil, "IEND", nil))
	return err
}

// chunk appends a chunk to b.
func chunk(b []byte, kind string, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	at := len(b)
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
}

// packed is a zlib stream of b.
func packed(b []byte) ([]byte, error) {
	e := new(Encoder)
	var out []byte
	sum := adler32.Checksum(b)
	s := sink(func(p []byte) error { out = append(out, p...); return nil })
	if err := e.start(s); err != nil {
		return nil, err
	}
	if _, err := e.deflate.Write(b); err != nil {
		return nil, err
	}
	if err := e.deflate.Close(); err != nil {
		return nil, err
	}
	return binary.BigEndian.AppendUint32(out, sum), nil
}

// sink is a writer that is a function.
type sink func(p []byte) error

func (s sink) Write(p []byte) (int, error) {
	if err := s(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// start begins a zlib stream to w.
func (e *Encoder) start(w io.Writer) error {
	if _, err := w.Write([]byte{0x78, 0x01}); err != nil {
		return err
	}
	if e.deflate == nil {
		var err error
		e.deflate, err = flate.NewWriter(w, flate.BestSpeed)
		return err
	}
	e.deflate.Reset(w)
	return nil
}

// pixels writes the IDAT chunks.
func (e *Encoder) pixels(w io.Writer, h Header, row func(dst []byte, y int) error) error {
	out := &idat{w: w, buf: e.chunk[:0]}
	defer func() { e.chunk = out.buf[:0] }()
	if err := e.start(out); err != nil {
		return err
	}
	pixel := h.Channels * h.Bits / 8
	n := h.W * pixel
	e.line = grown(e.line, n+1)
	for i := range e.rows {
		e.rows[i] = grown(e.rows[i], n)
	}
	clear(e.rows[1])
	sum := uint32(1)
	for y := range h.H {
		now, above := e.rows[y&1], e.rows[1-y&1]
		if err := row(now, y); err != nil {
			return err
		}
		if h.Channels == 1 { // smooth maps differ least from the row above
			e.line[0] = filterUp
			pixels.Difference(e.line[1:], now, above)
		} else {
			e.line[0] = filterSub
			copy(e.line[1:1+pixel], now)
			pixels.Difference(e.line[1+pixel:], now[pixel:], now)
		}
		sum = pixels.Adler32(sum, e.line)
		if _, err := e.deflate.Write(e.line); err != nil {
			return err
		}
	}
	if err := e.deflate.Close(); err != nil {
		return err
	}
	if _, err := out.Write(binary.BigEndian.AppendUint32(nil, sum)); err != nil {
		return err
	}
	return out.flush()
}

func grown(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// idat cuts a stream into chunks.
type idat struct {
	w   io.Writer
	buf []byte
}

func (d *idat) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(d.buf) == 0 {
			d.buf = append(d.buf, "\x00\x00\x00\x00IDAT"...)
		}
		k := min(len(p), chunkSize+8-len(d.buf))
		d.buf, p = append(d.buf, p[:k]...), p[k:]
		if len(d.buf) == chunkSize+8 {
			if err := d.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (d *idat) flush() error {
	if len(d.buf) == 0 {
		return nil
	}
	binary.BigEndian.PutUint32(d.buf, uint32(len(d.buf)-8))
	d.buf = binary.BigEndian.AppendUint32(d.buf, crc32.ChecksumIEEE(d.buf[4:]))
	_, err := d.w.Write(d.buf)
	d.buf = d.buf[:0]
	return err
}
