package pixels

import "encoding/binary"

// The inverse DCT of 8x8 coefficients. The integer arithmetic, bit for bit, is
// that of image/jpeg in Go 1.26 (dct.go, The Go Authors, BSD licence), so that the
// two packages give the same pixels; what is new are the short ways for rows and
// columns that are zero. Source: C. Loeffler, A. Ligtenberg, G. Moschytz, Practical
// fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989.

// Cosines and sines of multiples of pi/16, times 2^60.
const (
	fixCos1  = 1130768441178740757
	fixSin1  = 224923827593068887
	fixCos3  = 958619196450722178
	fixSin3  = 640528868967736374
	fixHalf  = 815238614083298888 // sqrt(1/2)
	fixHalf6 = 311978311033955632 // sqrt(1/2) cos 6
	fixHalfS = 753182269664427492 // sqrt(1/2) sin 6
)

// The same, rounded to so many bits.
const (
	cos1x12  = (fixCos1 + 1<<47) >> 48
	sin1x12  = (fixSin1 + 1<<47) >> 48
	cos3x12  = (fixCos3 + 1<<47) >> 48
	sin3x12  = (fixSin3 + 1<<47) >> 48
	halfx8   = (fixHalf + 1<<51) >> 52
	halfx14  = (fixHalf + 1<<45) >> 46
	cos6x12  = (fixHalf6 + 1<<47) >> 48
	sin6x12  = (fixHalfS + 1<<47) >> 48
	cos6x18  = (fixHalf6 + 1<<41) >> 42
	sin6x18  = (fixHalfS + 1<<41) >> 42
	colRound = 1 << 19
)

// turn rotates and scales (x0, x1) by three multiplications.
func turn(x0, x1, cos, sin int32) (y0, y1 int32) {
	sum := cos * (x0 + x1)
	return sum + (sin-cos)*x1, sum - (cos+sin)*x0
}

// InverseDCT writes the 8x8 pixels of a block: the inverse DCT of b, its coefficients,
// dequantised, row by row, plus 128, cut to 0..255. last is the place in zig-zag order of
// the last that is not zero. Rows of pixels are stride apart. b is used up.
func InverseDCT(b *[64]int32, last int, dst []byte, stride int) {
	if last == 0 {
		flat(((b[0]<<17+colRound)>>2)>>18, dst, stride)
		return
	}
	inverseBlock(b, dst, stride)
}

func inverseGeneric(b *[64]int32, dst []byte, stride int) {
	top := true // only the first row is not zero
	for y := range 8 {
		r := b[8*y : 8*y+8 : 8*y+8]
		if r[1]|r[2]|r[3]|r[4]|r[5]|r[6]|r[7] == 0 {
			if r[0] == 0 {
				continue
			}
			v := r[0] << 17
			r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7] = v, v, v, v, v, v, v, v
		} else {
			inverseRow(r)
		}
		top = top && y == 0
	}
	if top {
		var row [8]byte
		for x := range row {
			row[x] = level(((b[x] + colRound) >> 2) >> 18)
		}
		for y := range 8 {
			copy(dst[y*stride:y*stride+8], row[:])
		}
		return
	}
	for x := range 8 {
		inverseColumn(b, x, dst[x:], stride)
	}
}

// level is the level of a pixel that is v above the middle.
func level(v int32) byte {
	if v += 128; uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}

// flat fills a block with one level.
func flat(v int32, dst []byte, stride int) {
	fill := uint64(level(v)) * 0x0101010101010101
	for y := range 8 {
		binary.LittleEndian.PutUint64(dst[y*stride:], fill)
	}
}

func inverseRow(x []int32) {
	_ = x[7]
	x0, x7, x2, x5, x1, x6, x3, x4 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	x0 <<= 17
	x1 <<= 17
	x0, x1 = x0+x1, x0-x1
	x2, x3 = turn(x2, x3, cos6x18, -sin6x18)
	x1, x2 = x1+x2, x1-x2
	x0, x3 = x0+x3, x0-x3
	x4 <<= 7
	x7 <<= 7
	x7, x4 = x7+x4, x7-x4
	x6 *= halfx8
	x5 *= halfx8
	x7, x5 = x7+x5, x7-x5
	x4, x6 = x4+x6, x4-x6
	x4, x7 = turn(x4>>2, x7>>2, cos3x12, -sin3x12)
	x5, x6 = turn(x5>>2, x6>>2, cos1x12, -sin1x12)
	x[0], x[7] = x0+x7, x0-x7
	x[1], x[6] = x1+x6, x1-x6
	x[2], x[5] = x2+x5, x2-x5
	x[3], x[4] = x3+x4, x3-x4
}

func inverseColumn(b *[64]int32, i int, dst []byte, stride int) {
	i &= 7
	x0, x7, x2, x5, x1, x6, x3, x4 := b[i], b[8+i], b[16+i], b[24+i], b[32+i], b[40+i], b[48+i], b[56+i]
	x0 += colRound
	x0, x1 = (x0+x1)>>2, (x0-x1)>>2
	x2, x3 = turn(x2>>13, x3>>13, cos6x12, -sin6x12)
	x1, x2 = x1+x2, x1-x2
	x0, x3 = x0+x3, x0-x3
	x7, x4 = x7+x4, x7-x4
	x5 = (x5 >> 13) * halfx14
	x6 = (x6 >> 13) * halfx14
	x7, x5 = x7+x5, x7-x5
	x4, x6 = x4+x6, x4-x6
	x4, x7 = turn(x4>>14, x7>>14, cos3x12, -sin3x12)
	x5, x6 = turn(x5>>14, x6>>14, cos1x12, -sin1x12)
	_ = dst[7*stride]
	dst[0] = level((x0 + x7) >> 18)
	dst[stride] = level((x1 + x6) >> 18)
	dst[2*stride] = level((x2 + x5) >> 18)
	dst[3*stride] = level((x3 + x4) >> 18)
	dst[4*stride] = level((x3 - x4) >> 18)
	dst[5*stride] = level((x2 - x5) >> 18)
	dst[6*stride] = level((x1 - x6) >> 18)
	dst[7*stride] = level((x0 - x7) >> 18)
}
