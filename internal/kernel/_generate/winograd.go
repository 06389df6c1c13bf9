package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// F(4, 3) with the points 0, a, -a, b, -b and infinity: see package winograd.
const (
	winogradRows   = 4
	winogradPoints = 6
)

// winogradNumbers are the factors of the transforms, in the order of the constants below:
// a, b, their squares and cubes, the sum and the product of the squares.
var winogradNumbers = []float32{5. / 8, 3. / 2, 25. / 64, 9. / 4, 125. / 512, 27. / 8, 169. / 64, 225. / 256}

const (
	wgA = iota
	wgB
	wgAA
	wgBB
	wgAAA
	wgBBB
	wgSum
	wgProduct
)

func (s *isa) winogradTable() Mem {
	return s.table("winograd", func(put func(Constant)) {
		for _, v := range winogradNumbers {
			put(F32(v))
		}
	})
}

// winogradNumber broadcasts one of them.
func (s *isa) winogradNumber(i int) VecVirtual {
	r := s.reg()
	s.VBROADCASTSS(s.winogradTable().Offset(4*i), r)
	return r
}

// winogradIn is winograd.In for one tile.
func winogradIn(s *isa) {
	s.begin("winogradIn", "is winograd.In for one tile; row j of plane p is at x<j> + p*s<j>.",
		"dst *float32, ds, dk int, x0, x1, x2, x3, x4, x5 *float32, s0, s1, s2, s3, s4, s5, n, planes int")
	a, b, aa, bb := s.winogradNumber(wgA), s.winogradNumber(wgB), s.winogradNumber(wgAA), s.winogradNumber(wgBB)
	sum, product := s.winogradNumber(wgSum), s.winogradNumber(wgProduct)
	s.winogradPlanes(winogradPoints, func(r []VecVirtual, put func(v VecVirtual, k int)) {
		// outer: product*x0 - sum*x2 + x4.
		outer := func(x0, x2, x4 VecVirtual, k int) {
			v := s.reg()
			s.VMOVAPS(x4, v)
			s.VFNMADD231PS(x2, sum, v)
			s.VFMADD231PS(x0, product, v)
			put(v, k)
		}
		// pair: x4 - square*x2 plus and minus point*(x3 - square*x1).
		pair := func(square, point VecVirtual, k int) {
			p, q := s.reg(), s.reg()
			s.VMOVAPS(r[4], p)
			s.VFNMADD231PS(r[2], square, p)
			s.VMOVAPS(r[3], q)
			s.VFNMADD231PS(r[1], square, q)
			s.evenOdd(p, q, point, k, put)
		}
		outer(r[0], r[2], r[4], 0)
		outer(r[1], r[3], r[5], 5)
		pair(bb, a, 1)
		pair(aa, b, 3)
	})
	s.end()
}

// evenOdd puts even + point*odd at point k and even - point*odd at point k+1. It destroys
// even.
func (s *isa) evenOdd(even, odd, point VecVirtual, k int, put func(v VecVirtual, k int)) {
	v := s.reg()
	s.VMOVAPS(even, v)
	s.VFMADD231PS(odd, point, v)
	put(v, k)
	s.VFNMADD231PS(odd, point, even)
	put(even, k+1)
}

// winogradPlanes walks the columns of all planes. body gets a vector of each of the rows,
// and a function that stores the vector of a point. Meanwhile the next plane is prefetched
// into the second-level cache: a large map is not there yet, and its rows are too short
// for the processor's own prefetcher.
func (s *isa) winogradPlanes(rows int, body func(r []VecVirtual, put func(v VecVirtual, k int))) {
	x := make([]GPVirtual, rows)
	for j := range x {
		x[j] = s.arg(fmt.Sprintf("x%d", j))
	}
	dst, dk, d, at, left := s.arg("dst"), s.bytesArg("dk"), s.GP64(), s.GP64(), s.GP64()
	block := func(count GPVirtual) {
		mask := s.mask(count)
		r := s.regs(rows)
		for j, v := range r {
			s.load(Mem{Base: x[j], Index: at, Scale: 1}, v, mask)
		}
		if mask == nil { // the first two of six rows the tile above had
			for j := rows - winogradRows; j < rows; j++ {
				next := s.bytesArg(fmt.Sprintf("s%d", j))
				s.ADDQ(x[j], next)
				s.PREFETCHT1(Mem{Base: next, Index: at, Scale: 1})
			}
		}
		scratch, q := s.reg(), s.GP64()
		s.LEAQ(Mem{Base: d, Index: dk, Scale: 2}, q)
		s.ADDQ(dk, q)
		body(r, func(v VecVirtual, k int) {
			p := d
			if k >= 3 {
				p, k = q, k-3
			}
			m := Mem{Base: p}
			if k > 0 {
				m = Mem{Base: p, Index: dk, Scale: uint8(k)}
			}
			s.store(v, m, mask, scratch)
		})
	}
	s.Label("plane")
	s.Load(s.param("n"), left)
	s.MOVQ(dst, d)
	s.XORQ(at, at)
	s.vectors(left, "next", block, move{d, s.bytes()}, move{at, s.bytes()})
	for j := range x {
		size := s.bytesArg(fmt.Sprintf("s%d", j))
		s.ADDQ(size, x[j])
	}
	size := s.bytesArg("ds")
	s.ADDQ(size, dst)
	s.DECQ(s.inMemory("planes"))
	s.JNZ(LabelRef("plane"))
}

// winogradGradIn is winograd.GradIn for one tile.
func winogradGradIn(s *isa) {
	s.begin("winogradGradIn", "is winograd.GradIn for one tile; row j of plane p is at x<j> + p*s<j>.",
		"dst *float32, ds, dk int, x0, x1, x2, x3 *float32, s0, s1, s2, s3, n, planes int")
	a, b, aa, bb := s.winogradNumber(wgA), s.winogradNumber(wgB), s.winogradNumber(wgAA), s.winogradNumber(wgBB)
	s.winogradPlanes(winogradRows, func(r []VecVirtual, put func(v VecVirtual, k int)) {
		// pair: x0 + square*x2 plus and minus point*(x1 + square*x3).
		pair := func(square, point VecVirtual, k int) {
			p, q := s.reg(), s.reg()
			s.VMOVAPS(r[0], p)
			s.VFMADD231PS(r[2], square, p)
			s.VMOVAPS(r[1], q)
			s.VFMADD231PS(r[3], square, q)
			s.evenOdd(p, q, point, k, put)
		}
		put(r[0], 0)
		put(r[3], 5)
		pair(aa, a, 1)
		pair(bb, b, 3)
	})
	s.end()
}
