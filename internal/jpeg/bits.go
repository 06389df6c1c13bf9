package jpeg

import (
	"bytes"
	"encoding/binary"
)

// bits reads the bits of one entropy-coded segment, most significant first. The
// segment is copied without its stuffed zero bytes, a window of it at a time, so that
// eight bytes at a time can be taken. Zeros follow its end: reading on behind it gives
// zeros, and short tells.
type bits struct {
	buf  []byte // the window, and maxUnit bytes behind it
	pos  int    // of the next byte in buf
	acc  uint64 // n bits that were taken, at the top
	n    uint
	end  int    // bytes in the window
	rest []byte // what of the file is not in the window
	last bool   // the window holds the segment's end
}

// maxUnit is more bytes than any unit of blocks can take: ten blocks of 64
// coefficients of at most 31 bits.
const maxUnit = 10*64*31/8 + 64

// windowSize is how many bytes a window has.
const windowSize = 1 << 15

// start begins the segment that file begins with.
func (b *bits) start(file []byte) {
	if b.buf == nil {
		b.buf = make([]byte, windowSize+maxUnit)
	}
	b.pos, b.acc, b.n, b.end, b.rest, b.last = 0, 0, 0, 0, file, false
}

// ready makes sure that a unit can be read: that it is in the window, or that the
// window holds the segment's end.
func (b *bits) ready() {
	if !b.last && b.pos+maxUnit > b.end {
		b.more()
	}
}

// more moves what is left of the window to its beginning and fills it.
func (b *bits) more() {
	at := copy(b.buf, b.buf[b.pos:b.end])
	b.pos = 0
	for at < windowSize && !b.last {
		piece := b.rest[:min(windowSize-at, len(b.rest))]
		n := bytes.IndexByte(piece, 0xff)
		switch {
		case n < 0:
			n = len(piece)
			b.last = n == len(b.rest)
			at += copy(b.buf[at:], piece)
			b.rest = b.rest[n:]
		case n+1 >= len(b.rest) || b.rest[n+1] != 0: // a marker
			at += copy(b.buf[at:], piece[:n])
			b.rest, b.last = b.rest[n:], true
		default:
			at += copy(b.buf[at:], piece[:n+1])
			b.rest = b.rest[n+2:]
		}
	}
	b.end = at
	clear(b.buf[at:])
}

// marker gives what follows the segment: the file from the next marker on.
func (b *bits) marker() []byte {
	for !b.last {
		b.pos = b.end
		b.more()
	}
	return b.rest
}

// fill makes at least 56 bits ready.
func (b *bits) fill() {
	b.acc |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> (b.n & 63)
	b.pos += int(63-b.n) >> 3
	b.n |= 56
}

// A cursor is a copy of what changes in bits as they are read, for the loops that read
// them, where a compiler can keep it in registers. It is put back with b.at.
type cursor struct {
	acc uint64
	n   uint
	pos int
}

func (b *bits) cursor() cursor { return cursor{b.acc, b.n, b.pos} }

func (b *bits) at(c cursor) { b.acc, b.n, b.pos = c.acc, c.n, c.pos }

// filled is the cursor with at least 56 bits ready.
func (c cursor) filled(buf []byte) cursor {
	c.acc |= binary.BigEndian.Uint64(buf[c.pos:]) >> (c.n & 63)
	c.pos += int(63-c.n) >> 3
	c.n |= 56
	return c
}

// behind is the cursor behind the bits that the lower five bits of e count.
func (c cursor) behind(e uint32) cursor {
	c.acc <<= e & 31
	c.n -= uint(e & 31)
	return c
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
