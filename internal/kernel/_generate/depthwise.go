package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// strips walks rows in strips of the given heights (the largest first, the
// last is 1) and in each the columns by v vectors. body gets the height, the
// number of vectors, pointers into x and the other plane, and the last
// vector's mask.
type strips struct {
	*isa
	plane, pitch string
	heights      []int
	v            int
	loose        bool // tails of the upper strips may be loose
	body         func(h, v int, x, p GPVirtual, mask *tail)
}

func (s strips) walk() {
	xr, pr, rows := arg("x"), arg(s.plane), arg("rows")
	x, p, left := GP64(), GP64(), GP64()
	for _, h := range s.heights {
		at := func(name string) string { return fmt.Sprintf("%s%d", name, h) }
		Label(at("strip"))
		CMPQ(rows, Imm(uint64(h)))
		JLT(LabelRef(at("below")))
		MOVQ(xr, x)
		MOVQ(pr, p)
		Load(Param("n"), left)
		s.columns(h, x, p, left, rows, at)
		Label(at("end"))
		step := GP64()
		Load(Param("xp"), step)
		IMUL3Q(Imm(uint64(4*h)), step, step)
		ADDQ(step, xr)
		Load(Param(s.pitch), step)
		IMUL3Q(Imm(uint64(4*h)), step, step)
		ADDQ(step, pr)
		SUBQ(Imm(uint64(h)), rows)
		JMP(LabelRef(at("strip")))
		Label(at("below"))
	}
}

// columns walks one strip: blocks of v vectors, then one whose last is masked.
func (s strips) columns(h int, x, p, left, rows GPVirtual, at func(string) string) {
	SUBQ(U32(uint32(s.v*s.lanes)), left)
	JLT(LabelRef(at("tail")))
	Label(at("columns"))
	s.body(h, s.v, x, p, nil)
	ADDQ(U32(uint32(s.v*s.bytes())), x)
	ADDQ(U32(uint32(s.v*s.bytes())), p)
	SUBQ(U32(uint32(s.v*s.lanes)), left)
	JGE(LabelRef(at("columns")))
	Label(at("tail"))
	ADDQ(U32(uint32(s.v*s.lanes)), left)
	JZ(LabelRef(at("end")))
	for v := s.v; v >= 1; v-- {
		part := func(name string) string { return at(fmt.Sprintf("%sof%dby", name, v)) }
		if v > 1 {
			CMPQ(left, U32(uint32((v-1)*s.lanes)))
			JLE(LabelRef(part("fewer")))
			SUBQ(U32(uint32((v-1)*s.lanes)), left)
		}
		mask := s.tail(left)
		if s.loose {
			below := GP64()
			MOVQ(rows, below)
			SUBQ(Imm(uint64(h)), below)
			slack := GP64()
			Load(Param("slack"), slack)
			CMPQ(below, slack)
			JLT(LabelRef(part("strict")))
			s.body(h, v, x, p, mask.loosely())
			JMP(LabelRef(at("end")))
			Label(part("strict"))
		}
		s.body(h, v, x, p, mask)
		JMP(LabelRef(at("end")))
		if v > 1 {
			Label(part("fewer"))
		}
	}
}

// depthwise is kernel.Depthwise: nine weights in registers; each row of x is
// read once a strip and goes into up to three rows of dst. Two vectors a block
// keep enough sums in flight; AVX2 has registers for one.
func depthwise(s *isa) {
	s.begin("depthwise", "is Depthwise; slack rows of x below a strip make loose tails safe.",
		"dst *float32, dp int, x *float32, xp int, w *float32, n, rows, slack int, ahead *float32")
	heights, vectors := []int{4, 2, 1}, 1
	if s.wide {
		heights, vectors = []int{8, 4, 2, 1}, 2
	}
	wp, dp, xp := arg("w"), bytesArg("dp"), bytesArg("xp")
	w := s.regs(9)
	for i, r := range w {
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * i}, r)
	}
	strips{s, "dst", "dp", heights, vectors, true, func(h, v int, x, d GPVirtual, mask *tail) {
		at := func(b int) *tail {
			if b == v-1 {
				return mask
			}
			return nil
		}
		s.fetch(h*v, "ahead")
		acc := make([][]VecVirtual, h)
		for r := range acc {
			acc[r] = s.regs(v)
		}
		in, p, q := s.regs(v), GP64(), GP64()
		MOVQ(x, p)
		MOVQ(d, q)
		for j := range h + 2 {
			for i := range 3 {
				for b := range v {
					s.load(Mem{Base: p, Disp: 4*i + b*s.bytes()}, in[b], at(b))
				}
				for y := range 3 {
					r := j - y
					if r < 0 || r >= h {
						continue
					}
					for b := range v {
						if y == 0 && i == 0 {
							VMULPS(in[b], w[0], acc[r][b])
						} else {
							VFMADD231PS(in[b], w[3*y+i], acc[r][b])
						}
					}
				}
			}
			if j >= 2 {
				for b := range v {
					s.store(acc[j-2][b], Mem{Base: q, Disp: b * s.bytes()}, at(b), in[b])
				}
				ADDQ(dp, q)
			}
			ADDQ(xp, p)
		}
	}}.walk()
	s.end()
}

// depthwiseGrad is kernel.DepthwiseGrad: nine accumulators over all rows and
// columns, for AVX-512 twice nine, even and odd rows apart; each row of x is
// read once a strip and meets up to three rows of the gradient.
func depthwiseGrad(s *isa) {
	s.begin("depthwiseGrad", "is DepthwiseGrad; slack rows below a strip make loose tails safe.",
		"dw *float32, x *float32, xp int, grad *float32, gp, n, rows, slack int, ahead, ahead2 *float32")
	gp, xp := bytesArg("gp"), bytesArg("xp")
	acc, sets, heights := s.zeros(9), 1, []int{4, 2, 1}
	if s.wide {
		acc, sets, heights = append(acc, s.zeros(9)...), 2, []int{8, 4, 2, 1}
	}
	strips{s, "grad", "gp", heights, 1, s.wide, func(h, _ int, x, d GPVirtual, mask *tail) {
		s.fetch(h, "ahead", "ahead2")
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
						s.addProduct(v, gv[r], acc[r%sets*9+3*y+i], mask)
					}
				}
			}
			ADDQ(xp, p)
		}
	}}.walk()
	dw := arg("dw")
	for i, r := range acc[:9] {
		if sets == 2 {
			VADDPS(acc[9+i], r, r)
		}
		v, m := s.reduce(r), Mem{Base: dw, Disp: 4 * i}
		VADDSS(m, v, v)
		VMOVSS(v, m)
	}
	s.end()
}
