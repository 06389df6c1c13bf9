package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Cosines and sines of multiples of pi/16, times 2^60, as in pixels/inverse.go.
const (
	fixCos1  = 1130768441178740757
	fixSin1  = 224923827593068887
	fixCos3  = 958619196450722178
	fixSin3  = 640528868967736374
	fixHalf  = 815238614083298888
	fixHalf6 = 311978311033955632
	fixHalfS = 753182269664427492
)

// fixed is v, rounded to so many bits.
func fixed(v int64, bits uint) int32 { return int32((v + 1<<(59-bits)) >> (60 - bits)) }

// inverse transforms the rows of a block of 8x8 coefficients, a lane for each, and then
// its columns, in the whole numbers of pixels/inverse.go.
func inverse(s *isa) {
	s.open(&function{base: "inverse", params: "dst *uint8, stride int, b *int32", keyless: true,
		doc: "is pixels.InverseDCT of a block with any coefficients."})
	dst, stride, b := s.arg("dst"), s.arg("stride"), s.arg("b")
	x := make([]VecVirtual, 8)
	for i := range x {
		x[i] = s.YMM()
		s.VMOVDQU(Mem{Base: b, Disp: 32 * i}, x[i])
	}
	x = s.transposed(x)
	s.inverseRows(x)
	x = s.transposed(x)
	s.inverseColumns(x)
	middle, order := s.YMM(), s.YMM()
	s.VPBROADCASTW(s.table("middle16", func(put func(Constant)) { put(U16(128)) }), middle)
	s.VMOVDQU(s.quarters(), order)
	for i := 0; i < 8; i += 4 {
		r := x[i : i+4]
		s.VPACKSSDW(r[1], r[0], r[0])
		s.VPACKSSDW(r[3], r[2], r[2])
		s.VPADDW(middle, r[0], r[0])
		s.VPADDW(middle, r[2], r[2])
		s.VPACKUSWB(r[2], r[0], r[0])
		s.VPERMD(r[0], order, r[0])
		s.VEXTRACTI128(Imm(1), r[0], r[2].AsX())
		for _, two := range []VecVirtual{r[0], r[2]} {
			s.VMOVQ(two.AsX(), Mem{Base: dst})
			s.ADDQ(stride, dst)
			s.VPEXTRQ(Imm(1), two.AsX(), Mem{Base: dst})
			s.ADDQ(stride, dst)
		}
	}
	s.VZEROUPPER()
	s.RET()
}

// transposed exchanges the rows and columns of 8x8 numbers.
func (s *isa) transposed(x []VecVirtual) []VecVirtual {
	two, four, all := make([]VecVirtual, 8), make([]VecVirtual, 8), make([]VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		two[i], two[i+1] = s.YMM(), x[i+1]
		s.VPUNPCKLDQ(x[i+1], x[i], two[i])
		s.VPUNPCKHDQ(x[i+1], x[i], two[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			low, high := two[i+j], two[i+j+2]
			four[i+2*j], four[i+2*j+1] = s.YMM(), high
			s.VPUNPCKLQDQ(high, low, four[i+2*j])
			s.VPUNPCKHQDQ(high, low, four[i+2*j+1])
		}
	}
	for i := range 4 {
		all[i], all[i+4] = s.YMM(), four[i+4]
		s.VPERM2I128(Imm(0x20), four[i+4], four[i], all[i])
		s.VPERM2I128(Imm(0x31), four[i+4], four[i], all[i+4])
	}
	return all
}

// integer is a number in all lanes.
func (s *isa) integer(name string, v int32) VecVirtual {
	r := s.YMM()
	s.VPBROADCASTD(s.table(name, func(put func(Constant)) { put(U32(uint32(v))) }), r)
	return r
}

// sumDifference makes a and b their sum and their difference.
func (s *isa) sumDifference(a, b VecVirtual) {
	sum := s.YMM()
	s.VPADDD(b, a, sum)
	s.VPSUBD(b, a, b)
	s.VMOVDQA(sum, a)
}

// turn rotates and scales (a, b); the name is that of the angle and its bits.
func (s *isa) turn(name string, a, b VecVirtual, cos, sin int32) {
	sum := s.YMM()
	s.VPADDD(b, a, sum)
	s.VPMULLD(s.integer(name+"cos", cos), sum, sum)
	s.VPMULLD(s.integer(name+"sum", cos+sin), a, a)
	s.VPMULLD(s.integer(name+"difference", sin-cos), b, b)
	s.VPSUBD(a, sum, a)
	s.VPADDD(b, sum, sum)
	s.VMOVDQA(a, b)
	s.VMOVDQA(sum, a)
}

// A block's parts come in the order 0 1 2 ... 7 and are, as there, x0 x7 x2 x5 x1 x6 x3 x4.
func named(x []VecVirtual) (x0, x1, x2, x3, x4, x5, x6, x7 VecVirtual) {
	return x[0], x[4], x[2], x[6], x[7], x[3], x[5], x[1]
}

func (s *isa) inverseRows(x []VecVirtual) {
	x0, x1, x2, x3, x4, x5, x6, x7 := named(x)
	s.VPSLLD(Imm(17), x0, x0)
	s.VPSLLD(Imm(17), x1, x1)
	s.sumDifference(x0, x1)
	s.turn("six18", x2, x3, fixed(fixHalf6, 18), -fixed(fixHalfS, 18))
	s.sumDifference(x1, x2)
	s.sumDifference(x0, x3)
	s.VPSLLD(Imm(7), x4, x4)
	s.VPSLLD(Imm(7), x7, x7)
	s.sumDifference(x7, x4)
	half := s.integer("half8", fixed(fixHalf, 8))
	s.VPMULLD(half, x6, x6)
	s.VPMULLD(half, x5, x5)
	s.sumDifference(x7, x5)
	s.sumDifference(x4, x6)
	s.oddPart(x4, x5, x6, x7, 2)
	s.ends(x, x0, x1, x2, x3, x4, x5, x6, x7)
}

func (s *isa) inverseColumns(x []VecVirtual) {
	x0, x1, x2, x3, x4, x5, x6, x7 := named(x)
	s.VPADDD(s.integer("round", 1<<19), x0, x0)
	s.sumDifference(x0, x1)
	for _, v := range []VecVirtual{x0, x1} {
		s.VPSRAD(Imm(2), v, v)
	}
	for _, v := range []VecVirtual{x2, x3, x5, x6} {
		s.VPSRAD(Imm(13), v, v)
	}
	s.turn("six12", x2, x3, fixed(fixHalf6, 12), -fixed(fixHalfS, 12))
	s.sumDifference(x1, x2)
	s.sumDifference(x0, x3)
	s.sumDifference(x7, x4)
	half := s.integer("half14", fixed(fixHalf, 14))
	s.VPMULLD(half, x5, x5)
	s.VPMULLD(half, x6, x6)
	s.sumDifference(x7, x5)
	s.sumDifference(x4, x6)
	s.oddPart(x4, x5, x6, x7, 14)
	s.ends(x, x0, x1, x2, x3, x4, x5, x6, x7)
	for _, v := range x {
		s.VPSRAD(Imm(18), v, v)
	}
}

// oddPart is the last two rotations.
func (s *isa) oddPart(x4, x5, x6, x7 VecVirtual, shift uint64) {
	for _, v := range []VecVirtual{x4, x5, x6, x7} {
		s.VPSRAD(Imm(shift), v, v)
	}
	s.turn("three12", x4, x7, fixed(fixCos3, 12), -fixed(fixSin3, 12))
	s.turn("one12", x5, x6, fixed(fixCos1, 12), -fixed(fixSin1, 12))
}

// ends adds and subtracts the even and the odd parts, and leaves the results in order.
func (s *isa) ends(x []VecVirtual, x0, x1, x2, x3, x4, x5, x6, x7 VecVirtual) {
	s.sumDifference(x0, x7)
	s.sumDifference(x1, x6)
	s.sumDifference(x2, x5)
	s.sumDifference(x3, x4)
	copy(x, []VecVirtual{x0, x1, x2, x3, x4, x5, x6, x7})
}
