package jpeg

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// bits reads the bits of one entropy-coded segment, most significant first. The
// segment is copied without its stuffed zero bytes, so that eight bytes at a time
// can be taken, and zeros follow it: reading on behind its end gives zeros, and
// short tells.
type bits struct {
	buf []byte
	pos int    // of the next byte in buf
	acc uint64 // n bits that were taken, at the top
	n   uint
	end int // bytes of the segment
}

// maxUnit is more bytes than any unit of blocks can take: ten blocks of 64
// coefficients of at most 31 bits.
const maxUnit = 10*64*31/8 + 64

// load takes the segment at the start of file and returns its length there, up to
// the marker behind it or the end.
func (b *bits) load(file []byte) int {
	size := segmentSize(file)
	b.buf = slices.Grow(b.buf[:0], size+maxUnit)
	for rest := file[:size]; len(rest) > 0; {
		n := bytes.IndexByte(rest, 0xff)
		if n < 0 || n+1 >= len(rest) {
			b.buf = append(b.buf, rest...)
			break
		}
		b.buf = append(b.buf, rest[:n+1]...)
		rest = rest[n+2:]
	}
	b.end = len(b.buf)
	b.buf = b.buf[:b.end+maxUnit]
	clear(b.buf[b.end:])
	b.pos, b.acc, b.n = 0, 0, 0
	return size
}

// segmentSize is how far the data at the start of file go, stuffed zeros included.
func segmentSize(file []byte) int {
	for at := 0; ; at += 2 {
		n := bytes.IndexByte(file[at:], 0xff)
		if n < 0 {
			return len(file)
		}
		if at += n; at+1 >= len(file) || file[at+1] != 0 {
			return at
		}
	}
}

// fill makes at least 56 bits ready.
func (b *bits) fill() {
	b.acc |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> b.n
	b.pos += int(63-b.n) >> 3
	b.n |= 56
}

// short says whether more was read than the segment holds.
func (b *bits) short() bool { return b.pos*8-int(b.n) > b.end*8 }

// take reads n bits, 1 to 16; they are ready.
func (b *bits) take(n uint) uint32 {
	v := uint32(b.acc >> (64 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// extend turns n bits into the signed number they stand for (T.81, F.2.2.1).
func extend(v uint32, n uint) int32 {
	if v>>(n-1) == 0 {
		return int32(v) - int32(1)<<n + 1
	}
	return int32(v)
}
