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
	left := s.arg("n")
	move := func(v int) {
		for _, p := range ptrs {
			s.ADDQ(U32(uint32(v*s.bytes())), p)
		}
		s.SUBQ(U32(uint32(v*s.lanes)), left)
	}
	s.SUBQ(U32(uint32(unroll*s.lanes)), left)
	s.JLT(LabelRef("single"))
	s.Label("main")
	for i := range unroll {
		body(i, i*s.bytes(), nil)
	}
	move(unroll)
	s.JGE(LabelRef("main"))
	s.Label("single")
	s.ADDQ(U32(uint32((unroll-1)*s.lanes)), left)
	s.JLT(LabelRef("tail"))
	s.Label("one")
	body(0, 0, nil)
	move(1)
	s.JGE(LabelRef("one"))
	s.Label("tail")
	s.ADDQ(U32(uint32(s.lanes)), left)
	s.JZ(LabelRef("done"))
	body(1, 0, s.tail(left))
	s.Label("done")
}

// total adds up the accumulators and stores their sum at m.
func (s *isa) total(acc []VecVirtual, m Mem) {
	for n := len(acc) / 2; n > 0; n /= 2 {
		for i := range n {
			s.VADDPS(acc[i+n], acc[i], acc[i])
		}
	}
	s.VMOVSS(s.reduce(acc[0]), m)
}

func sum(s *isa) {
	s.begin("sum", "stores the sum of n floats in out.", "x *float32, n int, out *float32")
	x, acc, v := s.arg("x"), s.zeros(unroll), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		s.VADDPS(v, acc[i], acc[i])
	})
	s.total(acc, Mem{Base: s.arg("out")})
	s.end()
}

// moments masks the deviation and not x, because lanes beyond the end, which are loaded
// as 0, would add the shift.
func moments(s *isa) {
	s.begin("moments", "stores the sums of x[i]-shift and of its square over n floats in out.", "x *float32, n int, shift float32, out *float32")
	x, sums, squares, shift, v := s.arg("x"), s.zeros(unroll), s.zeros(unroll), s.broadcast("shift"), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		s.VSUBPS(shift, v, v)
		s.keep(v, mask)
		s.VADDPS(v, sums[i], sums[i])
		s.VFMADD231PS(v, v, squares[i])
	})
	out := s.arg("out")
	s.total(sums, Mem{Base: out})
	s.total(squares, Mem{Base: out, Disp: 4})
	s.end()
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

// rows runs body over n floats of every row, as walk does, and begin before each row. The
// names are pairs of arguments: a pointer and its pitch.
func (s *isa) rows(names [][2]string, begin func(), body func(cols []GPVirtual, disp int, mask *tail)) {
	var rs []row
	var cols []GPVirtual
	for _, n := range names {
		r := row{at: s.arg(n[0]), col: s.GP64(), pitch: s.bytesArg(n[1])}
		rs, cols = append(rs, r), append(cols, r.col)
	}
	count := s.arg("rows")
	s.Label("row")
	for _, r := range rs {
		s.MOVQ(r.at, r.col)
		s.ADDQ(r.pitch, r.at)
	}
	begin()
	s.walk(cols, func(_, disp int, mask *tail) { body(cols, disp, mask) })
	s.DECQ(count)
	s.JNZ(LabelRef("row"))
}

func copyRows(s *isa) {
	s.begin("copyRows", "is pointwise.CopyRows.", "dst *float32, dp int, x *float32, xp, n, rows int")
	s.rows([][2]string{{"dst", "dp"}, {"x", "xp"}}, func() {}, func(cols []GPVirtual, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: cols[1], Disp: disp}, u, mask)
		s.store(u, Mem{Base: cols[0], Disp: disp}, mask, s.reg())
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

func normAct(s *isa) {
	s.begin("normAct", "is pointwise.NormActRows, or NormActPlanes with step 1.",
		"dst *float32, dp int, z *float32, zp, n, rows int, a, b, slope *float32, step int")
	f, next := s.each("a", "b", "slope")
	a, b, slope, zero := f[0], f[1], f[2], s.zeros(1)[0]
	s.rows([][2]string{{"dst", "dp"}, {"z", "zp"}}, next, func(cols []GPVirtual, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: cols[1], Disp: disp}, u, mask)
		s.VFMADD213PS(b, a, u)
		s.prelu(u, slope, zero)
		s.store(u, Mem{Base: cols[0], Disp: disp}, mask, s.reg())
	})
	s.end()
}

// actSums loads z = 0 and d = 0 beyond the end of a row. There u is b, not 0, so what is
// not multiplied by e = 0 is masked. e is masked too, because an infinite slope would
// make it NaN.
func actSums(s *isa) {
	s.begin("actSums", "is pointwise.ActSums for n floats; the four sums go to out.",
		"d, z *float32, n int, a, b, slope, mean float32, out *float32")
	d, z := s.arg("d"), s.arg("z")
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
		s.VMOVAPS(b, u)
		s.VFMADD231PS(v, a, u)
		s.VSUBPS(mean, v, v)
		if s.wide {
			k := s.K()
			s.VCMPPS(Imm(notAbove), zero, u, k)
			if mask != nil {
				s.KANDW(mask.k, k, k)
			}
			s.VFMADD231PS(e, u, k, sums[2][i])
			s.VMULPS(slope, e, k, e)
			s.VMULPS(slope, u, k, u)
		} else {
			m, t := s.reg(), s.reg()
			s.VCMPPS(Imm(notAbove), zero, u, m)
			s.keep(m, mask)
			s.VMULPS(e, u, t)
			s.VANDPS(m, t, t)
			s.VADDPS(t, sums[2][i], sums[2][i])
			s.VMULPS(slope, e, t)
			s.VBLENDVPS(m, t, e, e)
			s.VMULPS(slope, u, t)
			s.VBLENDVPS(m, t, u, u)
		}
		s.keep(v, mask)
		s.keep(u, mask)
		s.VADDPS(e, sums[0][i], sums[0][i])
		s.VFMADD231PS(e, v, sums[1][i])
		s.VADDPS(u, sums[3][i], sums[3][i])
	})
	out := s.arg("out")
	for i, acc := range sums {
		s.total(acc, Mem{Base: out, Disp: 4 * i})
	}
	s.end()
}

func actNormGrad(s *isa) {
	s.begin("actNormGrad", "is pointwise.ActNormGrad, or ActNormGradPlanes with step 1; grad is its g.",
		"dst *float32, dp int, grad *float32, gp int, z *float32, zp, n, rows int, a, b, slope, p, q, r, mean *float32, step int")
	f, next := s.each("a", "b", "slope", "p", "q", "r", "mean")
	a, b, slope, p, q, r, mean := f[0], f[1], f[2], f[3], f[4], f[5], f[6]
	zero := s.zeros(1)[0]
	u, v, e := s.reg(), s.reg(), s.reg()
	s.rows([][2]string{{"dst", "dp"}, {"grad", "gp"}, {"z", "zp"}}, next, func(cols []GPVirtual, disp int, mask *tail) {
		s.load(Mem{Base: cols[2], Disp: disp}, v, mask)
		s.load(Mem{Base: cols[1], Disp: disp}, e, mask)
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
		s.store(v, Mem{Base: cols[0], Disp: disp}, mask, e)
	})
	s.end()
}

func add(s *isa) {
	s.begin("add", "is pointwise.Add for n floats.", "dst, x *float32, n int")
	dst, x := s.arg("dst"), s.arg("x")
	s.walk([]GPVirtual{dst, x}, func(i, disp int, mask *tail) {
		u, v := s.reg(), s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
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

// prefetch is pointwise.Prefetch.
func prefetch(s *isa) {
	s.open(&function{base: "prefetchLines", params: "x *float32, lines int", keyless: true,
		doc: "loads so many lines from x on into the second-level cache."})
	x, n := s.arg("x"), s.arg("lines")
	s.Label("line")
	s.PREFETCHT1(Mem{Base: x})
	s.ADDQ(Imm(64), x)
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
