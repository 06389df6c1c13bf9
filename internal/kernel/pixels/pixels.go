// Package pixels holds what makes, reads and packs rows of bytes: a JPEG's inverse
// transform and its colours, rows resized to a net's input, a map's values between two
// rows of floats, the differences of two rows, and Adler-32. All machines give the same
// bytes. Package kernel explains the names.
package pixels

import (
	"encoding/binary"
	"hash/adler32"
)

// Blend writes the 8-bit values of a row that lies t of the way from row a to row b: a +
// (b-a)*t times 255, cut down to whole numbers, and to 0 and 255. dst is as long as a
// and b at most.
func Blend(dst []uint8, a, b []float32, t float32) { blendRow(dst, a[:len(dst)], b[:len(dst)], t) }

func blendGeneric(dst []uint8, a, b []float32, t float32) {
	for i, v := range a {
		// Rounded by itself, so that no machine fuses it with the addition.
		d := float32((b[i] - v) * t)
		dst[i] = uint8(min(max((v+d)*255, 0), 255))
	}
}

// Difference writes x - y, modulo 256. dst may be x or lie before it; it must not
// overlap y otherwise. All are as long as dst.
func Difference(dst, x, y []uint8) { differenceRow(dst, x[:len(dst)], y[:len(dst)]) }

// differenceGeneric takes eight bytes at a time: with the highest bit of every byte of
// x set and of y cleared none borrows from the next.
func differenceGeneric(dst, x, y []uint8) {
	const high = 0x8080808080808080
	i, n := 0, len(dst)
	for ; i+8 <= n; i += 8 {
		a, b := binary.LittleEndian.Uint64(x[i:]), binary.LittleEndian.Uint64(y[i:])
		binary.LittleEndian.PutUint64(dst[i:], ((a|high)-(b&^high))^((a^^b)&high))
	}
	for ; i < n; i++ {
		dst[i] = x[i] - y[i]
	}
}

// Adler32 gives the Adler-32 of what sum is that of and p behind it; that of nothing
// is 1. Source: RFC 1950, section 9.
func Adler32(sum uint32, p []byte) uint32 { return adlerRow(sum, p) }

const adlerMod = 65521

func adlerGeneric(sum uint32, p []byte) uint32 {
	// That of p alone is 1 + its bytes, and len(p) + its running sums.
	v := adler32.Checksum(p)
	a, b := v&0xffff, v>>16
	n := uint64(len(p)) % adlerMod
	b = uint32((uint64(sum>>16) + uint64(b) + n*uint64(sum&0xffff+adlerMod-1)) % adlerMod)
	a = (sum&0xffff + a + adlerMod - 1) % adlerMod
	return b<<16 | a
}

// RGB writes the pixels of a row, three bytes each, as color.YCbCrToRGB does. cb and cr
// have a sample for every pixel, or with pairs for two.
func RGB(dst, luma, cb, cr []uint8, pairs bool) {
	n := len(luma)
	colours := n
	if pairs {
		colours = (n + 1) / 2
	}
	rgbRow(dst[:3*n], luma, cb[:colours], cr[:colours], pairs)
}

func rgbGeneric(dst, luma, cb, cr []uint8, pairs bool) {
	shift := 0
	if pairs {
		shift = 1
	}
	for c := range cb {
		// What colour adds is the same for all pixels that share it.
		b, r := int32(cb[c])-128, int32(cr[c])-128
		red, green, blue := 91881*r, -22554*b-46802*r, 116130*b
		for i := c << shift; i < min((c+1)<<shift, len(luma)); i++ {
			v := int32(luma[i]) * 0x10101
			p := dst[3*i : 3*i+3 : 3*i+3]
			p[0], p[1], p[2] = upper(v+red), upper(v+green), upper(v+blue)
		}
	}
}

// upper is bits 16 to 23 of v, cut to 0..255.
func upper(v int32) uint8 {
	if uint32(v)&0xff000000 != 0 {
		return uint8(^(v >> 31))
	}
	return uint8(v >> 16)
}
