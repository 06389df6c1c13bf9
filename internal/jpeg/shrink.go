package jpeg

import "math"

// natural gives the place in a block, row by row, of a coefficient in zig-zag
// order (T.81, figure A.6).
const natural = "\x00\x01\x08\x10\x09\x02\x03\x0a\x11\x18\x20\x19\x12\x0b\x04\x05" +
	"\x0c\x13\x1a\x21\x28\x30\x29\x22\x1b\x14\x0d\x06\x07\x0e\x15\x1c" +
	"\x23\x2a\x31\x38\x39\x32\x2b\x24\x1d\x16\x0f\x17\x1e\x25\x2c\x33" +
	"\x3a\x3b\x34\x2d\x26\x1f\x27\x2e\x35\x3c\x3d\x36\x2f\x37\x3e\x3f"

// A shrink turns a block's coefficients straight into the means over squares of
// its pixels, side x side of them.
//
// A row x[n] = sum over u of c(u) X[u] cos((2n+1) u pi/16), with c(0) = 1/sqrt(8),
// else 1/2. The mean over s = 8/side neighbours only weakens each cosine, by
// cos(u pi/16) for s = 2, times cos(u pi/8) for s = 4, and samples it side times;
// there the cosines u, 2 side - u, 2 side + u and 4 side - u are the same but for
// their signs. So every coefficient is added, weakened, to one of side x side sums
// (to, by), and an inverse transform of that size gives the means: but for
// rounding and the clipping of single pixels just what decoding all of them would.
type shrink struct {
	side int
	to   [64]uint8 // in zig-zag order
	by   [64]int   // with the quantiser, times 2^shrinkBits
}

const shrinkBits = 16

func newShrink(side int, quant *[64]int32) *shrink {
	s := &shrink{side: side}
	for k := range s.to {
		u, wu := fold(int(natural[k])%8, side)
		v, wv := fold(int(natural[k])/8, side)
		s.to[k] = uint8(v*side + u)
		s.by[k] = int(math.Round(wu*wv*(1<<shrinkBits))) * int(quant[k])
	}
	return s
}

// fold gives the cosine that coefficient u falls on and its weight there. What the
// inverse transforms would multiply cosine side/2 by, sqrt(1/2), is in it.
func fold(u, side int) (to int, weight float64) {
	weight = 0.5 * math.Cos(float64(u)*math.Pi/16)
	if u == 0 {
		weight = math.Sqrt(0.125)
	}
	if side == 2 {
		weight *= math.Cos(float64(u) * math.Pi / 8)
	}
	switch n := 2 * side; {
	case u == side || u == 3*side: // zero at every sample
		return 0, 0
	case u < side:
		to = u
	case u < n:
		to, weight = n-u, -weight
	case u < 3*side:
		to, weight = u-n, -weight
	default:
		to = 2*n - u
	}
	if 2*to == side {
		weight *= math.Sqrt(0.5)
	}
	return to, weight
}

// inverse writes the means, sum being the folded coefficients.
func (s *shrink) inverse(sum *[16]int, dst []byte, stride int) {
	if s.side == 2 {
		a, b, c, e := sum[0]+half, sum[1], sum[2], sum[3]
		top, bottom := dst[:2], dst[stride:stride+2]
		top[0], top[1] = clamp((a+b+c+e)>>shrinkBits), clamp((a-b+c-e)>>shrinkBits)
		bottom[0], bottom[1] = clamp((a+b-c-e)>>shrinkBits), clamp((a-b-c+e)>>shrinkBits)
		return
	}
	for x := range 4 {
		sum[x], sum[4+x], sum[8+x], sum[12+x] = inverse4(sum[x], sum[4+x], sum[8+x], sum[12+x])
	}
	for y := range 4 {
		r := sum[4*y : 4*y+4 : 4*y+4]
		a, b, c, e := inverse4(r[0]+half, r[1], r[2], r[3])
		out := dst[y*stride : y*stride+4]
		out[0], out[1], out[2], out[3] = clamp(a>>shrinkBits), clamp(b>>shrinkBits), clamp(c>>shrinkBits), clamp(e>>shrinkBits)
	}
}

const half = 1 << (shrinkBits - 1)

// inverse4 samples four cosines, the third with its sqrt(1/2) in it already.
func inverse4(x0, x1, x2, x3 int) (y0, y1, y2, y3 int) {
	const (
		bits = 13
		cos1 = 7568 // cos(pi/8) * 2^13
		cos3 = 3135 // cos(3 pi/8) * 2^13
	)
	a, b := x0+x2, x0-x2
	c, e := (x1*cos1+x3*cos3)>>bits, (x1*cos3-x3*cos1)>>bits
	return a + c, b + e, b - e, a - c
}

// clamp shifts a level around zero to 0..255.
func clamp(v int) byte {
	v += 128
	if uint(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}
