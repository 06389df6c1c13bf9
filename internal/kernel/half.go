package kernel

import (
	"math"
	"unsafe"
)

// Float16 is a number in the 16 bits of IEEE 754's binary16: 5 of exponent, 10 of mantissa.
// Numbers below 2^-14 are denormal; the smallest is 2^-24, the largest 65504.
type Float16 uint16

// BFloat16 is a number in the upper 16 bits of a float32: 8 of exponent, 7 of mantissa.
type BFloat16 uint16

// Half is a number in 16 bits.
type Half interface{ Float16 | BFloat16 }

// ToFloat16 rounds v to nearest, ties to even, as the processors' own instruction does
// (VCVTPS2PH). Numbers of 65520 and more become infinite; a NaN stays one, is made quiet,
// and keeps the upper bits of its payload.
func ToFloat16(v float32) Float16 {
	b := math.Float32bits(v)
	sign, b := Float16(b>>16&0x8000), b&0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00 | Float16(b>>13&0x1ff)
	case b >= 0x477ff000: // 65520
		return sign | 0x7c00
	case b >= 0x38800000: // 2^-14: the smallest normal number
		return sign | Float16((b-0x38000000+0xfff+b>>13&1)>>13)
	}
	// The sum has the units of 2^-24, rounded, in its last bits.
	return sign | Float16(math.Float32bits(math.Float32frombits(b)+0.5)&0x7ff)
}

// Float32 is f, exactly.
func (f Float16) Float32() float32 {
	sign, b := uint32(f&0x8000)<<16, uint32(f&0x7fff)
	switch {
	case b > 0x7c00: // NaN, made quiet
		return math.Float32frombits(sign | 0x7fc00000 | b<<13)
	case b == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	case b >= 0x400:
		return math.Float32frombits(sign | (b<<13 + 0x38000000))
	}
	return math.Float32frombits(sign | math.Float32bits(float32(b)*(1./(1<<24))))
}

// ToBFloat16 rounds v to nearest, ties to even, as the processors' own instruction does
// (VCVTNEPS2BF16): a denormal becomes a 0 of its sign, numbers that round to 2^128 become
// infinite; a NaN stays one, is made quiet, and keeps the upper bits of its payload.
func ToBFloat16(v float32) BFloat16 {
	b := math.Float32bits(v)
	switch {
	case v != v:
		return BFloat16(b>>16 | 0x40)
	case b&0x7f800000 == 0:
		return BFloat16(b >> 16 & 0x8000)
	}
	return BFloat16((b + 0x7fff + b>>16&1) >> 16)
}

// Float32 is f, exactly.
func (f BFloat16) Float32() float32 { return math.Float32frombits(uint32(f) << 16) }

// HalfSize is how many floats' worth of memory n halves take.
func HalfSize(n int) int { return (n + 1) / 2 }

// Halves is the memory of x as halves, two in each float32.
func Halves[H Half](x []float32) []H {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*H)(unsafe.Pointer(&x[0])), 2*len(x))
}

// Words is the memory of x in words of 16 bits.
func Words(x []float32) []uint16 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*uint16)(unsafe.Pointer(&x[0])), 2*len(x))
}

// Floats is the memory that Words returned, or its first words, as floats again.
func Floats(words []uint16) []float32 {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&words[0])), HalfSize(len(words)))
}

// HalfPlanes are Planes of halves: Stride and Pitch count them.
type HalfPlanes[H Half] struct {
	X             []H
	Stride, Pitch int
}

// HalfRows is one plane, x, whose rows lie pitch halves apart.
func HalfRows[H Half](x []H, pitch int) *HalfPlanes[H] { return &HalfPlanes[H]{X: x, Pitch: pitch} }

// Check panics, as an index would, unless X holds the first planes planes of rows
// rows of n halves. All three are at least 1.
func (p *HalfPlanes[H]) Check(planes, rows, n int) {
	_ = p.X[(planes-1)*p.Stride+(rows-1)*p.Pitch+n-1]
}

// Memory is where x lies, as floats, for prefetching: what they are is another matter.
func Memory[H Half](x []H) []float32 {
	if len(x) < 2 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&x[0])), len(x)/2)
}
