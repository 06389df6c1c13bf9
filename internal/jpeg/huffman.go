package jpeg

import "errors"

// lookBits is how many bits of a code are looked up at once, skipBits how many of
// codes to pass over.
const (
	lookBits = 10
	skipBits = 12
)

// A table decodes Huffman codes (T.81, annex C and F.2.2.3).
type table struct {
	// By the next lookBits bits: the symbol and, below it, the length of its code in
	// 8 bits; 0 when the code is longer.
	look [1 << lookBits]uint16
	// AC codes by the next lookBits bits with what follows them; 0: not in so few.
	// See acEntry.
	ac      [1 << lookBits]uint32
	diff    [1 << lookBits]uint32 // DC codes likewise
	skip    [1 << skipBits]uint16 // see skipEntry
	reads   bool                  // ac is filled
	diffs   bool                  // diff is
	skips   bool                  // skip is
	last    [17]int32             // the last code of each length; -1 = none
	first   [17]int32             // the first
	from    [17]int32             // where its symbol stands
	symbols [256]byte
}

// define fills a table from a DHT segment: how many codes each length has, and
// their symbols.
func (t *table) define(counts []byte, symbols []byte) error {
	*t = table{}
	copy(t.symbols[:], symbols)
	code, at := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		t.first[length], t.last[length], t.from[length] = code, code+n-1, at
		if n == 0 {
			t.last[length] = -1
		}
		if code+n > 1<<length {
			return errors.New("a Huffman table of more codes than there are")
		}
		if length <= lookBits {
			for i := range n {
				lo := (code + i) << (lookBits - length)
				for k := range int32(1) << (lookBits - length) {
					t.look[lo+k] = uint16(t.symbols[at+i])<<8 | uint16(length)
				}
			}
		}
		code, at = (code+n)<<1, at+n
	}
	return nil
}

// next reads a symbol; 16 bits are ready.
func (t *table) next(b *bits) (byte, error) {
	if e := t.look[b.acc>>(64-lookBits)]; e != 0 {
		b.acc <<= e & 0xff
		b.n -= uint(e & 0xff)
		return byte(e >> 8), nil
	}
	for length := uint(lookBits + 1); length <= 16; length++ {
		if code := int32(b.acc >> (64 - length)); code <= t.last[length] {
			b.acc <<= length
			b.n -= length
			return t.symbols[t.from[length]+code-t.first[length]], nil
		}
	}
	return 0, errCode
}

// An acEntry is an AC code and the number behind it, both within lookBits bits:
// the number in the upper 16 bits, then 8 bits of how many coefficients it stands
// for (its zeros and itself; 64 = end of block), and 8 of the bits it takes. The
// entry of a DC code is the same without the coefficients.
//
// A skipEntry is as many AC codes as begin within skipBits bits: in the lower 5 bits
// the bits they take, of which those of the last number need not be looked at, and
// above them the coefficients they stand for, skipEnd more with an end of block
// behind them. skipNone is a code that is longer.
const (
	skipEnd  = 128
	skipNone = 0xffe0
)

// toRead fills the table of AC codes of sequential files with their numbers.
func (t *table) toRead() {
	if t.reads {
		return
	}
	for i := range t.look {
		t.ac[i] = t.acEntry(uint32(i))
	}
	t.reads = true
}

// toDiff fills the table of DC codes with their numbers.
func (t *table) toDiff() {
	if t.diffs {
		return
	}
	for i, e := range t.look {
		length, size := uint(e&0xff), uint(e>>8)
		if e == 0 || size > 15 || length+size > lookBits {
			continue
		}
		v := int32(0)
		if size > 0 {
			v = extend(uint32(i)>>(lookBits-length-size)&(1<<size-1), size)
		}
		t.diff[i] = uint32(uint16(v))<<16 | uint32(length+size)
	}
	t.diffs = true
}

// toSkip fills the table for passing over them.
func (t *table) toSkip() {
	if t.skips {
		return
	}
	for i := range t.skip {
		t.skip[i] = t.skipEntry(uint32(i))
	}
	t.skips = true
}

func (t *table) acEntry(window uint32) uint32 {
	e := t.look[window]
	if e == 0 {
		return 0
	}
	length, run, size := uint(e&0xff), uint32(e>>12), uint(e>>8&15)
	switch {
	case size == 0 && run == 15:
		return 16<<8 | uint32(length)
	case size == 0 && run == 0:
		return 64<<8 | uint32(length)
	case size == 0: // has no meaning in sequential files
		return 0
	case length+size > lookBits:
		return 0
	}
	v := window >> (lookBits - length - size) & (1<<size - 1)
	return uint32(uint16(extend(v, size)))<<16 | (run+1)<<8 | uint32(length+size)
}

func (t *table) skipEntry(window uint32) uint16 {
	used, count := uint(0), uint(0)
	for used < skipBits {
		e := t.look[window<<used&(1<<skipBits-1)>>(skipBits-lookBits)]
		length, run, size := uint(e&0xff), uint(e>>12), uint(e>>8&15)
		if e == 0 || used+length > skipBits {
			break
		}
		switch {
		case size == 0 && run == 0:
			return uint16((skipEnd+count)<<5 | (used + length))
		case size == 0 && run < 15, count+run+1 > 62:
			return skipped(count, used)
		}
		used, count = used+length+size, count+run+1
	}
	return skipped(count, used)
}

func skipped(count, used uint) uint16 {
	if used == 0 {
		return skipNone
	}
	return uint16(count<<5 | used)
}
