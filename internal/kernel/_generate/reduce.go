package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// reduce4 returns the sums of the lanes of four vectors, one sum in each lane. It leaves
// the vectors as they are.
func (s *isa) reduce4(v [4]VecVirtual) VecVirtual {
	var two [2]VecVirtual
	for i := range two {
		lo, hi := s.reg(), s.reg()
		s.VUNPCKLPS(v[2*i+1], v[2*i], lo)
		s.VUNPCKHPS(v[2*i+1], v[2*i], hi)
		s.VADDPS(hi, lo, lo)
		two[i] = lo
	}
	lo, hi := s.reg(), s.reg()
	s.VUNPCKLPD(two[1], two[0], lo)
	s.VUNPCKHPD(two[1], two[0], hi)
	s.VADDPS(hi, lo, lo)
	return s.halve(lo)
}

// halve adds the four quarters of r (AVX2: both halves) and returns the sum in one XMM
// register. It destroys r.
func (s *isa) halve(r VecVirtual) VecVirtual {
	y := r.AsY()
	if s.wide {
		hi := s.YMM()
		s.VEXTRACTF64X4(Imm(1), r, hi)
		s.VADDPS(hi, y, y)
	}
	x, hi := r.AsX(), s.XMM()
	if s.wide {
		s.VEXTRACTF32X4(Imm(1), y, hi)
	} else {
		s.VEXTRACTF128(Imm(1), y, hi)
	}
	s.VADDPS(hi, x, x)
	return x.(VecVirtual)
}

// reduce returns the sum of the lanes of r. It destroys r.
func (s *isa) reduce(r VecVirtual) VecVirtual {
	x, hi := s.halve(r), s.XMM()
	s.VPERMILPS(Imm(0x4e), x, hi)
	s.VADDPS(hi, x, x)
	s.VPERMILPS(Imm(0xb1), x, hi)
	s.VADDPS(hi, x, x)
	return x
}
