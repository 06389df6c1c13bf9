package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// strips walks rows in strips of the given heights, the largest first; the last height
// is 1. In each strip it walks the columns by v vectors. body gets the height, the number
// of vectors, pointers into x and the other plane, and the last vector's mask.
type strips struct {
	*isa
	plane, pitch string
	encoding     encoding // of the other plane
	heights      []int
	v            int
	loose        bool // tails of the upper strips may be loose
	body         func(h, v int, x, p GPVirtual, mask *tail)
}

func (s strips) walk() {
	xr, pr, rows := s.arg("x"), s.arg(s.plane), s.arg("rows")
	x, p, left := s.GP64(), s.GP64(), s.GP64()
	for _, h := range s.heights {
		at := func(name string) string { return fmt.Sprintf("%s%d", name, h) }
		s.Label(at("strip"))
		s.CMPQ(rows, Imm(uint64(h)))
		s.JLT(LabelRef(at("below")))
		s.MOVQ(xr, x)
		s.MOVQ(pr, p)
		s.Load(s.param("n"), left)
		s.columns(h, x, p, left, rows, at)
		s.Label(at("end"))
		step := s.GP64()
		s.Load(s.param("xp"), step)
		s.IMUL3Q(Imm(uint64(4*h)), step, step)
		s.ADDQ(step, xr)
		s.Load(s.param(s.pitch), step)
		s.IMUL3Q(Imm(uint64(s.encoding.bytes()*h)), step, step)
		s.ADDQ(step, pr)
		s.SUBQ(Imm(uint64(h)), rows)
		s.JMP(LabelRef(at("strip")))
		s.Label(at("below"))
	}
}

// columns walks one strip: blocks of v vectors, then one whose last is masked.
func (s strips) columns(h int, x, p, left, rows GPVirtual, at func(string) string) {
	s.SUBQ(U32(uint32(s.v*s.lanes)), left)
	s.JLT(LabelRef(at("tail")))
	s.Label(at("columns"))
	s.body(h, s.v, x, p, nil)
	s.ADDQ(U32(uint32(s.v*s.bytes())), x)
	s.ADDQ(U32(uint32(s.v*s.lanes*s.encoding.bytes())), p)
	s.SUBQ(U32(uint32(s.v*s.lanes)), left)
	s.JGE(LabelRef(at("columns")))
	s.Label(at("tail"))
	s.ADDQ(U32(uint32(s.v*s.lanes)), left)
	s.JZ(LabelRef(at("end")))
	for v := s.v; v >= 1; v-- {
		part := func(name string) string { return at(fmt.Sprintf("%sof%dby", name, v)) }
		if v > 1 {
			s.CMPQ(left, U32(uint32((v-1)*s.lanes)))
			s.JLE(LabelRef(part("fewer")))
			s.SUBQ(U32(uint32((v-1)*s.lanes)), left)
		}
		mask := s.tail(left)
		if s.loose {
			below := s.GP64()
			s.MOVQ(rows, below)
			s.SUBQ(Imm(uint64(h)), below)
			slack := s.GP64()
			s.Load(s.param("slack"), slack)
			s.CMPQ(below, slack)
			s.JLT(LabelRef(part("strict")))
			s.body(h, v, x, p, mask.loosely())
			s.JMP(LabelRef(at("end")))
			s.Label(part("strict"))
		}
		s.body(h, v, x, p, mask)
		s.JMP(LabelRef(at("end")))
		if v > 1 {
			s.Label(part("fewer"))
		}
	}
}

// depthwise is depthwise.Conv, or ConvFloat16, by the encoding f of its output. The nine
// weights stay in registers; each row of x is read once a strip and goes into up to three
// rows of dst. Blocks are two vectors wide to keep enough sums in flight; AVX2 has registers
// for one.
func depthwise(s *isa, f encoding) {
	base, like := "depthwise", "depthwise.Conv"
	if f != float32s {
		base, like = base+string(f), like+string(f)
	}
	s.begin(base, "is "+like+"; slack rows of x below a strip make loose tails safe.",
		"dst *"+f.element()+", dp int, x *float32, xp int, w *float32, n, rows, slack int, prefetch *float32, halved int")
	heights, vectors := []int{4, 2, 1}, 1
	if s.wide {
		heights, vectors = []int{8, 4, 2, 1}, 2
	}
	wp, dp, xp := s.arg("w"), s.arg("dp"), s.bytesArg("xp")
	s.SHLQ(Imm(f.shift()), dp)
	w, round := s.regs(9), s.narrowing(f, false)
	for i, r := range w {
		s.VBROADCASTSS(Mem{Base: wp, Disp: 4 * i}, r)
	}
	strips{s, "dst", "dp", f, heights, vectors, true, func(h, v int, x, d GPVirtual, mask *tail) {
		at := func(b int) *tail {
			if b == v-1 {
				return mask
			}
			return nil
		}
		s.prefetch(h*v, "prefetch")
		acc := make([][]VecVirtual, h)
		for r := range acc {
			acc[r] = s.regs(v)
		}
		in, p, q := s.regs(v), s.GP64(), s.GP64()
		s.MOVQ(x, p)
		s.MOVQ(d, q)
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
							s.VMULPS(in[b], w[0], acc[r][b])
						} else {
							s.VFMADD231PS(in[b], w[3*y+i], acc[r][b])
						}
					}
				}
			}
			if j >= 2 {
				round.storeRow(s, acc[j-2], q, mask, in)
				s.ADDQ(dp, q)
			}
			s.ADDQ(xp, p)
		}
	}}.walk()
	s.end()
}

// storeRow stores the vectors of a row of the output at q; mask is of the last.
func (w *narrowing) storeRow(s *isa, row []VecVirtual, q GPVirtual, mask *tail, scratch []VecVirtual) {
	for b, u := range row {
		var t *tail
		if b == len(row)-1 {
			t = mask
		}
		if w.encoding == float32s {
			s.store(u, Mem{Base: q, Disp: b * s.bytes()}, t, scratch[b])
		} else {
			w.store(s, row[b:b+1], array{q, w.encoding}, b*s.bytes(), t)
		}
	}
}

// depthwiseGrad is depthwise.ConvGrad. Nine accumulators run over all rows and columns;
// AVX-512 has them twice, for even and for odd rows. Each row of x is read once a strip
// and meets up to three rows of the gradient.
func depthwiseGrad(s *isa) {
	s.begin("depthwiseGrad", "is depthwise.ConvGrad; slack rows below a strip make loose tails safe.",
		"dw *float32, x *float32, xp int, grad *float32, gp, n, rows, slack int, prefetch, prefetch2 *float32, halved int")
	gp, xp := s.bytesArg("gp"), s.bytesArg("xp")
	acc, sets, heights := s.zeros(9), 1, []int{4, 2, 1}
	if s.wide {
		acc, sets, heights = append(acc, s.zeros(9)...), 2, []int{8, 4, 2, 1}
	}
	strips{s, "grad", "gp", float32s, heights, 1, s.wide, func(h, _ int, x, d GPVirtual, mask *tail) {
		s.prefetch(h, "prefetch", "prefetch2")
		gv, v := s.regs(h), s.reg()
		p, q := s.GP64(), s.GP64()
		s.MOVQ(x, p)
		s.MOVQ(d, q)
		for j := range h + 2 {
			if j < h {
				s.load(Mem{Base: q}, gv[j], mask)
				s.ADDQ(gp, q)
			}
			for i := range 3 {
				s.load(Mem{Base: p, Disp: 4 * i}, v, mask)
				for y := range 3 {
					if r := j - y; r >= 0 && r < h {
						s.addProduct(v, gv[r], acc[r%sets*9+3*y+i], mask)
					}
				}
			}
			s.ADDQ(xp, p)
		}
	}}.walk()
	dw := s.arg("dw")
	for i, r := range acc[:9] {
		if sets == 2 {
			s.VADDPS(acc[9+i], r, r)
		}
		v, m := s.reduce(r), Mem{Base: dw, Disp: 4 * i}
		s.VADDSS(m, v, v)
		s.VMOVSS(v, m)
	}
	s.end()
}
