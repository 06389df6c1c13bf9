package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// strips walks rows in strips of the given heights (the largest first, the
// last is 1) and in each the columns by vectors: body gets the height, a
// pointer for x and one for the other plane, and the mask.
func (s *isa) strips(plane, pitch string, heights []int, body func(h int, x, p GPVirtual, mask *tail)) {
	xr, pr, rows := arg("x"), arg(plane), arg("rows")
	x, p, left := GP64(), GP64(), GP64()
	for _, h := range heights {
		strip, next := fmt.Sprintf("strip%d", h), fmt.Sprintf("below%d", h)
		columns, last, end := fmt.Sprintf("columns%d", h), fmt.Sprintf("tail%d", h), fmt.Sprintf("end%d", h)
		Label(strip)
		CMPQ(rows, Imm(uint64(h)))
		JLT(LabelRef(next))
		MOVQ(xr, x)
		MOVQ(pr, p)
		Load(Param("n"), left)
		SUBQ(U32(uint32(s.lanes)), left)
		JLT(LabelRef(last))
		Label(columns)
		body(h, x, p, nil)
		ADDQ(U32(uint32(s.bytes())), x)
		ADDQ(U32(uint32(s.bytes())), p)
		SUBQ(U32(uint32(s.lanes)), left)
		JGE(LabelRef(columns))
		Label(last)
		ADDQ(U32(uint32(s.lanes)), left)
		JZ(LabelRef(end))
		body(h, x, p, s.tail(left))
		Label(end)
		step := GP64()
		Load(Param("xp"), step)
		IMUL3Q(Imm(uint64(4*h)), step, step)
		ADDQ(step, xr)
		Load(Param(pitch), step)
		IMUL3Q(Imm(uint64(4*h)), step, step)
		ADDQ(step, pr)
		SUBQ(Imm(uint64(h)), rows)
		JMP(LabelRef(strip))
		Label(next)
	}
}

// depthwise is kernel.Depthwise: nine weights in registers; each row of x is
// read once a strip and goes into up to three rows of dst.
func depthwise(s *isa) {
	s.begin("depthwise", "is Depthwise.", "dst *float32, dp int, x *float32, xp int, w *float32, n, rows int")
	heights := []int{4, 2, 1}
	if s.wide {
		heights = []int{8, 4, 2, 1}
	}
	wp, dp, xp := arg("w"), bytesArg("dp"), bytesArg("xp")
	w := s.regs(9)
	for i, r := range w {
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * i}, r)
	}
	s.strips("dst", "dp", heights, func(h int, x, d GPVirtual, mask *tail) {
		acc, v := s.regs(h), s.reg()
		p, q := GP64(), GP64()
		MOVQ(x, p)
		MOVQ(d, q)
		for j := range h + 2 {
			for i := range 3 {
				s.load(Mem{Base: p, Disp: 4 * i}, v, mask)
				for y := range 3 {
					r := j - y
					switch {
					case r < 0 || r >= h:
					case y == 0 && i == 0:
						VMULPS(v, w[0], acc[r])
					default:
						VFMADD231PS(v, w[3*y+i], acc[r])
					}
				}
			}
			if j >= 2 {
				s.store(acc[j-2], Mem{Base: q}, mask, v)
				ADDQ(dp, q)
			}
			ADDQ(xp, p)
		}
	})
	s.end()
}

// depthwiseGrad is kernel.DepthwiseGrad: nine accumulators over all rows and
// columns; each row of x is read once a strip and meets up to three rows of
// the gradient.
func depthwiseGrad(s *isa) {
	s.begin("depthwiseGrad", "is DepthwiseGrad.", "dw *float32, x *float32, xp int, grad *float32, gp, n, rows int")
	gp, xp := bytesArg("gp"), bytesArg("xp")
	acc := s.zeros(9)
	s.strips("grad", "gp", []int{4, 2, 1}, func(h int, x, d GPVirtual, mask *tail) {
		gv, v := s.regs(h), s.reg()
		p, q := GP64(), GP64()
		MOVQ(x, p)
		MOVQ(d, q)
		for j := range h + 2 {
			if j < h {
				s.load(Mem{Base: q}, gv[j], mask)
				ADDQ(gp, q)
			}
			for i := range 3 {
				s.load(Mem{Base: p, Disp: 4 * i}, v, mask)
				for y := range 3 {
					if r := j - y; r >= 0 && r < h {
						VFMADD231PS(v, gv[r], acc[3*y+i])
					}
				}
			}
			ADDQ(xp, p)
		}
	})
	dw := arg("dw")
	for i, r := range acc {
		v, m := s.reduce(r), Mem{Base: dw, Disp: 4 * i}
		VADDSS(m, v, v)
		VMOVSS(v, m)
	}
	s.end()
}
