package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gradTaps is the largest number of taps of a dense gradient block.
const gradTaps = 4

// gradKernel is the state of a dense gradient kernel.
type gradKernel struct {
	*isa
	oc     int
	x      []GPVirtual // one pointer a tap
	g0, g3 GPVirtual   // outputs 0 and 3 of the gradient
	gs     GPVirtual
	acc    [][]VecVirtual // [tap][output]
}

// denseGrad is dense.ConvGrad for oc outputs and groups of so many taps. The
// accumulators, [taps][oc], run over all rows and columns; their lanes are summed once,
// at the end of each group.
func denseGrad(s *isa, oc, taps int) {
	s.begin("denseGrad", fmt.Sprintf("is dense.ConvGrad for %d outputs and groups of %d taps.", oc, taps),
		"dw *float32, ws int, x *float32, xp int, off *int32, grad *float32, gs, gp, n, rows, slack, groups int",
		number("outputs", oc), key{param: "taps", value: fmt.Sprint(taps), suffix: fmt.Sprintf("x%d", taps)})
	k := &gradKernel{isa: s, oc: oc, gs: s.bytesArg("gs")}
	s.Label("group")
	k.g0, k.g3 = s.arg("grad"), s.GP64()
	s.LEAQ(Mem{Base: k.g0, Index: k.gs, Scale: 2}, k.g3)
	s.ADDQ(k.gs, k.g3)
	base, off := s.arg("x"), s.arg("off")
	for t := range taps {
		p := s.GP64()
		s.MOVLQSX(Mem{Base: off, Disp: 4 * t}, p)
		s.LEAQ(Mem{Base: base, Index: p, Scale: 4}, p)
		k.x = append(k.x, p)
		k.acc = append(k.acc, s.zeros(oc))
	}
	s.ADDQ(Imm(uint64(4*taps)), off)
	s.Store(off, s.param("off"))
	k.rows(s.arg("rows"))
	k.finish()
	left := s.arg("groups")
	s.DECQ(left)
	s.Store(left, s.param("groups"))
	s.JNZ(LabelRef("group"))
	s.end()
}

// rows walks the rows. In the last slack ones a whole vector at the end of a row could
// reach beyond the planes, so there the last vector is loaded under a mask.
func (k *gradKernel) rows(rows GPVirtual) {
	left, rem, dx, dg := k.GP64(), k.GP64(), k.GP64(), k.GP64()
	whole := k.GP64() // columns in whole vectors
	k.Load(k.param("n"), rem)
	k.MOVQ(rem, whole)
	k.ANDQ(U32(uint32(k.lanes-1)), rem)
	k.SUBQ(rem, whole)
	k.Load(k.param("xp"), dx)
	k.SUBQ(whole, dx)
	k.Load(k.param("gp"), dg)
	k.SUBQ(whole, dg)
	mask := k.tail(rem)

	k.Label("row")
	k.Load(k.param("n"), left)
	k.SUBQ(U32(uint32(k.lanes)), left)
	k.JLT(LabelRef("tail"))
	k.Label("columns")
	k.step(nil)
	k.each(func(p GPVirtual) { k.ADDQ(U32(uint32(k.bytes())), p) })
	k.SUBQ(U32(uint32(k.lanes)), left)
	k.JGE(LabelRef("columns"))
	k.Label("tail")
	k.TESTQ(rem, rem)
	k.JZ(LabelRef("rowend"))
	if k.wide {
		slack := k.GP64()
		k.Load(k.param("slack"), slack)
		k.CMPQ(rows, slack)
		k.JLE(LabelRef("strict"))
		k.step(mask.loosely())
		k.JMP(LabelRef("rowend"))
		k.Label("strict")
	}
	k.step(mask)
	k.Label("rowend")
	for _, p := range k.x {
		k.LEAQ(Mem{Base: p, Index: dx, Scale: 4}, p)
	}
	k.LEAQ(Mem{Base: k.g0, Index: dg, Scale: 4}, k.g0)
	k.LEAQ(Mem{Base: k.g3, Index: dg, Scale: 4}, k.g3)
	k.DECQ(rows)
	k.JNZ(LabelRef("row"))
}

func (k *gradKernel) each(f func(GPVirtual)) {
	for _, p := range k.x {
		f(p)
	}
	f(k.g0)
	if k.oc > 3 {
		f(k.g3)
	}
}

// step adds one vector of columns.
func (k *gradKernel) step(mask *tail) {
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

// finish adds the accumulators' sums to dw and moves dw to the next group. It sums the
// lanes of four accumulators at a time: of one tap as long as this has four left, then
// of what is left of all taps.
func (k *gradKernel) finish() {
	dw, ws := k.arg("dw"), k.bytesArg("ws")
	var rest []VecVirtual
	var at []Mem
	for t := range k.acc {
		o := 0
		for ; o+4 <= k.oc; o += 4 {
			r, m := k.reduce4([4]VecVirtual(k.acc[t][o:])), Mem{Base: dw, Disp: 4 * o}
			k.VADDPS(m, r, r)
			k.VMOVUPS(r, m)
		}
		p := k.GP64()
		k.MOVQ(dw, p)
		for ; o < k.oc; o++ {
			rest, at = append(rest, k.acc[t][o]), append(at, Mem{Base: p, Disp: 4 * o})
		}
		k.ADDQ(ws, dw)
	}
	k.Store(dw, k.param("dw"))
	for len(rest) > 0 {
		n := min(4, len(rest))
		four := [4]VecVirtual{rest[0], rest[0], rest[0], rest[0]}
		copy(four[:], rest[:n])
		r := k.reduce4(four)
		for i := range n {
			if i > 0 {
				k.VPERMILPS(Imm(0x39), r, r)
			}
			v := k.XMM()
			k.VADDSS(at[i], r, v)
			k.VMOVSS(v, at[i])
		}
		rest, at = rest[n:], at[n:]
	}
}
