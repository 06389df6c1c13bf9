package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sigmoidTable are the constants of sigmoid.
func (s *isa) sigmoidTable() Mem {
	return s.table("sigmoid", func(put func(Constant)) {
		for _, v := range []float64{math.Copysign(0, -1), -700, 700, math.Log2E, 0.69314718055966295651160180568695068359375,
			0.28235290563031577122588448175013436025525412068e-12, 0.0625, 2.4801587301587301587e-5, 1.9841269841269841270e-4,
			1.3888888888888888889e-3, 8.3333333333333333333e-3, 4.1666666666666666667e-2, 1.6666666666666666667e-1, 0.5, 1, 2} {
			put(U64(math.Float64bits(v)))
		}
		put(U64(0x3ff))
	})
}

// sigmoid computes 1/(1+exp(-x)) in float64, with the steps of math.Exp on amd64 with
// FMA (exp_amd64.s in Go 1.26, The Go Authors, BSD licence; after N. Shibata, Efficient
// evaluation methods of elementary functions suitable for SIMD computation, 2010), lane
// by lane: the results are those of plain Go to the bit. Beyond 700 from zero the
// sigmoid is 0 or 1 in float32, so x is cut to that, and no exponent overflows; NaN
// comes through. Denormal results are kept.
func sigmoid(s *isa) {
	s.open(&function{base: "sigmoid", params: "dst, x *float32, n int", level: s.name,
		doc: "is pointwise.Sigmoids for n values; n is a multiple of half the lanes."})
	table := s.sigmoidTable()
	const sign, least, most, log2e, ln2High, ln2Low, share, terms, one, two, bias = 0, 1, 2, 3, 4, 5, 6, 7, 14, 15, 16
	constant := func(i int) VecVirtual {
		r := s.reg()
		s.VBROADCASTSD(table.Offset(8*i), r)
		return r
	}
	dst, x, n := s.arg("dst"), s.arg("x"), s.arg("n")
	s.Label("loop")
	e, k, p := s.doubles(Mem{Base: x}), s.reg(), s.reg()
	s.VXORPD(constant(sign), e, e)
	s.VMAXPD(e, constant(least), e)
	s.VMINPD(e, constant(most), e)
	// e = k*ln(2) + 16*r, and exp(e) = 2^k * exp(r)^16.
	s.VMULPD(constant(log2e), e, p)
	half, power := k.AsX(), s.reg()
	if s.wide {
		half = k.AsY()
		s.VCVTPD2DQ(p, half)
	} else {
		s.VCVTPD2DQY(p, half)
	}
	s.VPMOVSXDQ(half, power)
	s.VCVTDQ2PD(half, k)
	s.VFNMADD231PD(constant(ln2High), k, e)
	s.VFNMADD231PD(constant(ln2Low), k, e)
	s.VMULPD(constant(share), e, e)
	s.VMOVAPD(constant(terms), p)
	for i := terms + 1; i <= one; i++ {
		s.VFMADD213PD(constant(i), e, p)
	}
	s.VMULPD(p, e, e) // exp(r) - 1, which (y+1)^2 - 1 = y*(y+2) squares
	for range 3 {
		s.VADDPD(constant(two), e, p)
		s.VMULPD(p, e, e)
	}
	s.VADDPD(constant(two), e, p)
	s.VFMADD213PD(constant(one), p, e)
	s.VPADDQ(constant(bias), power, power)
	s.VPSLLQ(Imm(52), power, power)
	s.VMULPD(power, e, e)
	s.VADDPD(constant(one), e, e)
	s.VDIVPD(e, constant(one), e)
	if s.wide {
		s.VCVTPD2PS(e, e.AsY())
		s.VMOVUPS(e.AsY(), Mem{Base: dst})
	} else {
		s.VCVTPD2PSY(e, e.AsX())
		s.VMOVUPS(e.AsX(), Mem{Base: dst})
	}
	s.ADDQ(U32(uint32(s.bytes()/2)), x)
	s.ADDQ(U32(uint32(s.bytes()/2)), dst)
	s.SUBQ(U32(uint32(s.lanes/2)), n)
	s.JNZ(LabelRef("loop"))
	s.VZEROUPPER()
	s.RET()
}
