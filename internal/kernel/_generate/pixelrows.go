package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// acrossRGB gathers the four bytes that begin with a pixel, eight pixels at a time, takes
// its colours out of them, and interpolates as plain Go does, to the bit.
func acrossRGB(s *isa) {
	s.open(&function{base: "acrossRGB", params: "red, green, blue *float32, src *uint8, a, b *int32, w *float32, n int", keyless: true,
		doc: "is pixels.AcrossRGB for n pixels, a multiple of 8; it reads a byte more than each pixel has."})
	var planes [3]GPVirtual
	for i, name := range []string{"red", "green", "blue"} {
		planes[i] = s.arg(name)
	}
	src, a, b, w, n := s.arg("src"), s.arg("a"), s.arg("b"), s.arg("w"), s.arg("n")
	low, ones, at := s.integer("low", 255), s.YMM(), s.GP64()
	s.VPCMPEQD(ones, ones, ones)
	s.XORQ(at, at)
	s.Label("pixels")
	weight := s.YMM()
	s.VMOVUPS(Mem{Base: w, Index: at, Scale: 4}, weight)
	var pixel [2]VecVirtual
	for i, from := range []GPVirtual{a, b} {
		index, all := s.YMM(), s.YMM()
		pixel[i] = s.YMM()
		s.VMOVDQU(Mem{Base: from, Index: at, Scale: 4}, index)
		s.VMOVDQA(ones, all)
		s.VPXOR(pixel[i], pixel[i], pixel[i])
		s.VPGATHERDD(all, Mem{Base: src, Index: index, Scale: 1}, pixel[i])
	}
	for c, plane := range planes {
		var colour [2]VecVirtual
		for i, p := range pixel {
			colour[i] = s.YMM()
			if c == 0 {
				s.VPAND(low, p, colour[i])
			} else {
				s.VPSRLD(Imm(uint64(8*c)), p, colour[i])
				s.VPAND(low, colour[i], colour[i])
			}
			s.VCVTDQ2PS(colour[i], colour[i])
		}
		s.VSUBPS(colour[0], colour[1], colour[1])
		s.VMULPS(weight, colour[1], colour[1])
		s.VADDPS(colour[0], colour[1], colour[1])
		s.VMOVUPS(colour[1], Mem{Base: plane, Index: at, Scale: 4})
	}
	s.ADDQ(Imm(8), at)
	s.CMPQ(at, n)
	s.JLT(LabelRef("pixels"))
	s.VZEROUPPER()
	s.RET()
}

// between multiplies and adds one after the other, as plain Go does, to the bit.
func between(s *isa) {
	s.open(&function{base: "between", params: "dst, a, b *float32, n int, t, scale, shift float32", keyless: true,
		doc: "is pixels.Between for n values, a multiple of 8."})
	dst, a, b, n := s.arg("dst"), s.arg("a"), s.arg("b"), s.arg("n")
	t, scale, shift, at := s.broadcast("t"), s.broadcast("scale"), s.broadcast("shift"), s.GP64()
	s.XORQ(at, at)
	s.Label("values")
	x, v := s.YMM(), s.YMM()
	s.VMOVUPS(Mem{Base: a, Index: at, Scale: 4}, x)
	s.VMOVUPS(Mem{Base: b, Index: at, Scale: 4}, v)
	s.VSUBPS(x, v, v)
	s.VMULPS(t, v, v)
	s.VADDPS(x, v, v)
	s.VMULPS(scale, v, v)
	s.VADDPS(shift, v, v)
	s.VMOVUPS(v, Mem{Base: dst, Index: at, Scale: 4})
	s.ADDQ(Imm(8), at)
	s.CMPQ(at, n)
	s.JLT(LabelRef("values"))
	s.VZEROUPPER()
	s.RET()
}
