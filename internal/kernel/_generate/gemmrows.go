package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gemmRows is gemm.MulRows for blocks of so many rows, one after the other, over whole vectors
// of columns, which lie one after the other in b. The accumulators are [rows][vectors]; a row of
// b is loaded once for all of them. Meanwhile places from next on, step floats apart, are
// prefetched.
func gemmRows(s *isa, rows, vectors int) {
	s.begin("gemmRows", fmt.Sprintf("is gemm.MulRows for blocks of %d rows over %d vectors of columns.", rows, vectors),
		"dst *float32, ds int, a *float32, as int, b *float32, k, acc int, next *float32, step, blocks int",
		number("rows", rows), key{param: "vectors", value: fmt.Sprint(vectors), suffix: fmt.Sprintf("x%d", vectors)})
	acc := make([][]VecVirtual, rows)
	for i := range acc {
		acc[i] = s.regs(vectors)
	}
	next, step, as := s.arg("next"), s.bytesArg("step"), s.spaced(s.bytesArg("as"))
	last := s.GP64() // seven rows on
	s.LEAQ(Mem{Base: as.step3, Index: as.step, Scale: 4}, last)
	s.Label("block")
	s.prefetchTile(rows, vectors, s.arg("dst"), s.bytesArg("ds"))
	for i := range acc {
		for _, r := range acc[i] {
			s.zero(r)
		}
	}
	a, b, left := s.arg("a"), s.arg("b"), s.arg("k")
	factor, x := s.reg(), s.regs(vectors)
	s.Label("sum")
	for i, r := range x {
		s.VMOVUPS(Mem{Base: b, Disp: i * s.bytes()}, r)
	}
	s.PREFETCHT1(Mem{Base: next})
	s.ADDQ(step, next)
	for i := range acc {
		s.VBROADCASTSS(as.rowAt(a, last, i), factor)
		for j, r := range acc[i] {
			s.VFMADD231PS(x[j], factor, r)
		}
	}
	s.ADDQ(Imm(4), a)
	s.ADDQ(U32(uint32(vectors*s.bytes())), b)
	s.DECQ(left)
	s.JNZ(LabelRef("sum"))
	s.storeRows(acc)
	p := s.GP64()
	s.IMUL3Q(Imm(uint64(rows)), as.step, p)
	s.ADDQ(p, s.inMemory("a"))
	s.DECQ(s.inMemory("blocks"))
	s.JNZ(LabelRef("block"))
	s.end()
}

// rowAt is place i of eight that lie apart as d says; last is seven of its steps.
func (d spaced) rowAt(p, last GPVirtual, i int) Mem {
	switch i {
	case 6:
		return Mem{Base: p, Index: d.step3, Scale: 2}
	case 7:
		return Mem{Base: p, Index: last, Scale: 1}
	}
	return d.at(p, i)
}

// storeRows writes the sums to dst, or adds them if acc, and moves dst on by the block.
func (s *isa) storeRows(acc [][]VecVirtual) {
	dst, ds, add := s.arg("dst"), s.bytesArg("ds"), s.arg("acc")
	s.TESTQ(add, add)
	s.JZ(LabelRef("store"))
	p := s.GP64()
	s.MOVQ(dst, p)
	for i := range acc {
		for j, r := range acc[i] {
			s.VADDPS(Mem{Base: p, Disp: j * s.bytes()}, r, r)
		}
		s.ADDQ(ds, p)
	}
	s.Label("store")
	for i := range acc {
		for j, r := range acc[i] {
			s.VMOVUPS(r, Mem{Base: dst, Disp: j * s.bytes()})
		}
		s.ADDQ(ds, dst)
	}
	s.MOVQ(dst, s.inMemory("dst"))
}

// gemmRowTiles are the tiles of all sizes.
func gemmRowTiles(s *isa) {
	for rows := 1; rows <= s.gemmRows; rows++ {
		for vectors := 1; vectors <= s.gemmVectors; vectors++ {
			gemmRows(s, rows, vectors)
		}
	}
}
