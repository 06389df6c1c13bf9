package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gradTaps is the largest number of taps of a dense gradient block.
const gradTaps = 4

// gradArgs is the state of a dense gradient kernel.
type gradArgs struct {
	*isa
	oc     int
	x      []GPVirtual // one pointer a tap
	g0, g3 GPVirtual   // outputs 0 and 3 of the gradient
	gs     GPVirtual
	acc    [][]VecVirtual
}

// denseGrad is kernel.DenseGrad for oc outputs and up to gradTaps taps:
// accumulators [taps][oc] over rows and columns, one horizontal sum at the end.
func denseGrad(s *isa, oc, taps int) {
	s.begin(fmt.Sprintf("denseGrad%dx%d", oc, taps), fmt.Sprintf("is DenseGrad for %d outputs and %d taps.", oc, taps),
		"dw *float32, ws int, x *float32, xp int, off *int32, grad *float32, gs, gp, n, rows int")
	k := &gradArgs{isa: s, oc: oc, g0: arg("grad"), gs: bytesArg("gs"), g3: GP64()}
	LEAQ(Mem{Base: k.g0, Index: k.gs, Scale: 2}, k.g3)
	ADDQ(k.gs, k.g3)
	base, off := arg("x"), arg("off")
	for t := range taps {
		p := GP64()
		MOVLQSX(Mem{Base: off, Disp: 4 * t}, p)
		LEAQ(Mem{Base: base, Index: p, Scale: 4}, p)
		k.x = append(k.x, p)
		k.acc = append(k.acc, s.zeros(oc))
	}
	rows, left := arg("rows"), GP64()

	Label("row")
	Load(Param("n"), left)
	SUBQ(U32(uint32(s.lanes)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	k.step(nil)
	k.each(func(p GPVirtual) { ADDQ(U32(uint32(s.bytes())), p) })
	SUBQ(U32(uint32(s.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JZ(LabelRef("rowend"))
	k.step(s.tail(left))
	Label("rowend")
	k.nextRow(left)
	DECQ(rows)
	JNZ(LabelRef("row"))
	k.finish()
	s.end()
}

func (k *gradArgs) each(f func(GPVirtual)) {
	for _, p := range k.x {
		f(p)
	}
	f(k.g0)
	if k.oc > 3 {
		f(k.g3)
	}
}

// nextRow moves every pointer from column n-left to the next row's start.
func (k *gradArgs) nextRow(left GPVirtual) {
	back, d := GP64(), GP64()
	Load(Param("n"), back)
	SUBQ(left, back)
	Load(Param("xp"), d)
	SUBQ(back, d)
	for _, p := range k.x {
		LEAQ(Mem{Base: p, Index: d, Scale: 4}, p)
	}
	Load(Param("gp"), d)
	SUBQ(back, d)
	LEAQ(Mem{Base: k.g0, Index: d, Scale: 4}, k.g0)
	LEAQ(Mem{Base: k.g3, Index: d, Scale: 4}, k.g3)
}

// step adds one vector of columns.
func (k *gradArgs) step(mask *tail) {
	gv := k.regs(k.oc)
	for o, r := range gv {
		m := Mem{Base: k.g0}
		if o >= 3 {
			m.Base = k.g3
		}
		switch o % 3 {
		case 1:
			m.Index, m.Scale = k.gs, 1
		case 2:
			m.Index, m.Scale = k.gs, 2
		}
		k.load(m, r, mask)
	}
	x := k.reg()
	for t, p := range k.x {
		k.load(Mem{Base: p}, x, mask)
		for o, r := range gv {
			VFMADD231PS(x, r, k.acc[t][o])
		}
	}
}

// finish adds the accumulators' sums to dw.
func (k *gradArgs) finish() {
	dw, ws := arg("dw"), bytesArg("ws")
	for t := range k.acc {
		for o, r := range k.acc[t] {
			v := k.reduce(r)
			m := Mem{Base: dw, Disp: 4 * o}
			VADDSS(m, v, v)
			VMOVSS(v, m)
		}
		if t < len(k.acc)-1 {
			ADDQ(ws, dw)
		}
	}
}
