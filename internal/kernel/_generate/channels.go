package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// acrossChannels is channels.Across.
func acrossChannels(s *isa) {
	s.begin("across", "is channels.Across.", "dst, src *float32, at *int32, f *float32, pixels, n int")
	dst, src, at, f, pixels, bytes := s.arg("dst"), s.arg("src"), s.arg("at"), s.arg("f"), s.arg("pixels"), s.bytesArg("n")
	p, q, c := s.GP64(), s.GP64(), s.GP64()
	s.Label("pixel")
	first, second := s.reg(), s.reg()
	s.MOVLQSX(Mem{Base: at}, p)
	s.LEAQ(Mem{Base: src, Index: p, Scale: 4}, p)
	s.MOVLQSX(Mem{Base: at, Disp: 4}, q)
	s.LEAQ(Mem{Base: src, Index: q, Scale: 4}, q)
	s.VBROADCASTSS(Mem{Base: f}, first)
	s.VBROADCASTSS(Mem{Base: f, Disp: 4}, second)
	s.XORQ(c, c)
	s.Label("channels")
	v := s.reg()
	s.VMULPS(Mem{Base: p, Index: c, Scale: 1}, first, v)
	s.VFMADD231PS(Mem{Base: q, Index: c, Scale: 1}, second, v)
	s.VMOVUPS(v, Mem{Base: dst, Index: c, Scale: 1})
	s.ADDQ(Imm(uint64(s.bytes())), c)
	s.CMPQ(c, bytes)
	s.JLT(LabelRef("channels"))
	s.ADDQ(bytes, dst)
	s.ADDQ(Imm(8), at)
	s.ADDQ(Imm(8), f)
	s.DECQ(pixels)
	s.JNZ(LabelRef("pixel"))
	s.end()
}

// blendChannels is channels.Blend or, with add, channels.AddBlend.
func blendChannels(s *isa, add bool) {
	s.begin("blend", "is channels.Blend, or adds as channels.AddBlend.", "dst, x, y *float32, n int, fx, fy float32", flag("add", add, map[bool]string{true: "Add"}[add]))
	dst, x, y, bytes := s.arg("dst"), s.arg("x"), s.arg("y"), s.bytesArg("n")
	fx, fy := s.broadcast("fx"), s.broadcast("fy")
	c := s.GP64()
	s.XORQ(c, c)
	s.Label("columns")
	v := s.reg()
	if add {
		s.VMOVUPS(Mem{Base: dst, Index: c, Scale: 1}, v)
		s.VFMADD231PS(Mem{Base: x, Index: c, Scale: 1}, fx, v)
	} else {
		s.VMULPS(Mem{Base: x, Index: c, Scale: 1}, fx, v)
	}
	s.VFMADD231PS(Mem{Base: y, Index: c, Scale: 1}, fy, v)
	s.VMOVUPS(v, Mem{Base: dst, Index: c, Scale: 1})
	s.ADDQ(Imm(uint64(s.bytes())), c)
	s.CMPQ(c, bytes)
	s.JLT(LabelRef("columns"))
	s.end()
}

// scoreChannels is channels.Score.
func scoreChannels(s *isa) {
	s.begin("score", "is channels.Score.", "dst, z, a, b, above, below *float32, pixels, n int")
	dst, z, pixels, bytes := s.arg("dst"), s.arg("z"), s.arg("pixels"), s.bytesArg("n")
	a, b, above, below := s.arg("a"), s.arg("b"), s.arg("above"), s.arg("below")
	zero, c := s.reg(), s.GP64()
	s.zero(zero)
	s.Label("pixel")
	s.XORQ(c, c)
	high, low := s.zeros(1)[0], s.zeros(1)[0]
	s.Label("channels")
	u, v := s.reg(), s.reg()
	at := func(p GPVirtual) Mem { return Mem{Base: p, Index: c, Scale: 1} }
	s.VMOVUPS(at(b), u)
	s.VMOVUPS(at(z), v)
	s.VFMADD231PS(at(a), v, u)
	s.VMAXPS(zero, u, v)
	s.VFMADD231PS(at(above), v, high)
	s.VMINPS(zero, u, u)
	s.VFMADD231PS(at(below), u, low)
	s.ADDQ(Imm(uint64(s.bytes())), c)
	s.CMPQ(c, bytes)
	s.JLT(LabelRef("channels"))
	s.VADDPS(low, high, high)
	s.VMOVSS(s.reduce(high).AsX(), Mem{Base: dst})
	s.ADDQ(bytes, z)
	s.ADDQ(Imm(4), dst)
	s.DECQ(pixels)
	s.JNZ(LabelRef("pixel"))
	s.end()
}
