package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gemmTile is the state of a kernel for tiles of a product of matrices.
type gemmTile struct {
	*isa
	labels
	rows         int
	a, b, bs, ks GPVirtual // factors, the distance of b's rows in bytes, how many there are
	ahead        GPVirtual // bytes from a value of b to the one that is prefetched
	acc          [][]VecVirtual
}

// gemm is gemm.Mul for blocks of rows outputs, one after the other, over the columns of so
// many vectors. The accumulators are [rows][vectors]; a row of b is loaded once for all
// outputs of a block. While the first block goes by, what lies ahead of b is prefetched.
func gemm(s *isa, rows, vectors int) {
	s.begin("gemm", fmt.Sprintf("is gemm.Mul for blocks of %d outputs over up to %d vectors of columns.", rows, vectors),
		"dst *float32, ds int, a *float32, b *float32, bs, k, n, acc, ahead, blocks int, more, shift *float32, relu int",
		number("outputs", rows), key{param: "vectors", value: fmt.Sprint(vectors), suffix: fmt.Sprintf("x%d", vectors)})
	t := &gemmTile{isa: s, rows: rows, a: s.arg("a"), b: s.GP64(), bs: s.bytesArg("bs"), ks: s.GP64(), ahead: s.bytesArg("ahead")}
	for range rows {
		t.acc = append(t.acc, s.regs(vectors))
	}
	left := s.arg("n")
	s.SUBQ(U32(uint32((vectors-1)*s.lanes)), left)
	s.CMPQ(left, U32(uint32(s.lanes)))
	s.JLT(LabelRef("cut"))
	t.tiles(vectors, nil)
	s.end()
	s.Label("cut")
	t.tiles(vectors, s.tail(left))
	s.end()
}

// tiles makes the blocks; mask holds for the last vector.
func (t *gemmTile) tiles(vectors int, mask *tail) {
	block := t.next("block")
	t.Label(block)
	t.prefetchTile(t.rows, vectors, t.arg("dst"), t.bytesArg("ds"))
	for _, rs := range t.acc {
		for _, r := range rs {
			t.zero(r)
		}
	}
	t.Load(t.param("b"), t.b)
	t.Load(t.param("k"), t.ks)
	t.tile(vectors, mask)
	t.XORQ(t.ahead, t.ahead)
	t.DECQ(t.inMemory("blocks"))
	t.JNZ(LabelRef(block))
}

// tile sums and stores, and leaves dst and a at the next tile.
func (t *gemmTile) tile(vectors int, mask *tail) {
	at := func(i int) *tail {
		if i == vectors-1 {
			return mask
		}
		return nil
	}
	factor, x := t.reg(), t.regs(vectors)
	sum := t.next("sum")
	t.Label(sum)
	for i, r := range x {
		t.load(Mem{Base: t.b, Disp: i * t.bytes()}, r, at(i))
	}
	for line := 0; line < vectors*t.bytes(); line += 64 {
		t.PREFETCHT1(Mem{Base: t.b, Index: t.ahead, Scale: 1, Disp: line})
	}
	t.PREFETCHT0(Mem{Base: t.a, Disp: gemmAhead})
	for o := range t.acc {
		t.VBROADCASTSS(Mem{Base: t.a, Disp: 4 * o}, factor)
		for i, r := range t.acc[o] {
			t.VFMADD231PS(x[i], factor, r)
		}
	}
	t.ADDQ(Imm(uint64(4*t.rows)), t.a)
	t.ADDQ(t.bs, t.b)
	t.DECQ(t.ks)
	t.JNZ(LabelRef(sum))
	dst, ds := t.arg("dst"), t.bytesArg("ds")
	t.addTile(t.arg("acc"), dst, ds, x, at)
	more := t.arg("more")
	t.addTile(more, more, ds, x, at)
	t.MOVQ(more, t.inMemory("more"))
	t.finish(factor)
	for o := range t.acc {
		for i, r := range t.acc[o] {
			t.store(r, Mem{Base: dst, Disp: i * t.bytes()}, at(i), factor)
		}
		t.ADDQ(ds, dst)
	}
	t.MOVQ(dst, t.inMemory("dst"))
}

// addTile adds the tile at from, whose rows lie ds apart, unless wanted is 0. If from is wanted
// itself it moves on by the tile.
func (t *gemmTile) addTile(wanted, from, ds GPVirtual, x []VecVirtual, at func(i int) *tail) {
	none, p := t.next("none"), from
	t.TESTQ(wanted, wanted)
	t.JZ(LabelRef(none))
	if wanted != from {
		p = t.GP64()
		t.MOVQ(from, p)
	}
	for o := range t.acc {
		for i, r := range t.acc[o] {
			t.load(Mem{Base: p, Disp: i * t.bytes()}, x[i], at(i))
			t.VADDPS(x[i], r, r)
		}
		t.ADDQ(ds, p)
	}
	t.Label(none)
}

// finish adds what shift has for each output and makes what is below 0 zero, where that is
// wanted.
func (t *gemmTile) finish(factor VecVirtual) {
	unshifted, linear, shift, relu := t.next("unshifted"), t.next("linear"), t.arg("shift"), t.arg("relu")
	t.TESTQ(shift, shift)
	t.JZ(LabelRef(unshifted))
	for o := range t.acc {
		t.VBROADCASTSS(Mem{Base: shift, Disp: 4 * o}, factor)
		for _, r := range t.acc[o] {
			t.VADDPS(factor, r, r)
		}
	}
	t.ADDQ(Imm(uint64(4*t.rows)), t.inMemory("shift"))
	t.Label(unshifted)
	t.TESTQ(relu, relu)
	t.JZ(LabelRef(linear))
	t.zero(factor)
	for o := range t.acc {
		for _, r := range t.acc[o] {
			t.VMAXPS(r, factor, r) // r, if it is NaN
		}
	}
	t.Label(linear)
}

// gemmAhead is how many bytes ahead of the factors at hand others are prefetched: those of the
// next tile, which lie behind them, if sums are of 128.
const gemmAhead = 4096

// prefetchTile prefetches the tile that the sums are to be added to.
func (s *isa) prefetchTile(rows, vectors int, dst, ds GPVirtual) {
	for o := range rows {
		for line := 0; line < vectors*s.bytes(); line += 64 {
			s.PREFETCHT0(Mem{Base: dst, Disp: line})
		}
		if o < rows-1 {
			s.ADDQ(ds, dst)
		}
	}
}

// gemms are the tiles of all sizes.
func gemms(s *isa) {
	for rows := 1; rows <= s.gemmRows; rows++ {
		for vectors := 1; vectors <= s.gemmVectors; vectors++ {
			gemm(s, rows, vectors)
		}
	}
}
