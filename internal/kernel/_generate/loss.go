package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Numbers of the table of float64 constants. After them come the coefficients
// of exp, 1/k! for k from expTerms-1 down, then those of the series of
// atanh(s)/s in s^2, 1/(2k+1) for k from logTerms-1 down.
const (
	cSign = iota // the sign bit
	cLeast
	cLog2E
	cMagic // 1.5*2^52: adding it rounds to an integer, in the low bits
	cLn2Hi
	cLn2Lo
	cOne
	cTwo
	cZero
	cExp

	// With |r| <= ln(2)/2 the terms left out of exp are below 7e-15, with
	// s <= 1/3 those left out of the logarithm below 2e-14.
	expTerms = 12
	logTerms = 13
	cLog     = cExp + expTerms
)

func (s *isa) lossTable() Mem {
	ln2Hi := math.Float64frombits(math.Float64bits(math.Ln2) &^ 0xffffffff)
	c := []float64{math.Copysign(0, -1), -700, math.Log2E, 0x1.8p52, ln2Hi, math.Ln2 - ln2Hi + 2.3190468138462996e-17, 1, 2, 0}
	for k := expTerms - 1; k >= 0; k-- {
		f := 1.0
		for i := 2; i <= k; i++ {
			f *= float64(i)
		}
		c = append(c, 1/f)
	}
	for k := logTerms - 1; k >= 0; k-- {
		c = append(c, 1/float64(2*k+1))
	}
	return s.table("loss", func(put func(Constant)) {
		for _, v := range c {
			put(U64(math.Float64bits(v)))
		}
	})
}

func (s *isa) lossConstant(i int) VecVirtual {
	r := s.reg()
	s.VBROADCASTSD(s.lossTable().Offset(8*i), r)
	return r
}

// doubles loads half a register's lanes of float32 as float64.
func (s *isa) doubles(m Mem) VecVirtual {
	r := s.reg()
	s.VCVTPS2PD(m, r)
	return r
}

// horner returns c[at]*v^(terms-1) + ... + c[at+terms-1].
func (s *isa) horner(v VecVirtual, at, terms int) VecVirtual {
	p := s.lossConstant(at)
	for i := 1; i < terms; i++ {
		s.VFMADD213PD(s.lossConstant(at+i), v, p)
	}
	return p
}

// expNegAbs returns exp(-|x|) in float64: 2^n * exp(r), r = -|x| - n*ln(2).
// Below -700 it stays at exp(-700); NaN comes through.
func (s *isa) expNegAbs(x VecVirtual) VecVirtual {
	r, m, n := s.reg(), s.reg(), s.reg()
	s.VORPD(s.lossConstant(cSign), x, r)
	s.VMAXPD(r, s.lossConstant(cLeast), r)
	magic := s.lossConstant(cMagic)
	s.VMOVAPD(magic, m)
	s.VFMADD231PD(s.lossConstant(cLog2E), r, m)
	s.VSUBPD(magic, m, n)
	s.VFNMADD231PD(s.lossConstant(cLn2Hi), n, r)
	s.VFNMADD231PD(s.lossConstant(cLn2Lo), n, r)
	p := s.horner(r, cExp, expTerms)
	s.VPSLLQ(Imm(52), m, m)
	s.VPADDQ(s.lossConstant(cOne), m, m)
	s.VMULPD(m, p, p)
	return p
}

// bce sums max(x, 0) - x*y + log(1+e), e = exp(-|x|), and log(1+e) =
// 2*atanh(e/(2+e)), which loses no digits of a small e.
func bce(s *isa) {
	s.begin("bce", "stores the loss of n pairs in out; n is a multiple of half the lanes.", "x, y *float32, n int, out *float64")
	x, y, n, sum := s.arg("x"), s.arg("y"), s.arg("n"), s.zeros(1)[0]
	s.Label("loop")
	xv, yv := s.doubles(Mem{Base: x}), s.doubles(Mem{Base: y})
	e := s.expNegAbs(xv)
	t, q := s.reg(), s.reg()
	s.VADDPD(s.lossConstant(cTwo), e, t)
	s.VDIVPD(t, e, e)
	s.VMULPD(e, e, q)
	p := s.horner(q, cLog, logTerms)
	s.VADDPD(e, e, e)
	s.VMAXPD(xv, s.lossConstant(cZero), t)
	s.VFNMADD231PD(yv, xv, t)
	s.VFMADD231PD(e, p, t)
	s.VADDPD(t, sum, sum)
	s.ADDQ(U32(uint32(s.bytes()/2)), x)
	s.ADDQ(U32(uint32(s.bytes()/2)), y)
	s.SUBQ(U32(uint32(s.lanes/2)), n)
	s.JNZ(LabelRef("loop"))

	low, high := sum.AsX(), s.XMM()
	if s.wide {
		h := s.YMM()
		s.VEXTRACTF64X4(Imm(1), sum, h)
		s.VADDPD(h, sum.AsY(), sum.AsY())
		s.VEXTRACTF64X2(Imm(1), sum.AsY(), high)
	} else {
		s.VEXTRACTF128(Imm(1), sum, high)
	}
	s.VADDPD(high, low, low)
	s.VPERMILPD(Imm(1), low, high)
	s.VADDSD(high, low, low)
	s.VMOVSD(low, Mem{Base: s.arg("out")})
	s.end()
}

// bceGrad: sigmoid(x) is 1/(1+e), or e/(1+e) below 0.
func bceGrad(s *isa) {
	s.begin("bceGrad", "is pointwise.BCEGrad for n pairs; n is a multiple of half the lanes.", "dx, x, y *float32, n int, scale float64")
	dx, x, y, n := s.arg("dx"), s.arg("x"), s.arg("y"), s.arg("n")
	scale := s.reg()
	a, err := s.param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	s.VBROADCASTSD(a.Addr, scale)
	s.Label("loop")
	xv, yv := s.doubles(Mem{Base: x}), s.doubles(Mem{Base: y})
	e := s.expNegAbs(xv)
	t, one := s.reg(), s.lossConstant(cOne)
	s.VADDPD(one, e, t)
	if s.wide {
		k := s.K()
		s.VCMPPD(Imm(0x1d), s.lossConstant(cZero), xv, k) // x >= 0
		s.VMOVAPD(one, k, e)
	} else {
		s.VBLENDVPD(xv, e, one, e) // by x's sign; exp(-0) is 1 on either side
	}
	s.VDIVPD(t, e, e)
	s.VSUBPD(yv, e, e)
	s.VMULPD(scale, e, e)
	h := s.half()
	s.narrowDoubles(e, h)
	s.VADDPS(Mem{Base: dx}, h, h)
	s.VMOVUPS(h, Mem{Base: dx})
	for _, p := range []GPVirtual{dx, x, y} {
		s.ADDQ(U32(uint32(s.bytes()/2)), p)
	}
	s.SUBQ(U32(uint32(s.lanes/2)), n)
	s.JNZ(LabelRef("loop"))
	s.end()
}
