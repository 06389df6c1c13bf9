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

// squaredDeviation masks the deviation, not x: lanes beyond the end would add
// mean^2.
func squaredDeviation(s *isa) {
	s.begin("squaredDeviation", "stores the sum of (x[i]-mean)^2 of n floats in out.", "x *float32, n int, mean float32, out *float32")
	x, acc, mean, v := arg("x"), s.zeros(unroll), s.broadcast("mean"), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		VSUBPS(mean, v, v)
		s.keep(v, mask)
		VFMADD231PS(v, v, acc[i])
	})
	s.total(acc, Mem{Base: arg("out")})
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

// notAbove is the VCMPPS predicate !(a > b), true for NaN, quiet.
const notAbove = 0x1a

func normAct(s *isa) {
	s.begin("normAct", "is NormAct for n floats.", "dst, z *float32, n int, a, b, slope float32")
	dst, z := arg("dst"), arg("z")
	a, b, slope, zero := s.broadcast("a"), s.broadcast("b"), s.broadcast("slope"), s.zeros(1)[0]
	s.walk([]GPVirtual{dst, z}, func(i, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: z, Disp: disp}, u, mask)
		VFMADD213PS(b, a, u)
		s.prelu(u, slope, zero)
		s.store(u, Mem{Base: dst, Disp: disp}, mask, s.reg())
	})
	s.end()
}

// actGrad: a lane beyond the end has z = 0 and d = 0, so e = 0 and adds
// nothing, unless a factor is infinite: 0 times it is NaN, which is masked.
func actGrad(s *isa) {
	s.begin("actGrad", "is ActGrad for n floats; the three sums go to out.",
		"d, z *float32, n int, a, b, slope, mean float32, out *float32")
	d, z := arg("d"), arg("z")
	a, b, slope, mean := s.broadcast("a"), s.broadcast("b"), s.broadcast("slope"), s.broadcast("mean")
	zero := s.zeros(1)[0]
	sums := [3][]VecVirtual{s.zeros(2), s.zeros(2), s.zeros(2)}
	u, v, e := s.reg(), s.reg(), s.reg()
	s.walk([]GPVirtual{d, z}, func(i, disp int, mask *tail) {
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
			VFMADD231PS(e, u, k, sums[2][i%2])
			VMULPS(slope, e, k, e)
			if mask != nil {
				VFMADD231PS(e, v, mask.k, sums[1][i%2])
			}
		} else {
			m, t := s.reg(), s.reg()
			VCMPPS(Imm(notAbove), zero, u, m)
			s.keep(m, mask)
			VMULPS(e, u, u)
			VANDPS(m, u, u)
			VADDPS(u, sums[2][i%2], sums[2][i%2])
			VMULPS(slope, e, t)
			VBLENDVPS(m, t, e, e)
			s.keep(v, mask)
		}
		VADDPS(e, sums[0][i%2], sums[0][i%2])
		if mask == nil || !s.wide {
			VFMADD231PS(e, v, sums[1][i%2])
		}
		s.store(e, Mem{Base: d, Disp: disp}, mask, v)
	})
	out := arg("out")
	for i, acc := range sums {
		s.total(acc, Mem{Base: out, Disp: 4 * i})
	}
	s.end()
}

func normGrad(s *isa) {
	s.begin("normGrad", "is NormGrad for n floats.", "d, z *float32, n int, p, q, r, mean float32")
	d, z := arg("d"), arg("z")
	p, q, r, mean := s.broadcast("p"), s.broadcast("q"), s.broadcast("r"), s.broadcast("mean")
	s.walk([]GPVirtual{d, z}, func(i, disp int, mask *tail) {
		v, e := s.reg(), s.reg()
		s.load(Mem{Base: z, Disp: disp}, v, mask)
		s.load(Mem{Base: d, Disp: disp}, e, mask)
		VSUBPS(mean, v, v)
		VFMADD213PS(r, q, v)
		VFMADD231PS(e, p, v)
		s.store(v, Mem{Base: d, Disp: disp}, mask, e)
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
