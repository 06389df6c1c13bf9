package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// unroll is how many vectors the main loop of a pointwise kernel takes, and so
// how many sums run side by side.
const unroll = 4

// walk runs over n floats: unroll vectors at a time, then one, then a masked
// one. body gets the byte offset from the pointers and the number of the
// vector, which picks the accumulator.
func (s *isa) walk(ptrs []GPVirtual, body func(i, disp int, mask *tail)) {
	left := arg("n")
	move := func(v int) {
		for _, p := range ptrs {
			ADDQ(U32(uint32(v*s.bytes())), p)
		}
		SUBQ(U32(uint32(v*s.lanes)), left)
	}
	SUBQ(U32(uint32(unroll*s.lanes)), left)
	JLT(LabelRef("single"))
	Label("main")
	for i := range unroll {
		body(i, i*s.bytes(), nil)
	}
	move(unroll)
	JGE(LabelRef("main"))
	Label("single")
	ADDQ(U32(uint32((unroll-1)*s.lanes)), left)
	JLT(LabelRef("tail"))
	Label("one")
	body(0, 0, nil)
	move(1)
	JGE(LabelRef("one"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JZ(LabelRef("done"))
	body(1, 0, s.tail(left))
	Label("done")
}

// total adds up the accumulators and stores their sum at m.
func (s *isa) total(acc []VecVirtual, m Mem) {
	for n := len(acc) / 2; n > 0; n /= 2 {
		for i := range n {
			VADDPS(acc[i+n], acc[i], acc[i])
		}
	}
	VMOVSS(s.reduce(acc[0]), m)
}

func sum(s *isa) {
	s.begin("sum", "stores the sum of n floats in out.", "x *float32, n int, out *float32")
	x, acc, v := arg("x"), s.zeros(unroll), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		VADDPS(v, acc[i], acc[i])
	})
	s.total(acc, Mem{Base: arg("out")})
	s.end()
}

// moments masks the deviation, not x: lanes beyond the end would add the shift.
func moments(s *isa) {
	s.begin("moments", "stores the sums of x[i]-shift and of its square over n floats in out.", "x *float32, n int, shift float32, out *float32")
	x, sums, squares, shift, v := arg("x"), s.zeros(unroll), s.zeros(unroll), s.broadcast("shift"), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		VSUBPS(shift, v, v)
		s.keep(v, mask)
		VADDPS(v, sums[i], sums[i])
		VFMADD231PS(v, v, squares[i])
	})
	out := arg("out")
	s.total(sums, Mem{Base: out})
	s.total(squares, Mem{Base: out, Disp: 4})
	s.end()
}

// keep clears the lanes outside the mask.
func (s *isa) keep(v VecVirtual, mask *tail) {
	switch {
	case mask == nil:
	case s.wide:
		VMOVAPS_Z(v, mask.k, v)
	default:
		VANDPS(Mem{Base: mask.table}, v, v)
	}
}

// prelu multiplies by slope the lanes of u that are not above 0.
func (s *isa) prelu(u, slope, zero VecVirtual) {
	if s.wide {
		k := K()
		VCMPPS(Imm(notAbove), zero, u, k)
		VMULPS(slope, u, k, u)
		return
	}
	m, t := s.reg(), s.reg()
	VCMPPS(Imm(notAbove), zero, u, m)
	VMULPS(slope, u, t)
	VBLENDVPS(m, t, u, u)
}

// preluByMax applies a PReLU whose slope is at most 1, and finite, to u: the
// larger of u and slope*u. u is the operand that a NaN of slope*u gives way to.
func (s *isa) preluByMax(u, slope, scratch VecVirtual) {
	VMULPS(u, slope, scratch)
	VMAXPS(u, scratch, u)
}

// notAbove is the VCMPPS predicate !(a > b), true for NaN, quiet.
const notAbove = 0x1a

// row is a pointer that goes from row to row, and its column pointer.
type row struct{ at, col, pitch GPVirtual }

// rows runs body over n floats of each of rows rows, as walk does, and begin
// before each; names are the pointer arguments, each with its pitch argument.
func (s *isa) rows(names [][2]string, begin func(), body func(cols []GPVirtual, disp int, mask *tail)) {
	var rs []row
	var cols []GPVirtual
	for _, n := range names {
		r := row{at: arg(n[0]), col: GP64(), pitch: bytesArg(n[1])}
		rs, cols = append(rs, r), append(cols, r.col)
	}
	count := arg("rows")
	Label("row")
	for _, r := range rs {
		MOVQ(r.at, r.col)
		ADDQ(r.pitch, r.at)
	}
	begin()
	s.walk(cols, func(_, disp int, mask *tail) { body(cols, disp, mask) })
	DECQ(count)
	JNZ(LabelRef("row"))
}

func copyRows(s *isa) {
	s.begin("copyRows", "is CopyRows.", "dst *float32, dp int, x *float32, xp, n, rows int")
	s.rows([][2]string{{"dst", "dp"}, {"x", "xp"}}, func() {}, func(cols []GPVirtual, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: cols[1], Disp: disp}, u, mask)
		s.store(u, Mem{Base: cols[0], Disp: disp}, mask, s.reg())
	})
	s.end()
}

// each returns registers for the values of arrays, and what loads those of the
// next row: the arrays go on by step floats.
func (s *isa) each(arrays ...string) ([]VecVirtual, func()) {
	rs := s.regs(len(arrays))
	return rs, func() {
		p, step := GP64(), bytesArg("step")
		for i, name := range arrays {
			Load(Param(name), p)
			VBROADCASTSS(Mem{Base: p}, rs[i])
			ADDQ(step, inMemory(name))
		}
	}
}

func normAct(s *isa) {
	s.begin("normAct", "is NormActRows, or NormActPlanes with step 1.",
		"dst *float32, dp int, z *float32, zp, n, rows int, a, b, slope *float32, step int")
	f, next := s.each("a", "b", "slope")
	a, b, slope, zero := f[0], f[1], f[2], s.zeros(1)[0]
	s.rows([][2]string{{"dst", "dp"}, {"z", "zp"}}, next, func(cols []GPVirtual, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: cols[1], Disp: disp}, u, mask)
		VFMADD213PS(b, a, u)
		s.prelu(u, slope, zero)
		s.store(u, Mem{Base: cols[0], Disp: disp}, mask, s.reg())
	})
	s.end()
}

// actSums: beyond the end z = 0 and d = 0, but u = b, so what does not carry
// e = 0 is masked, and e too, for an infinite slope would make it NaN.
func actSums(s *isa) {
	s.begin("actSums", "is ActSums for n floats; the four sums go to out.",
		"d, z *float32, n int, a, b, slope, mean float32, out *float32")
	d, z := arg("d"), arg("z")
	a, b, slope, mean := s.broadcast("a"), s.broadcast("b"), s.broadcast("slope"), s.broadcast("mean")
	zero := s.zeros(1)[0]
	apart := 1 // sums side by side
	if s.wide {
		apart = 2
	}
	var sums [4][]VecVirtual
	for i := range sums {
		sums[i] = s.zeros(apart)
	}
	u, v, e := s.reg(), s.reg(), s.reg()
	s.walk([]GPVirtual{d, z}, func(i, disp int, mask *tail) {
		i %= apart
		s.load(Mem{Base: z, Disp: disp}, v, mask)
		s.load(Mem{Base: d, Disp: disp}, e, mask)
		VMOVAPS(b, u)
		VFMADD231PS(v, a, u)
		VSUBPS(mean, v, v)
		if s.wide {
			k := K()
			VCMPPS(Imm(notAbove), zero, u, k)
			if mask != nil {
				KANDW(mask.k, k, k)
			}
			VFMADD231PS(e, u, k, sums[2][i])
			VMULPS(slope, e, k, e)
			VMULPS(slope, u, k, u)
		} else {
			m, t := s.reg(), s.reg()
			VCMPPS(Imm(notAbove), zero, u, m)
			s.keep(m, mask)
			VMULPS(e, u, t)
			VANDPS(m, t, t)
			VADDPS(t, sums[2][i], sums[2][i])
			VMULPS(slope, e, t)
			VBLENDVPS(m, t, e, e)
			VMULPS(slope, u, t)
			VBLENDVPS(m, t, u, u)
		}
		s.keep(v, mask)
		s.keep(u, mask)
		VADDPS(e, sums[0][i], sums[0][i])
		VFMADD231PS(e, v, sums[1][i])
		VADDPS(u, sums[3][i], sums[3][i])
	})
	out := arg("out")
	for i, acc := range sums {
		s.total(acc, Mem{Base: out, Disp: 4 * i})
	}
	s.end()
}

func actNormGrad(s *isa) {
	s.begin("actNormGrad", "is ActNormGrad, or ActNormGradPlanes with step 1; grad is its g.",
		"dst *float32, dp int, grad *float32, gp int, z *float32, zp, n, rows int, a, b, slope, p, q, r, mean *float32, step int")
	f, next := s.each("a", "b", "slope", "p", "q", "r", "mean")
	a, b, slope, p, q, r, mean := f[0], f[1], f[2], f[3], f[4], f[5], f[6]
	zero := s.zeros(1)[0]
	u, v, e := s.reg(), s.reg(), s.reg()
	s.rows([][2]string{{"dst", "dp"}, {"grad", "gp"}, {"z", "zp"}}, next, func(cols []GPVirtual, disp int, mask *tail) {
		s.load(Mem{Base: cols[2], Disp: disp}, v, mask)
		s.load(Mem{Base: cols[1], Disp: disp}, e, mask)
		VMOVAPS(b, u)
		VFMADD231PS(v, a, u)
		if s.wide {
			k := K()
			VCMPPS(Imm(notAbove), zero, u, k)
			VMULPS(slope, e, k, e)
		} else {
			m := s.reg()
			VCMPPS(Imm(notAbove), zero, u, m)
			VMULPS(slope, e, u)
			VBLENDVPS(m, u, e, e)
		}
		VSUBPS(mean, v, v)
		VFMADD213PS(r, q, v)
		VFMADD231PS(e, p, v)
		s.store(v, Mem{Base: cols[0], Disp: disp}, mask, e)
	})
	s.end()
}

func add(s *isa) {
	s.begin("add", "is Add for n floats.", "dst, x *float32, n int")
	dst, x := arg("dst"), arg("x")
	s.walk([]GPVirtual{dst, x}, func(i, disp int, mask *tail) {
		u, v := s.reg(), s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
		s.load(Mem{Base: dst, Disp: disp}, v, mask)
		VADDPS(u, v, v)
		s.store(v, Mem{Base: dst, Disp: disp}, mask, u)
	})
	s.end()
}

// stream is kernel.Stream: floats up to the first whole line of dst, then lines
// that go past the caches. The locked instruction with which a thread hands its
// work over orders them.
func stream(s *isa) {
	s.begin("stream", "is Stream for n floats.", "dst, x *float32, n int")
	dst, x, n, head := arg("dst"), arg("x"), arg("n"), GP64()
	MOVQ(dst, head)
	NEGQ(head)
	ANDQ(U32(uint32(s.bytes()-1)), head)
	SHRQ(Imm(2), head)
	CMPQ(head, n)
	CMOVQGT(n, head)
	TESTQ(head, head)
	JZ(LabelRef("lines"))
	first, v := s.tail(head), s.reg()
	s.load(Mem{Base: x}, v, first)
	s.store(v, Mem{Base: dst}, first, s.reg())
	LEAQ(Mem{Base: x, Index: head, Scale: 4}, x)
	LEAQ(Mem{Base: dst, Index: head, Scale: 4}, dst)
	SUBQ(head, n)
	Label("lines")
	Store(n, Param("n"))
	s.walk([]GPVirtual{dst, x}, func(_, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
		if mask != nil {
			s.store(u, Mem{Base: dst, Disp: disp}, mask, s.reg())
			return
		}
		VMOVNTPS(u, Mem{Base: dst, Disp: disp})
	})
	s.end()
}

// prefetch is kernel.Prefetch.
func prefetch() {
	TEXT("prefetchLines", NOSPLIT, "func(x *float32, lines int)")
	Pragma("noescape")
	Doc("prefetchLines brings so many lines from x on into the second-level cache.")
	x, n := arg("x"), arg("lines")
	Label("line")
	PREFETCHT1(Mem{Base: x})
	ADDQ(Imm(64), x)
	DECQ(n)
	JNZ(LabelRef("line"))
	RET()
}

// peakChains is how many independent FMA chains the peak kernel runs.
const peakChains = 12

// peak multiplies and adds in registers only, rounds times peakChains FMAs.
func peak(s *isa) {
	s.begin("peak", "runs rounds times 12 independent vector FMAs.", "rounds int, out *float32")
	acc, one := s.zeros(peakChains), s.zeros(1)[0]
	n := arg("rounds")
	Label("round")
	for _, r := range acc {
		VFMADD231PS(one, one, r)
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	for _, r := range acc[1:] {
		VADDPS(r, acc[0], acc[0])
	}
	VMOVSS(s.reduce(acc[0]), Mem{Base: arg("out")})
	s.end()
}
