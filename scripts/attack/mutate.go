//go:build unix

package main

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"slices"
)

// mutate damages a file in one of many ways and says whether nothing of it can be
// whole any more: it was cut.
func mutate(rng *rand.Rand, file []byte) (out []byte, cut bool) {
	out = slices.Clone(file)
	at := func() int { return rng.IntN(len(out)) }
	switch rng.IntN(10) {
	case 0, 1: // a bit
		out[at()] ^= 1 << rng.IntN(8)
	case 2: // some bytes
		for range 1 + rng.IntN(64) {
			out[at()] = byte(rng.Uint32())
		}
	case 3: // a zeroed sector
		from := at() &^ 511
		clear(out[from:min(from+512, len(out))])
		if slices.Equal(out, file) {
			out[at()] ^= 1
		}
	case 4: // cut short, by more than an end mark
		return out[:rng.IntN(max(1, len(out)-len(out)/20-16))], true
	case 5: // a piece taken out
		from := at()
		to := from + 1 + rng.IntN(len(out)-from)
		out = slices.Delete(out, from, to)
	case 6: // a piece twice
		from := at()
		to := from + rng.IntN(min(4096, len(out)-from)+1)
		out = slices.Concat(out[:to], out[from:])
	case 7: // the beginning, where counts and sizes stand
		head := min(len(out), 64)
		for range 1 + rng.IntN(4) {
			out[rng.IntN(head)] = extreme(rng)
		}
	case 8: // large numbers, of two or four bytes
		from, n := at(), 2+2*rng.IntN(2)
		for i := from; i < min(from+n, len(out)); i++ {
			out[i] = extreme(rng)
		}
	case 9: // junk in the middle
		junk := make([]byte, 1+rng.IntN(2000))
		for i := range junk {
			junk[i] = byte(rng.Uint32())
		}
		out = slices.Insert(out, at(), junk...)
	}
	return out, false
}

func extreme(rng *rand.Rand) byte {
	return []byte{0, 1, 0x7f, 0x80, 0xfe, 0xff}[rng.IntN(6)]
}

// mendCRC sets the checksums of a PNG's chunks right, so that what is wrong gets
// past them.
func mendCRC(png []byte) []byte {
	for at := 8; at+12 <= len(png); {
		n := int(binary.BigEndian.Uint32(png[at:]))
		if n < 0 || n > len(png)-at-12 {
			break
		}
		binary.BigEndian.PutUint32(png[at+8+n:], crc32.ChecksumIEEE(png[at+4:at+8+n]))
		at += 12 + n
	}
	return png
}
