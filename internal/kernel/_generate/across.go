package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// acrossTables holds, per factor f and for 16 neighbouring outputs from a
// multiple of f on: their left source, counted from the one before the first
// output's, their right source, the left weight, the right weight.
func acrossTables() {
	GLOBL("across", RODATA|NOPTR)
	at := 0
	put := func(v Constant) {
		DATA(at, v)
		at += 4
	}
	for _, f := range upFactors {
		for side := range 2 {
			for i := range 16 {
				put(U32(uint32((i+f/2)/f + side)))
			}
		}
		for side := range 2 {
			for i := range 16 {
				t := (float32((i+f/2)%f) + 0.5) / float32(f)
				put(F32([2]float32{1 - t, t}[side]))
			}
		}
	}
}

// across makes rows of f*n outputs; a vector of them takes lanes/f+2 floats of
// the row, which has lanes more to read than it needs. The outer f/2 outputs on
// either side, whose second source lies outside, are made anew.
func across(s *isa, number int) {
	f := upFactors[number]
	s.begin(fmt.Sprintf("across%d", f), fmt.Sprintf("is Across for the factor %d.", f),
		"dst *float32, ds, dp int, src *float32, ss, sp, n, rows, planes int")
	dst, src, rows := arg("dst"), arg("src"), GP64()
	dp, sp := bytesArg("dp"), bytesArg("sp")
	var part [4]VecVirtual
	for i := range part {
		part[i] = s.reg()
		VMOVUPS(NewDataAddr(Symbol{Name: "across", Static: true}, 256*number+64*i), part[i])
	}
	d, p, left := GP64(), GP64(), GP64()
	body := func(out *tail) {
		x, y := s.reg(), s.reg()
		VMOVUPS(Mem{Base: p}, x)
		VPERMPS(x, part[0], y)
		VPERMPS(x, part[1], x)
		VMULPS(part[2], y, y)
		VFMADD231PS(part[3], x, y)
		s.store(y, Mem{Base: d}, out, x)
	}
	Label("plane")
	Load(Param("rows"), rows)
	Label("row")
	MOVQ(dst, d)
	MOVQ(src, p)
	Load(Param("n"), left)
	IMUL3Q(Imm(uint64(f)), left, left)
	SUBQ(U32(uint32(s.lanes)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	body(nil)
	ADDQ(U32(uint32(s.bytes())), d)
	ADDQ(U32(uint32(s.bytes()/f)), p)
	SUBQ(U32(uint32(s.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JZ(LabelRef("next"))
	body(s.tail(left))
	Label("next")
	Load(Param("n"), left)
	outer(f, Mem{Base: src, Disp: 4}, Mem{Base: dst})
	LEAQ(Mem{Base: src, Index: left, Scale: 4}, p)
	IMUL3Q(Imm(uint64(4*f)), left, left)
	LEAQ(Mem{Base: dst, Index: left, Scale: 1}, d)
	outer(f, Mem{Base: p}, Mem{Base: d, Disp: -2 * f})
	ADDQ(dp, dst)
	ADDQ(sp, src)
	DECQ(rows)
	JNZ(LabelRef("row"))
	s.nextPlane("dst", "ds", dst)
	s.nextPlane("src", "ss", src)
	DECQ(inMemory("planes"))
	JNZ(LabelRef("plane"))
	s.end()
}

// outer stores f/2 copies of the float at x.
func outer(f int, x, dst Mem) {
	v := XMM()
	VBROADCASTSS(x, v)
	switch f {
	case 2:
		VMOVSS(v, dst)
	case 4:
		VMOVLPS(v, dst)
	default:
		VMOVUPS(v, dst)
	}
}

// nextPlane moves an argument on by another one, in floats, and loads it.
func (s *isa) nextPlane(name, step string, p GPVirtual) {
	Load(Param(name), p)
	by := bytesArg(step)
	ADDQ(by, p)
	MOVQ(p, inMemory(name))
}
