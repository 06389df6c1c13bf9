package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// windows walks rows of n windows of f x f of a plane with the given pitch. The argument
// plane points into the plane, other into the plane of windows, whose rows lie as many
// floats apart as the argument apart says. body gets both pointers (big, small) and the
// pitch, and for a masked block the number of its windows (count), else nil.
func (s *isa) windows(f int, plane, other, apart string, body func(big, small, pitch, count GPVirtual)) {
	br, sr, pitch, rows := s.arg(plane), s.arg(other), s.bytesArg("pitch"), s.arg("rows")
	big, small, left := s.GP64(), s.GP64(), s.GP64()
	s.Label("row")
	s.MOVQ(br, big)
	s.MOVQ(sr, small)
	s.Load(s.param("n"), left)
	s.vectors(left, "rowend", func(count GPVirtual) {
		if count == nil && plane == "src" {
			s.prefetchNext(f, big, pitch)
		}
		body(big, small, pitch, count)
	}, move{big, f * s.bytes()}, move{small, s.bytes()})
	for range f {
		s.ADDQ(pitch, br)
	}
	n := s.arg(apart)
	s.LEAQ(Mem{Base: sr, Index: n, Scale: 4}, sr)
	s.DECQ(rows)
	s.JNZ(LabelRef("row"))
}

// prefetchNext prefetches a vector of windows of the next plane, as winogradPlanes
// does.
func (s *isa) prefetchNext(f int, big, pitch GPVirtual) {
	next := s.bytesArg("ss")
	s.ADDQ(big, next)
	for y := range f {
		for i := 0; i < f*s.bytes(); i += 64 {
			s.PREFETCHT1(Mem{Base: next, Disp: i})
		}
		if y < f-1 {
			s.ADDQ(pitch, next)
		}
	}
}

// masks returns the masks of a block of count windows: that of the windows, and that of
// vector j of the f times as many elements. They are nil if count is.
func (s *isa) masks(f int, count GPVirtual) (out *tail, in func(j int) *tail) {
	if count == nil {
		return nil, func(int) *tail { return nil }
	}
	many := s.GP64()
	s.MOVQ(count, many)
	s.SHLQ(Imm(map[int]uint64{1: 0, 2: 1, 4: 2, 8: 3}[f]), many)
	return s.tail(count), func(j int) *tail { return s.tailAt(many, j) }
}

// larger puts the larger of m and v into m, m if equal, NaN if either is.
func (s *isa) larger(v, m VecVirtual) {
	r := s.reg()
	s.VMAXPS(m, v, r)
	if s.wide {
		k := s.K()
		s.VCMPPS(Imm(3), v, v, k)
		s.VBLENDMPS(v, r, k, m)
		return
	}
	k := s.reg()
	s.VCMPPS(Imm(3), v, v, k)
	s.VBLENDVPS(k, v, r, m)
}

// maxPool is resample.MaxPool: the rows of a window first, then neighbours.
func maxPool(s *isa, f int) {
	s.begin("maxPool", fmt.Sprintf("is resample.MaxPool by %d.", f), poolArgs, number("f", f))
	h := s.shuffles(evenLanes, oddLanes)
	s.Label("plane")
	s.windows(f, "src", "dst", "dp", func(src, dst, pitch, count GPVirtual) {
		out, in := s.masks(f, count)
		r := h.fold(f, 0, func(j int) VecVirtual {
			m, v, p, mask := s.reg(), s.reg(), s.GP64(), in(j)
			s.MOVQ(src, p)
			s.load(Mem{Base: p, Disp: j * s.bytes()}, m, mask)
			for range f - 1 {
				s.ADDQ(pitch, p)
				s.load(Mem{Base: p, Disp: j * s.bytes()}, v, mask)
				s.larger(v, m)
			}
			return m
		}, s.larger)
		s.store(r, Mem{Base: dst}, out, s.reg())
	})
	s.nextPools()
	s.end()
}

const poolArgs = "dst *float32, ds, dp int, src *float32, ss, pitch, n, rows, planes int"

// nextPools goes on to the next plane of a pool while there is one.
func (s *isa) nextPools() {
	for _, name := range [][2]string{{"src", "ss"}, {"dst", "ds"}} {
		size := s.bytesArg(name[1])
		s.ADDQ(size, s.inMemory(name[0]))
	}
	s.DECQ(s.inMemory("planes"))
	s.JNZ(LabelRef("plane"))
}

func avgPool2(s *isa) {
	s.begin("avgPool2", "is resample.AvgPool2Rows.", poolArgs)
	h, factor := s.shuffles(evenLanes, oddLanes), s.constant(quarter)
	s.Label("plane")
	s.windows(2, "src", "dst", "dp", func(src, dst, pitch, count GPVirtual) {
		out, in := s.masks(2, count)
		r := h.fold(2, 0, func(j int) VecVirtual {
			a, b, mask := s.reg(), s.reg(), in(j)
			s.load(Mem{Base: src, Disp: j * s.bytes()}, a, mask)
			s.load(Mem{Base: src, Index: pitch, Scale: 1, Disp: j * s.bytes()}, b, mask)
			s.VADDPS(b, a, a)
			return a
		}, func(a, b VecVirtual) { s.VADDPS(a, b, b) })
		s.VMULPS(factor, r, r)
		s.store(r, Mem{Base: dst}, out, s.reg())
	})
	s.nextPools()
	s.end()
}
