package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// unroll is how many vectors the main loop of a pointwise kernel takes, and so
// how many sums run side by side.
const unroll = 4

// walk runs over n floats: unroll vectors at a time, then one at a time, then a masked
// one. body gets the offset in bytes from the pointers, and the number of the vector,
// which picks the accumulator.
func (s *isa) walk(ptrs []GPVirtual, body func(i, disp int, mask *tail)) {
	arrays := make([]array, len(ptrs))
	for i, p := range ptrs {
		arrays[i] = array{p, float32s}
	}
	s.walkArrays(arrays, body)
}

// walkArrays is walk over arrays of any encoding. disp is that of a float32.
func (s *isa) walkArrays(arrays []array, body func(i, disp int, mask *tail)) {
	s.walkBlocks(arrays, func(is []int, mask *tail) {
		for k, i := range is {
			body(i, k*s.bytes(), mask)
		}
	})
}

// walkBlocks is walkArrays whose body gets the numbers of all vectors of a block, which
// follow each other from the pointers on.
func (s *isa) walkBlocks(arrays []array, body func(is []int, mask *tail)) {
	left := s.arg("n")
	move := func(v int) {
		for _, a := range arrays {
			s.ADDQ(U32(uint32(v*s.lanes*a.encoding.bytes())), a.at)
		}
		s.SUBQ(U32(uint32(v*s.lanes)), left)
	}
	var all []int
	for i := range unroll {
		all = append(all, i)
	}
	s.SUBQ(U32(uint32(unroll*s.lanes)), left)
	s.JLT(LabelRef("single"))
	s.Label("main")
	body(all, nil)
	move(unroll)
	s.JGE(LabelRef("main"))
	s.Label("single")
	s.ADDQ(U32(uint32((unroll-1)*s.lanes)), left)
	s.JLT(LabelRef("tail"))
	s.Label("one")
	body([]int{0}, nil)
	move(1)
	s.JGE(LabelRef("one"))
	s.Label("tail")
	s.ADDQ(U32(uint32(s.lanes)), left)
	s.JZ(LabelRef("done"))
	body([]int{1}, s.tail(left))
	s.Label("done")
}

// keep clears the lanes outside the mask.
func (s *isa) keep(v VecVirtual, mask *tail) {
	switch {
	case mask == nil:
	case s.wide:
		s.VMOVAPS_Z(v, mask.k, v)
	default:
		s.VANDPS(Mem{Base: mask.table}, v, v)
	}
}

// prelu multiplies by slope the lanes of u that are not above 0.
func (s *isa) prelu(u, slope, zero VecVirtual) {
	if s.wide {
		k := s.K()
		s.VCMPPS(Imm(notAbove), zero, u, k)
		s.VMULPS(slope, u, k, u)
		return
	}
	m, t := s.reg(), s.reg()
	s.VCMPPS(Imm(notAbove), zero, u, m)
	s.VMULPS(slope, u, t)
	s.VBLENDVPS(m, t, u, u)
}

// preluByMax applies to u a PReLU whose slope is finite and at most 1: the result is the
// larger of u and slope*u. Where slope*u is NaN the result is u.
func (s *isa) preluByMax(u, slope, scratch VecVirtual) {
	s.VMULPS(u, slope, scratch)
	s.VMAXPS(u, scratch, u)
}

// notAbove is the VCMPPS predicate !(a > b), true for NaN, quiet.
const notAbove = 0x1a

// row is a pointer that goes from row to row, and its column pointer.
type row struct{ at, col, pitch GPVirtual }

// plane names the arguments of a plane, a pointer and its pitch, and how its values lie in
// memory.
type plane struct {
	at, pitch string
	encoding  encoding
}

// rows runs body over n values of every row, as walkArrays does, and begin before each row.
func (s *isa) rows(planes []plane, begin func(), body func(cols []array, disp int, mask *tail)) {
	var rs []row
	var cols []array
	for _, p := range planes {
		r := row{at: s.arg(p.at), col: s.GP64(), pitch: s.arg(p.pitch)}
		s.SHLQ(Imm(p.encoding.shift()), r.pitch)
		rs, cols = append(rs, r), append(cols, array{r.col, p.encoding})
	}
	count := s.arg("rows")
	s.Label("row")
	for _, r := range rs {
		s.MOVQ(r.at, r.col)
		s.ADDQ(r.pitch, r.at)
	}
	begin()
	s.walkArrays(cols, func(_, disp int, mask *tail) { body(cols, disp, mask) })
	s.DECQ(count)
	s.JNZ(LabelRef("row"))
}

func copyRows(s *isa) {
	s.begin("copyRows", "is pointwise.CopyRows.", "dst *float32, dp int, x *float32, xp, n, rows int")
	s.rows([]plane{{"dst", "dp", float32s}, {"x", "xp", float32s}}, func() {}, func(cols []array, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: cols[1].at, Disp: disp}, u, mask)
		s.store(u, Mem{Base: cols[0].at, Disp: disp}, mask, s.reg())
	})
	s.end()
}

// each returns a register for each of the arrays, and a function that loads the values of
// the next row into them: the arrays move on by step floats.
func (s *isa) each(arrays ...string) ([]VecVirtual, func()) {
	rs := s.regs(len(arrays))
	return rs, func() {
		p, step := s.GP64(), s.bytesArg("step")
		for i, name := range arrays {
			s.Load(s.param(name), p)
			s.VBROADCASTSS(Mem{Base: p}, rs[i])
			s.ADDQ(step, s.inMemory(name))
		}
	}
}

// normAct reads maps of encoding f.
func normAct(s *isa, f encoding) {
	s.begin("normAct", "is "+f.home()+".NormActRows, or NormActPlanes with step 1.",
		"dst *float32, dp int, z *"+f.element()+", zp, n, rows int, a, b, slope *float32, step int")
	fs, next := s.each("a", "b", "slope")
	a, b, slope, zero := fs[0], fs[1], fs[2], s.zeros(1)[0]
	s.rows([]plane{{"dst", "dp", float32s}, {"z", "zp", f}}, next, func(cols []array, disp int, mask *tail) {
		u := s.reg()
		s.loadFrom(cols[1], disp, u, mask)
		s.VFMADD213PS(b, a, u)
		s.prelu(u, slope, zero)
		s.store(u, Mem{Base: cols[0].at, Disp: disp}, mask, s.reg())
	})
	s.end()
}

// actNormGrad reads gradients and maps of the formats fg and fz.
func actNormGrad(s *isa, fg, fz encoding) {
	s.begin("actNormGrad", "is "+fz.home()+".ActNormGrad, or ActNormGradPlanes with step 1; grad is its g.",
		"dst *float32, dp int, grad *"+fg.element()+", gp int, z *"+fz.element()+", zp, n, rows int, a, b, slope, p, q, r, mean *float32, step int", s.keysOf(fg)...)
	if s.native {
		s.spreading()
	}
	fs, next := s.each("a", "b", "slope", "p", "q", "r", "mean")
	a, b, slope, p, q, r, mean := fs[0], fs[1], fs[2], fs[3], fs[4], fs[5], fs[6]
	zero := s.zeros(1)[0]
	u, v, e := s.reg(), s.reg(), s.reg()
	s.rows([]plane{{"dst", "dp", float32s}, {"grad", "gp", fg}, {"z", "zp", fz}}, next, func(cols []array, disp int, mask *tail) {
		s.loadFrom(cols[2], disp, v, mask)
		s.loadFrom(cols[1], disp, e, mask)
		s.VMOVAPS(b, u)
		s.VFMADD231PS(v, a, u)
		if s.wide {
			k := s.K()
			s.VCMPPS(Imm(notAbove), zero, u, k)
			s.VMULPS(slope, e, k, e)
		} else {
			m := s.reg()
			s.VCMPPS(Imm(notAbove), zero, u, m)
			s.VMULPS(slope, e, u)
			s.VBLENDVPS(m, u, e, e)
		}
		s.VSUBPS(mean, v, v)
		s.VFMADD213PS(r, q, v)
		s.VFMADD231PS(e, p, v)
		s.store(v, Mem{Base: cols[0].at, Disp: disp}, mask, e)
	})
	s.end()
}

// add reads what it adds in encoding f.
func add(s *isa, f encoding) {
	s.begin("add", "is "+f.home()+".Add for n floats.", f.after("dst *float32", "x")+", n int", s.keysOf(f)...)
	if s.native {
		s.spreading()
	}
	dst, x := s.arg("dst"), s.arg("x")
	s.walkArrays([]array{{dst, float32s}, {x, f}}, func(i, disp int, mask *tail) {
		u, v := s.reg(), s.reg()
		s.loadFrom(array{x, f}, disp, u, mask)
		s.load(Mem{Base: dst, Disp: disp}, v, mask)
		s.VADDPS(u, v, v)
		s.store(v, Mem{Base: dst, Disp: disp}, mask, u)
	})
	s.end()
}

// stream is pointwise.Stream: plain stores up to the first whole cache line of dst, then
// streaming stores of whole lines. The locked instruction with which a thread hands its
// work over orders them.
func stream(s *isa) {
	s.begin("stream", "is pointwise.Stream for n floats.", "dst, x *float32, n int")
	dst, x, n, head := s.arg("dst"), s.arg("x"), s.arg("n"), s.GP64()
	s.MOVQ(dst, head)
	s.NEGQ(head)
	s.ANDQ(U32(uint32(s.bytes()-1)), head)
	s.SHRQ(Imm(2), head)
	s.CMPQ(head, n)
	s.CMOVQGT(n, head)
	s.TESTQ(head, head)
	s.JZ(LabelRef("lines"))
	first, v := s.tail(head), s.reg()
	s.load(Mem{Base: x}, v, first)
	s.store(v, Mem{Base: dst}, first, s.reg())
	s.LEAQ(Mem{Base: x, Index: head, Scale: 4}, x)
	s.LEAQ(Mem{Base: dst, Index: head, Scale: 4}, dst)
	s.SUBQ(head, n)
	s.Label("lines")
	s.Store(n, s.param("n"))
	s.walk([]GPVirtual{dst, x}, func(_, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
		if mask != nil {
			s.store(u, Mem{Base: dst, Disp: disp}, mask, s.reg())
			return
		}
		s.VMOVNTPS(u, Mem{Base: dst, Disp: disp})
	})
	s.end()
}

// prefetch is pointwise.Prefetch and Touch.
func prefetch(s *isa) {
	s.open(&function{base: "prefetchEach", params: "x *float32, lines, step int", keyless: true,
		doc: "loads so many lines, step bytes apart from x on, into the second-level cache."})
	x, n, step := s.arg("x"), s.arg("lines"), s.arg("step")
	s.Label("line")
	s.PREFETCHT1(Mem{Base: x})
	s.ADDQ(step, x)
	s.DECQ(n)
	s.JNZ(LabelRef("line"))
	s.RET()
}

// peakChains is how many independent FMA chains the peak kernel runs.
const peakChains = 12

// peak multiplies and adds in registers only, rounds times peakChains FMAs.
func peak(s *isa) {
	s.begin("peak", "runs rounds times 12 independent vector FMAs.", "rounds int, out *float32")
	acc, one := s.zeros(peakChains), s.zeros(1)[0]
	n := s.arg("rounds")
	s.Label("round")
	for _, r := range acc {
		s.VFMADD231PS(one, one, r)
	}
	s.DECQ(n)
	s.JNZ(LabelRef("round"))
	for _, r := range acc[1:] {
		s.VADDPS(r, acc[0], acc[0])
	}
	s.VMOVSS(s.reduce(acc[0]), Mem{Base: s.arg("out")})
	s.end()
}
