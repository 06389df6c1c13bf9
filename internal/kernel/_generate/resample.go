package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tailAt masks vector j of a run of n elements: n-j*lanes, from 0 to lanes.
// AVX-512 needs no upper bound up to 255: BZHI keeps all bits.
func (s *isa) tailAt(n GPVirtual, j int) *tail {
	left, zero := s.GP64(), s.GP64()
	s.XORQ(zero, zero)
	s.MOVQ(n, left)
	s.SUBQ(U32(uint32(j*s.lanes)), left)
	s.CMOVQLT(zero, left)
	if !s.wide {
		most := s.GP64()
		s.MOVQ(U32(uint32(s.lanes)), most)
		s.CMPQ(left, most)
		s.CMOVQGT(most, left)
	}
	return s.tail(left)
}

// shuffleTable holds the lane numbers by which VPERMT2PS takes the even and the
// odd lanes of two vectors, and interleaves their lower and upper halves.
func (s *isa) shuffleTable() Mem {
	return s.table("shuffles", func(put func(Constant)) {
		for _, lane := range []func(i int) int{
			func(i int) int { return 2 * i },
			func(i int) int { return 2*i + 1 },
			func(i int) int { return i/2 + i%2*16 },
			func(i int) int { return 8 + i/2 + i%2*16 },
		} {
			for i := range 16 {
				put(U32(uint32(lane(i))))
			}
		}
	})
}

// shuffles takes two vectors apart into even and odd lanes and back.
type shuffles struct {
	*isa
	index [4]VecVirtual // AVX-512
}

const (
	evenLanes = iota
	oddLanes
	lowerHalves
	upperHalves
)

// shuffles loads the lane numbers of the wanted shuffles.
func (s *isa) shuffles(want ...int) shuffles {
	h := shuffles{isa: s}
	if s.wide {
		for _, i := range want {
			h.index[i] = s.reg()
			s.VMOVUPS(s.shuffleTable().Offset(64*i), h.index[i])
		}
	}
	return h
}

// pick returns shuffle i of a and b, which it leaves as they are.
func (h shuffles) pick(i int, a, b VecVirtual) VecVirtual {
	r := h.reg()
	if h.wide {
		h.VMOVAPS(h.index[i], r)
		h.VPERMI2PS(b, a, r)
		return r
	}
	switch i {
	case evenLanes, oddLanes:
		h.VSHUFPS(Imm([2]uint64{0x88, 0xdd}[i]), b, a, r)
		h.VPERMPD(Imm(0xd8), r, r)
	default:
		lo, hi := h.YMM(), h.YMM()
		h.VUNPCKLPS(b, a, lo)
		h.VUNPCKHPS(b, a, hi)
		h.VPERM2F128(Imm([2]uint64{0x20, 0x31}[i-lowerHalves]), hi, lo, r)
	}
	return r
}

// fold makes one vector of f. leaf gives vector j; join combines the even lanes of two
// vectors with the odd ones. A lane of the result is f neighbours joined.
func (h shuffles) fold(f, j int, leaf func(j int) VecVirtual, join func(a, b VecVirtual)) VecVirtual {
	if f == 1 {
		return leaf(j)
	}
	a := h.fold(f/2, j, leaf, join)
	b := h.fold(f/2, j+f/2, leaf, join)
	even, odd := h.pick(evenLanes, a, b), h.pick(oddLanes, a, b)
	join(odd, even)
	return even
}

// constantTable is what constant broadcasts from: 0.25, and the integers to 15.
func (s *isa) constantTable() Mem {
	return s.table("constants", func(put func(Constant)) {
		put(F32(0.25))
		for i := range 16 {
			put(U32(uint32(i)))
		}
	})
}

const (
	quarter = iota
	numbers
)

func (s *isa) constant(i int) VecVirtual {
	r := s.reg()
	s.VBROADCASTSS(s.constantTable().Offset(4*i), r)
	return r
}

// addTo adds v to what lies at m.
func (s *isa) addTo(v VecVirtual, m Mem, mask *tail) {
	u := s.reg()
	s.load(m, u, mask)
	s.VADDPS(u, v, v)
	s.store(v, m, mask, u)
}

// put adds v to memory, or stores it. v is destroyed.
func (s *isa) put(v VecVirtual, m Mem, mask *tail, add bool) {
	if add {
		s.addTo(v, m, mask)
		return
	}
	s.store(v, m, mask, s.reg())
}

// accumulate is the key of kernels that add to a gradient, or store it.
func accumulate(add bool) key {
	if add {
		return flag("acc", true, "")
	}
	return flag("acc", false, "Store")
}

func avgPool2Grad(s *isa, add bool) {
	s.begin("avgPool2Grad", "is resample.AvgPool2Grad for rows of n windows.", "dx, grad *float32, pitch, n, rows int", accumulate(add))
	h, factor := s.shuffles(lowerHalves, upperHalves), s.constant(quarter)
	s.windows(2, "dx", "grad", "n", func(dx, g, pitch, count GPVirtual) {
		some, in := s.masks(2, count)
		v := s.reg()
		s.load(Mem{Base: g}, v, some)
		s.VMULPS(factor, v, v)
		for j := range 2 {
			r, mask := h.pick(lowerHalves+j, v, v), in(j)
			u := s.reg()
			s.VMOVAPS(r, u)
			s.put(u, Mem{Base: dx, Disp: j * s.bytes()}, mask, add)
			s.put(r, Mem{Base: dx, Index: pitch, Scale: 1, Disp: j * s.bytes()}, mask, add)
		}
	})
	s.end()
}

// split takes len(v) neighbouring vectors apart: vector i of the result has
// every len(v)-th lane from lane i on.
func (h shuffles) split(v []VecVirtual) []VecVirtual {
	if len(v) == 1 {
		return v
	}
	var even, odd, all []VecVirtual
	for i := 0; i < len(v); i += 2 {
		even = append(even, h.pick(evenLanes, v[i], v[i+1]))
		odd = append(odd, h.pick(oddLanes, v[i], v[i+1]))
	}
	even, odd = h.split(even), h.split(odd)
	for i := range even {
		all = append(all, even[i], odd[i])
	}
	return all
}

// merge is the inverse of split.
func (h shuffles) merge(v []VecVirtual) []VecVirtual {
	if len(v) == 1 {
		return v
	}
	var even, odd, all []VecVirtual
	for i := 0; i < len(v); i += 2 {
		even, odd = append(even, v[i]), append(odd, v[i+1])
	}
	even, odd = h.merge(even), h.merge(odd)
	for i := range even {
		all = append(all, h.pick(lowerHalves, even[i], odd[i]), h.pick(upperHalves, even[i], odd[i]))
	}
	return all
}

// maxPoolGrad is resample.MaxPoolGrad by f. In each lane it follows the plain loop: it
// notes which of the window's sources is the first maximum, then gives that source the
// gradient.
func maxPoolGrad(s *isa, f int, add bool) {
	s.begin("maxPoolGrad", fmt.Sprintf("is resample.MaxPoolGrad by %d for rows of n windows.", f), "dx, src, grad *float32, pitch, n, rows int",
		number("f", f), accumulate(add))
	h := s.shuffles(evenLanes, oddLanes, lowerHalves, upperHalves)
	delta, to := s.arg("src"), s.arg("dx")
	s.SUBQ(to, delta) // from dx to src
	s.windows(f, "dx", "grad", "n", func(dx, g, pitch, count GPVirtual) {
		some, in := s.masks(f, count)
		p := s.GP64()
		s.MOVQ(dx, p)
		s.ADDQ(delta, p)
		var m VecVirtual
		winner := s.zeros(1)[0]
		for y := range f {
			v := s.regs(f)
			for j := range v {
				s.load(Mem{Base: p, Disp: j * s.bytes()}, v[j], in(j))
			}
			for i, x := range h.split(v) {
				if m == nil {
					m = x
					continue
				}
				s.contend(x, m, winner, y*f+i)
			}
			s.ADDQ(pitch, p)
		}
		gv, q := s.reg(), s.GP64()
		s.load(Mem{Base: g}, gv, some)
		s.MOVQ(dx, q)
		for y := range f {
			v := make([]VecVirtual, f)
			for i := range v {
				v[i] = s.share(gv, winner, y*f+i)
			}
			for j, r := range h.merge(v) {
				s.put(r, Mem{Base: q, Disp: j * s.bytes()}, in(j), add)
			}
			s.ADDQ(pitch, q)
		}
	})
	s.end()
}

// number broadcasts the integer i.
func (s *isa) number(i int) VecVirtual { return s.constant(numbers + i) }

// contend makes x, source i, the maximum m where it is larger or NaN.
func (s *isa) contend(x, m, winner VecVirtual, i int) {
	if s.wide {
		k, nan := s.K(), s.K()
		s.VCMPPS(Imm(0x1e), m, x, k)
		s.VCMPPS(Imm(3), x, x, nan)
		s.KORW(nan, k, k)
		s.VMOVAPS(x, k, m)
		s.VMOVAPS(s.number(i), k, winner)
		return
	}
	k, nan := s.reg(), s.reg()
	s.VCMPPS(Imm(0x1e), m, x, k)
	s.VCMPPS(Imm(3), x, x, nan)
	s.VORPS(nan, k, k)
	s.VBLENDVPS(k, x, m, m)
	s.VBLENDVPS(k, s.number(i), winner, winner)
}

// share is v in the lanes that source i won, 0 in the others.
func (s *isa) share(v, winner VecVirtual, i int) VecVirtual {
	r := s.reg()
	if s.wide {
		k := s.K()
		s.VPCMPEQD(s.number(i), winner, k)
		s.VMOVAPS_Z(v, k, r)
		return r
	}
	s.VPCMPEQD(s.number(i), winner, r)
	s.VANDPS(v, r, r)
	return r
}

func deinterleave(s *isa) {
	s.begin("deinterleave", "puts the even floats of 2n into even, the odd ones into odd.", "even, odd, src *float32, n int")
	h := s.shuffles(evenLanes, oddLanes)
	even, odd, src, left := s.arg("even"), s.arg("odd"), s.arg("src"), s.arg("n")
	body := func(count GPVirtual) {
		out, in := s.masks(2, count)
		a, b := s.reg(), s.reg()
		s.load(Mem{Base: src}, a, in(0))
		s.load(Mem{Base: src, Disp: s.bytes()}, b, in(1))
		t := s.reg()
		s.store(h.pick(evenLanes, a, b), Mem{Base: even}, out, t)
		s.store(h.pick(oddLanes, a, b), Mem{Base: odd}, out, t)
	}
	s.vectors(left, "done", body, move{src, 2 * s.bytes()}, move{even, s.bytes()}, move{odd, s.bytes()})
	s.end()
}

// evens is resample.Evens for n floats, of which src has 2n.
func evens(s *isa) {
	s.begin("evens", "puts the even floats of 2n into dst.", "dst, src *float32, n int")
	h := s.shuffles(evenLanes)
	dst, src, left := s.arg("dst"), s.arg("src"), s.arg("n")
	body := func(count GPVirtual) {
		out, in := s.masks(2, count)
		a, b := s.reg(), s.reg()
		s.load(Mem{Base: src}, a, in(0))
		s.load(Mem{Base: src, Disp: s.bytes()}, b, in(1))
		s.store(h.pick(evenLanes, a, b), Mem{Base: dst}, out, s.reg())
	}
	s.vectors(left, "done", body, move{src, 2 * s.bytes()}, move{dst, s.bytes()})
	s.end()
}

// maximum is resample.Maximum.
func maximum(s *isa) {
	s.begin("maximum", "is resample.Maximum.", "dst, x *float32, n int")
	dst, x, left := s.arg("dst"), s.arg("x"), s.arg("n")
	body := func(count GPVirtual) {
		mask := s.mask(count)
		m, v, r := s.reg(), s.reg(), s.reg()
		s.load(Mem{Base: dst}, m, mask)
		s.load(Mem{Base: x}, v, mask)
		s.VMAXPS(m, v, r) // m, if they are equal or one is NaN
		if s.wide {
			nan := s.K()
			s.VCMPPS(Imm(3), v, v, nan)
			s.VMOVAPS(v, nan, r)
		} else {
			nan := s.reg()
			s.VCMPPS(Imm(3), v, v, nan)
			s.VBLENDVPS(nan, v, r, r)
		}
		s.store(r, Mem{Base: dst}, mask, m)
	}
	s.vectors(left, "done", body, move{x, s.bytes()}, move{dst, s.bytes()})
	s.end()
}
