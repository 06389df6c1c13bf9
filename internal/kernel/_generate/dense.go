package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// denseArgs is the state of a dense kernel that lives across blocks.
type denseArgs struct {
	*isa
	labels
	oc                   int
	xr, dr               GPVirtual // row of x, of dst
	xc, dc, left         GPVirtual // column of x, of dst; columns to go
	ds, ws, ends, w0, fl GPVirtual // strides in bytes, end of off, weights, acc
}

// dense is kernel.Dense for oc outputs: rows, then blocks of columns of v
// vectors, then taps; accumulators [oc][v].
func dense(s *isa, oc int) {
	s.begin(fmt.Sprintf("dense%d", oc), fmt.Sprintf("is Dense for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows, acc int")
	k := &denseArgs{isa: s, oc: oc}
	k.dr, k.ds, k.xr = arg("dst"), bytesArg("ds"), arg("x")
	k.ends = arg("off")
	taps := arg("taps")
	LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.w0, k.ws = arg("w"), bytesArg("ws")
	k.xc, k.dc, k.left = GP64(), GP64(), GP64()
	rows := arg("rows")

	Label("row")
	MOVQ(k.xr, k.xc)
	MOVQ(k.dr, k.dc)
	Load(Param("n"), k.left)
	k.columns()
	Label("rowend")
	step := GP64()
	Load(Param("xp"), step)
	LEAQ(Mem{Base: k.xr, Index: step, Scale: 4}, k.xr)
	Load(Param("dp"), step)
	LEAQ(Mem{Base: k.dr, Index: step, Scale: 4}, k.dr)
	DECQ(rows)
	JNZ(LabelRef("row"))
	s.end()
}

// columns walks one row: full blocks of v vectors, a half block where v+1
// vectors are left (two blocks of about half of it beat v and 1), and one
// block whose last vector is masked.
func (k *denseArgs) columns() {
	v := k.denseVectors(k.oc)
	full := v * k.lanes
	Label("columns")
	CMPQ(k.left, U32(uint32(full)))
	JLT(LabelRef("tail"))
	if v >= 3 {
		JEQ(LabelRef("full"))
		CMPQ(k.left, U32(uint32(full+k.lanes)))
		JLE(LabelRef("half"))
	}
	Label("full")
	k.block(v, nil)
	k.advance(v)
	JMP(LabelRef("columns"))
	if v >= 3 {
		Label("half")
		k.block((v+1)/2, nil)
		k.advance((v + 1) / 2)
		JMP(LabelRef("columns"))
	}
	Label("tail")
	TESTQ(k.left, k.left)
	JZ(LabelRef("rowend"))
	for u := v; u >= 1; u-- {
		next := fmt.Sprintf("tail%d", u-1)
		if u > 1 {
			CMPQ(k.left, U32(uint32((u-1)*k.lanes)))
			JLE(LabelRef(next))
			SUBQ(U32(uint32((u-1)*k.lanes)), k.left)
		}
		k.block(u, k.tail(k.left))
		JMP(LabelRef("rowend"))
		if u > 1 {
			Label(next)
		}
	}
}

// advance moves on by v vectors.
func (k *denseArgs) advance(v int) {
	ADDQ(U32(uint32(v*k.bytes())), k.xc)
	ADDQ(U32(uint32(v*k.bytes())), k.dc)
	SUBQ(U32(uint32(v*k.lanes)), k.left)
}

// block computes v vectors of columns; mask holds for the last one.
func (k *denseArgs) block(v int, mask *tail) {
	acc := make([][]VecVirtual, k.oc)
	for o := range acc {
		acc[o] = k.regs(v)
	}
	at := func(i int) *tail {
		if i == v-1 {
			return mask
		}
		return nil
	}
	weight, x := k.reg(), k.regs(v)
	start, taps := k.next("start"), k.next("taps")

	for o := range acc {
		for _, r := range acc[o] {
			k.zero(r)
		}
	}
	fl := GP64()
	Load(Param("acc"), fl)
	TESTQ(fl, fl)
	JZ(LabelRef(start))
	p := GP64()
	MOVQ(k.dc, p)
	for o := range acc {
		for i, r := range acc[o] {
			k.load(Mem{Base: p, Disp: i * k.bytes()}, r, at(i))
		}
		if o < k.oc-1 {
			ADDQ(k.ds, p)
		}
	}
	Label(start)
	t, wp, o4 := GP64(), GP64(), GP64()
	Load(Param("taps"), t)
	NEGQ(t)
	MOVQ(k.w0, wp)
	Label(taps)
	MOVLQSX(Mem{Base: k.ends, Index: t, Scale: 4}, o4)
	for i, r := range x {
		k.load(Mem{Base: k.xc, Index: o4, Scale: 4, Disp: i * k.bytes()}, r, at(i))
	}
	for o := range acc {
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * o}, weight)
		for i, r := range acc[o] {
			VFMADD231PS(x[i], weight, r)
		}
	}
	ADDQ(k.ws, wp)
	INCQ(t)
	JNZ(LabelRef(taps))

	q := GP64()
	MOVQ(k.dc, q)
	for o := range acc {
		for i, r := range acc[o] {
			k.store(r, Mem{Base: q, Disp: i * k.bytes()}, at(i), weight)
		}
		if o < k.oc-1 {
			ADDQ(k.ds, q)
		}
	}
}
