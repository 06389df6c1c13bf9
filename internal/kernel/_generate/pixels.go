package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// pixelBlock is how many pixels the kernels of package pixels take at a time, and
// what their n is a multiple of.
const pixelBlock = 32

// pixels is the kernels of package pixels. Rows of bytes are bound by memory, so all
// levels have those of AVX2.
func pixels(s *isa) []part {
	if s.wide {
		return nil
	}
	return []part{{"", func(s *isa) {
		blend(s)
		difference(s)
		adler(s)
		rgb(s, false)
		rgb(s, true)
		acrossRGB(s)
		between(s)
		inverse(s)
	}}}
}

// quarters is the table that brings the quarters of a register, eight bytes each, into
// order after packing, which goes by halves of registers.
func (s *isa) quarters() Mem {
	return s.table("quarters", func(put func(Constant)) {
		for _, i := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
			put(U32(i))
		}
	})
}

// blocks makes n/pixelBlock blocks; n is not 0. pointers move on by as many bytes.
func (s *isa) blocks(n GPVirtual, block func(), moves ...move) {
	s.Label("block")
	block()
	for _, m := range moves {
		s.ADDQ(U32(uint32(m.bytes)), m.p)
	}
	s.SUBQ(Imm(pixelBlock), n)
	s.JNZ(LabelRef("block"))
}

// blend multiplies and adds one after the other, as plain Go does, to the bit.
func blend(s *isa) {
	s.open(&function{base: "blend", params: "dst *uint8, a, b *float32, n int, t float32", keyless: true,
		doc: "is pixels.Blend for n pixels, a multiple of 32."})
	dst, a, b, n := s.arg("dst"), s.arg("a"), s.arg("b"), s.arg("n")
	t, full, order := s.broadcast("t"), s.YMM(), s.YMM()
	s.VBROADCASTSS(s.table("full", func(put func(Constant)) { put(F32(255)) }), full)
	s.VMOVDQU(s.quarters(), order)
	s.blocks(n, func() {
		v := s.regs(4)
		for i, r := range v {
			x := s.reg()
			s.VMOVUPS(Mem{Base: a, Disp: 32 * i}, x)
			s.VMOVUPS(Mem{Base: b, Disp: 32 * i}, r)
			s.VSUBPS(x, r, r)
			s.VMULPS(t, r, r)
			s.VADDPS(x, r, r)
			s.VMULPS(full, r, r)
			s.VMINPS(full, r, r)
			s.VCVTTPS2DQ(r, r)
		}
		s.VPACKSSDW(v[1], v[0], v[0])
		s.VPACKSSDW(v[3], v[2], v[2])
		s.VPACKUSWB(v[2], v[0], v[0])
		s.VPERMD(v[0], order, v[0])
		s.VMOVDQU(v[0], Mem{Base: dst})
	}, move{dst, pixelBlock}, move{a, 4 * pixelBlock}, move{b, 4 * pixelBlock})
	s.VZEROUPPER()
	s.RET()
}

func difference(s *isa) {
	s.open(&function{base: "difference", params: "dst, x, y *uint8, n int", keyless: true,
		doc: "is pixels.Difference for n bytes, a multiple of 32."})
	dst, x, y, n := s.arg("dst"), s.arg("x"), s.arg("y"), s.arg("n")
	s.blocks(n, func() {
		r := s.YMM()
		s.VMOVDQU(Mem{Base: x}, r)
		s.VPSUBB(Mem{Base: y}, r, r)
		s.VMOVDQU(r, Mem{Base: dst})
	}, move{dst, pixelBlock}, move{x, pixelBlock}, move{y, pixelBlock})
	s.VZEROUPPER()
	s.RET()
}

// twice is the table that puts each of four numbers in two lanes.
func (s *isa) twice() Mem {
	return s.table("twice", func(put func(Constant)) {
		for i := range 8 {
			put(U32(uint32(i / 2)))
		}
	})
}

// interleaved is the table that brings four pixels in each half of a register into order:
// R R R R G G G G B B B B B B B B to R G B R G B ...
func (s *isa) interleaved() Mem {
	return s.table("interleaved", func(put func(Constant)) {
		for i := range 32 {
			if i %= 16; i < 12 {
				put(U8(uint8(i/3 + i%3*4)))
			} else {
				put(U8(0x80))
			}
		}
	})
}

// rgb makes eight pixels at a time, in the whole numbers of color.YCbCrToRGB.
func rgb(s *isa, pairs bool) {
	name, doc := "rgb", "is pixels.RGB for n pixels, a multiple of 8; it writes 4 bytes more than these have."
	if pairs {
		name, doc = "rgbPairs", "is rgb where two pixels share a sample of colour."
	}
	s.open(&function{base: name, params: "dst, luma, cb, cr *uint8, n int", keyless: true, doc: doc})
	dst, luma, cb, cr, n := s.arg("dst"), s.arg("luma"), s.arg("cb"), s.arg("cr"), s.arg("n")
	constant := func(name string, v int32) VecVirtual {
		r := s.YMM()
		s.VPBROADCASTD(s.table(name, func(put func(Constant)) { put(U32(uint32(v))) }), r)
		return r
	}
	grey, middle := constant("grey", 0x10101), constant("middle", 128)
	redCr, greenCb, greenCr, blueCb := constant("redCr", 91881), constant("greenCb", -22554), constant("greenCr", -46802), constant("blueCb", 116130)
	twice, order := s.YMM(), s.YMM()
	if pairs {
		s.VMOVDQU(s.twice(), twice)
	}
	s.VMOVDQU(s.interleaved(), order)
	s.Label("pixels")
	y, b, r, g, other := s.YMM(), s.YMM(), s.YMM(), s.YMM(), s.YMM()
	s.VPMOVZXBD(Mem{Base: luma}, y)
	s.VPMULLD(grey, y, y)
	for _, c := range []struct {
		from GPVirtual
		to   VecVirtual
	}{{cb, b}, {cr, r}} {
		if pairs {
			s.VPMOVZXBD(Mem{Base: c.from}, c.to.AsX())
			s.VPERMD(c.to, twice, c.to)
		} else {
			s.VPMOVZXBD(Mem{Base: c.from}, c.to)
		}
		s.VPSUBD(middle, c.to, c.to)
	}
	s.VPMULLD(greenCb, b, g)
	s.VPMULLD(greenCr, r, other)
	s.VPADDD(other, g, g)
	s.VPMULLD(redCr, r, r)
	s.VPMULLD(blueCb, b, b)
	for _, v := range []VecVirtual{r, g, b} {
		s.VPADDD(y, v, v)
		s.VPSRAD(Imm(16), v, v)
	}
	s.storeRGB(r, g, b, order, dst)
	s.ADDQ(Imm(24), dst)
	s.ADDQ(Imm(8), luma)
	step := uint64(8)
	if pairs {
		step = 4
	}
	s.ADDQ(Imm(step), cb)
	s.ADDQ(Imm(step), cr)
	s.SUBQ(Imm(8), n)
	s.JNZ(LabelRef("pixels"))
	s.VZEROUPPER()
	s.RET()
}

// storeRGB writes eight pixels, as bytes, in the order that the table interleaved gives.
func (s *isa) storeRGB(r, g, b, order VecVirtual, dst GPVirtual) {
	s.VPACKSSDW(g, r, r)
	s.VPACKSSDW(b, b, b)
	s.VPACKUSWB(b, r, r)
	s.VPSHUFB(order, r, r)
	s.VMOVDQU(r.AsX(), Mem{Base: dst})
	s.VEXTRACTI128(Imm(1), r, Mem{Base: dst, Disp: 12})
}

// adler adds up bytes (lanes 0 to 7 of sums), the sums before each block (8 to 15), and
// in each block its bytes times 32 for the first to 1 for the last (16 to 23).
func adler(s *isa) {
	s.open(&function{base: "adler", params: "sums *uint32, p *uint8, n int", keyless: true,
		doc: "writes the 24 sums of n bytes, a multiple of 32, that Adler-32 is made of."})
	sums, p, n := s.arg("sums"), s.arg("p"), s.arg("n")
	total, before, weighted := s.YMM(), s.YMM(), s.YMM()
	zero, weights, ones := s.YMM(), s.YMM(), s.YMM()
	for _, r := range []VecVirtual{total, before, weighted, zero} {
		s.VPXOR(r, r, r)
	}
	s.VMOVDQU(s.table("weights", func(put func(Constant)) {
		for i := range pixelBlock {
			put(U8(uint8(pixelBlock - i)))
		}
	}), weights)
	s.VPBROADCASTW(s.table("one", func(put func(Constant)) { put(U16(1)) }), ones)
	s.blocks(n, func() {
		v, sum := s.YMM(), s.YMM()
		s.VMOVDQU(Mem{Base: p}, v)
		s.VPADDD(total, before, before)
		s.VPSADBW(zero, v, sum)
		s.VPADDD(sum, total, total)
		s.VPMADDUBSW(weights, v, v)
		s.VPMADDWD(ones, v, v)
		s.VPADDD(v, weighted, weighted)
	}, move{p, pixelBlock})
	for i, r := range []VecVirtual{total, before, weighted} {
		s.VMOVDQU(r, Mem{Base: sums, Disp: 32 * i})
	}
	s.VZEROUPPER()
	s.RET()
}
