package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// acrossTable is the weight table of outputs from a multiple of f on; sources
// count from the one before the first output's.
func (s *isa) acrossTable() Mem {
	return s.weightTable("across", func(f int) int { return f / 2 })
}

// across makes rows of f*n outputs. Every vector of outputs needs lanes/f+2 floats of
// the source row, and the kernel loads a whole vector: the row must have that many
// floats more to read. The first and the last f/2 outputs, whose second source lies
// outside the row, are overwritten with copies of the edge at the end.
func across(s *isa, index int) {
	f := upFactors[index]
	s.begin("across", fmt.Sprintf("is resample.Across for the factor %d.", f),
		"dst *float32, ds, dp int, src *float32, ss, sp, n, rows, planes int", number("factor", f))
	dst, src, rows := s.arg("dst"), s.arg("src"), s.GP64()
	dp, sp := s.bytesArg("dp"), s.bytesArg("sp")
	var part [4]VecVirtual
	for i := range part {
		part[i] = s.reg()
		s.VMOVUPS(weights(s.acrossTable(), index, i), part[i])
	}
	d, p, left := s.GP64(), s.GP64(), s.GP64()
	body := func(count GPVirtual) {
		out := s.mask(count)
		x, y := s.reg(), s.reg()
		s.VMOVUPS(Mem{Base: p}, x)
		s.VPERMPS(x, part[0], y)
		s.VPERMPS(x, part[1], x)
		s.VMULPS(part[2], y, y)
		s.VFMADD231PS(part[3], x, y)
		s.store(y, Mem{Base: d}, out, x)
	}
	s.Label("plane")
	s.Load(s.param("rows"), rows)
	s.Label("row")
	s.MOVQ(dst, d)
	s.MOVQ(src, p)
	s.Load(s.param("n"), left)
	s.IMUL3Q(Imm(uint64(f)), left, left)
	s.vectors(left, "next", body, move{d, s.bytes()}, move{p, s.bytes() / f})
	s.Load(s.param("n"), left)
	s.outer(f, Mem{Base: src, Disp: 4}, Mem{Base: dst})
	s.LEAQ(Mem{Base: src, Index: left, Scale: 4}, p)
	s.IMUL3Q(Imm(uint64(4*f)), left, left)
	s.LEAQ(Mem{Base: dst, Index: left, Scale: 1}, d)
	s.outer(f, Mem{Base: p}, Mem{Base: d, Disp: -2 * f})
	s.ADDQ(dp, dst)
	s.ADDQ(sp, src)
	s.DECQ(rows)
	s.JNZ(LabelRef("row"))
	s.nextPlane("dst", "ds", dst)
	s.nextPlane("src", "ss", src)
	s.DECQ(s.inMemory("planes"))
	s.JNZ(LabelRef("plane"))
	s.end()
}

// outer stores f/2 copies of the float at x.
func (s *isa) outer(f int, x, dst Mem) {
	v := s.XMM()
	s.VBROADCASTSS(x, v)
	switch f {
	case 2:
		s.VMOVSS(v, dst)
	case 4:
		s.VMOVLPS(v, dst)
	default:
		s.VMOVUPS(v, dst)
	}
}

// nextPlane adds the argument step, in floats, to the pointer argument name, and loads
// the pointer.
func (s *isa) nextPlane(name, step string, p GPVirtual) {
	s.Load(s.param(name), p)
	by := s.bytesArg(step)
	s.ADDQ(by, p)
	s.MOVQ(p, s.inMemory(name))
}
