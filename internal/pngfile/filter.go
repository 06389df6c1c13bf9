package pngfile

import (
	"encoding/binary"
	"hash/adler32"
)

// up writes what a row differs from the one above, eight bytes at a time.
func up(dst, now, above []byte) {
	const high = 0x8080808080808080
	n := len(now)
	dst, above = dst[:n], above[:n]
	i := 0
	for ; i+8 <= n; i += 8 {
		a, b := binary.LittleEndian.Uint64(now[i:]), binary.LittleEndian.Uint64(above[i:])
		binary.LittleEndian.PutUint64(dst[i:], ((a|high)-(b&^high))^((a^^b)&high))
	}
	for ; i < n; i++ {
		dst[i] = now[i] - above[i]
	}
}

// sub writes what each pixel differs from the one to its left.
func sub(dst, now []byte, pixel int) {
	dst = dst[:len(now)]
	copy(dst[:min(pixel, len(now))], now)
	if len(now) > pixel {
		up(dst[pixel:], now[pixel:], now[:len(now)-pixel])
	}
}

// sum is Adler-32 (RFC 1950); rows of zeros, of which smooth maps have many, are
// added at once.
type sum struct{ a, b uint32 }

func newSum() *sum { return &sum{1, 0} }

const adlerMod = 65521

func (s *sum) value() uint32 { return s.b<<16 | s.a }

// add adds bytes, the first of which is a row's filter.
func (s *sum) add(p []byte) {
	if zeros := trailingZeros(p); zeros > 0 {
		s.some(p[:len(p)-zeros])
		s.b = uint32((uint64(s.b) + uint64(zeros)%adlerMod*uint64(s.a)) % adlerMod)
		return
	}
	s.some(p)
}

func (s *sum) some(p []byte) {
	// Adler-32 of p alone is a' = 1 + sum, b' = n + ...; put behind what there is.
	v := adler32.Checksum(p)
	a, b := v&0xffff, v>>16
	n := uint64(len(p)) % adlerMod
	s.b = uint32((uint64(s.b) + uint64(b) + n*uint64(s.a+adlerMod-1)) % adlerMod)
	s.a = (s.a + a + adlerMod - 1) % adlerMod
}

func trailingZeros(p []byte) int {
	n := len(p)
	for n >= 8 && binary.LittleEndian.Uint64(p[n-8:]) == 0 {
		n -= 8
	}
	return len(p) - n
}
