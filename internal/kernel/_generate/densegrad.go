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
	acc    [][]VecVirtual // [tap][output]
}

// denseGrad is kernel.DenseGrad for oc outputs and groups times taps taps:
// accumulators [taps][oc] over rows and columns, one horizontal sum at the end
// of each group.
func denseGrad(s *isa, oc, taps int) {
	s.begin(fmt.Sprintf("denseGrad%dx%d", oc, taps), fmt.Sprintf("is DenseGrad for %d outputs and groups of %d taps.", oc, taps),
		"dw *float32, ws int, x *float32, xp int, off *int32, grad *float32, gs, gp, n, rows, slack, groups int")
	k := &gradArgs{isa: s, oc: oc, gs: bytesArg("gs")}
	Label("group")
	k.g0, k.g3 = arg("grad"), GP64()
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
	ADDQ(Imm(uint64(4*taps)), off)
	Store(off, Param("off"))
	k.rows(arg("rows"))
	k.finish()
	left := arg("groups")
	DECQ(left)
	Store(left, Param("groups"))
	JNZ(LabelRef("group"))
	s.end()
}

// rows walks the rows; the last slack ones are those from whose ends a whole
// vector could reach beyond the planes.
func (k *gradArgs) rows(rows GPVirtual) {
	left, rem, dx, dg := GP64(), GP64(), GP64(), GP64()
	whole := GP64() // columns in whole vectors
	Load(Param("n"), rem)
	MOVQ(rem, whole)
	ANDQ(U32(uint32(k.lanes-1)), rem)
	SUBQ(rem, whole)
	Load(Param("xp"), dx)
	SUBQ(whole, dx)
	Load(Param("gp"), dg)
	SUBQ(whole, dg)
	mask := k.tail(rem)

	Label("row")
	Load(Param("n"), left)
	SUBQ(U32(uint32(k.lanes)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	k.step(nil)
	k.each(func(p GPVirtual) { ADDQ(U32(uint32(k.bytes())), p) })
	SUBQ(U32(uint32(k.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	TESTQ(rem, rem)
	JZ(LabelRef("rowend"))
	if k.wide {
		slack := GP64()
		Load(Param("slack"), slack)
		CMPQ(rows, slack)
		JLE(LabelRef("strict"))
		k.step(mask.loosely())
		JMP(LabelRef("rowend"))
		Label("strict")
	}
	k.step(mask)
	Label("rowend")
	for _, p := range k.x {
		LEAQ(Mem{Base: p, Index: dx, Scale: 4}, p)
	}
	LEAQ(Mem{Base: k.g0, Index: dg, Scale: 4}, k.g0)
	LEAQ(Mem{Base: k.g3, Index: dg, Scale: 4}, k.g3)
	DECQ(rows)
	JNZ(LabelRef("row"))
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
			k.addProduct(x, r, k.acc[t][o], mask)
		}
	}
}

// finish adds the accumulators' sums to dw and moves it to the next group.
// Four sums are made at a time: of one tap where it has so many left, then of
// what is left over, output by output.
func (k *gradArgs) finish() {
	dw, ws := arg("dw"), bytesArg("ws")
	var rest []VecVirtual
	var at []Mem
	for t := range k.acc {
		o := 0
		for ; o+4 <= k.oc; o += 4 {
			r, m := k.reduce4([4]VecVirtual(k.acc[t][o:])), Mem{Base: dw, Disp: 4 * o}
			VADDPS(m, r, r)
			VMOVUPS(r, m)
		}
		p := GP64()
		MOVQ(dw, p)
		for ; o < k.oc; o++ {
			rest, at = append(rest, k.acc[t][o]), append(at, Mem{Base: p, Disp: 4 * o})
		}
		ADDQ(ws, dw)
	}
	Store(dw, Param("dw"))
	for len(rest) > 0 {
		n := min(4, len(rest))
		four := [4]VecVirtual{rest[0], rest[0], rest[0], rest[0]}
		copy(four[:], rest[:n])
		r := k.reduce4(four)
		for i := range n {
			if i > 0 {
				VPERMILPS(Imm(0x39), r, r)
			}
			v := XMM()
			VADDSS(at[i], r, v)
			VMOVSS(v, at[i])
		}
		rest, at = rest[n:], at[n:]
	}
}
