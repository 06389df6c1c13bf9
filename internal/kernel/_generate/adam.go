package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Places of the factors of adam, as pointwise.Adam lays them out.
const (
	adamRate = iota
	adamBeta1
	adamRest1 // 1 - beta1
	adamBeta2
	adamRest2
	adamRoot2
	adamEps
	adamL2
	adamLeast // what is below becomes 0
	adamAbs   // all bits but the sign
)

// adam does not call flush: its operands are taken as they are, as plain Go takes them.
func adam(s *isa) {
	s.open(&function{base: "adam", params: "w, grad, m, v *float32, n int, factors *float64", level: s.name,
		doc: "is pointwise.Adam for n values, grad is its g; n is a multiple of half the lanes."})
	w, g, m, v, n, fs := s.arg("w"), s.arg("grad"), s.arg("m"), s.arg("v"), s.arg("n"), s.arg("factors")
	factor := func(i int) VecVirtual {
		r := s.reg()
		s.VBROADCASTSD(Mem{Base: fs, Disp: 8 * i}, r)
		return r
	}
	// times returns factor i times x.
	times := func(i int, x VecVirtual) VecVirtual {
		r := factor(i)
		s.VMULPD(x, r, r)
		return r
	}
	// put stores x in float32 and leaves in x what it has stored.
	put := func(x VecVirtual, to GPVirtual) {
		size := factor(adamAbs)
		s.VANDPD(x, size, size)
		if s.wide {
			k := s.K()
			s.VCMPPD(Imm(notLess), factor(adamLeast), size, k)
			s.VMOVAPD_Z(x, k, x)
		} else {
			s.VCMPPD(Imm(notLess), factor(adamLeast), size, size)
			s.VANDPD(size, x, x)
		}
		h := s.half()
		s.narrowDoubles(x, h)
		s.VMOVUPS(h, Mem{Base: to})
		s.VCVTPS2PD(h, x)
	}

	s.Label("loop")
	wv, e := s.doubles(Mem{Base: w}), s.doubles(Mem{Base: g})
	s.VADDPD(times(adamL2, wv), e, e)
	mv := times(adamBeta1, s.doubles(Mem{Base: m}))
	s.VADDPD(times(adamRest1, e), mv, mv)
	put(mv, m)
	vv, square := times(adamBeta2, s.doubles(Mem{Base: v})), times(adamRest2, e)
	s.VMULPD(e, square, square)
	s.VADDPD(square, vv, vv)
	put(vv, v)
	s.VSQRTPD(vv, vv)
	s.VDIVPD(factor(adamRoot2), vv, vv)
	s.VADDPD(factor(adamEps), vv, vv)
	step := times(adamRate, mv)
	s.VDIVPD(vv, step, step)
	s.VSUBPD(step, wv, wv)
	put(wv, w)
	for _, p := range []GPVirtual{w, g, m, v} {
		s.ADDQ(U32(uint32(s.bytes()/2)), p)
	}
	s.SUBQ(U32(uint32(s.lanes/2)), n)
	s.JNZ(LabelRef("loop"))
	s.VZEROUPPER()
	s.RET()
}

// notLess is a predicate of VCMPPD: the one is not below the other, or is NaN.
const notLess = 5

// narrowDoubles rounds x to float32, in half a register.
func (s *isa) narrowDoubles(x, half VecVirtual) {
	if s.wide {
		s.VCVTPD2PS(x, half)
	} else {
		s.VCVTPD2PSY(x, half)
	}
}
