package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// upFactors are the factors of bilinear upsampling that have kernels.
var upFactors = []int{2, 4, 8}

// upTables holds, per factor f and for 16 neighbouring outputs from f/2 on:
// their left source, their right source, the left weight, the right weight.
func upTables() {
	GLOBL("upsampling", RODATA|NOPTR)
	at := 0
	put := func(v Constant) {
		DATA(at, v)
		at += 4
	}
	for _, f := range upFactors {
		for side := range 2 {
			for i := range 16 {
				put(U32(uint32(i/f + side)))
			}
		}
		for side := range 2 {
			for i := range 16 {
				t := (float32(i%f) + 0.5) / float32(f)
				put(F32([2]float32{1 - t, t}[side]))
			}
		}
	}
}

func upTable(i, part int) Mem {
	return NewDataAddr(Symbol{Name: "upsampling", Static: true}, 256*i+64*part)
}

// upRow makes the f*(n-1) outputs between the first and the last source of a
// row: wa*a + wb*b is the row upsampled, each vector of outputs takes
// lanes/f+1 of its floats.
func upRow(s *isa, number int) {
	f := upFactors[number]
	s.begin(fmt.Sprintf("upRow%d", f),
		fmt.Sprintf("upsamples the row wa*a + wb*b of n floats by %d, but for the first and last %d outputs; acc adds.", f, f/2),
		"dst, a, b *float32, n int, wa, wb float32, acc int")
	dst, a, b, left, acc := arg("dst"), arg("a"), arg("b"), arg("n"), arg("acc")
	wa, wb := s.broadcast("wa"), s.broadcast("wb")
	var part [4]VecVirtual
	for i := range part {
		part[i] = s.reg()
		VMOVUPS(upTable(number, i), part[i])
	}
	fixed := GP64()
	MOVQ(U32(uint32(s.lanes/f+1)), fixed)
	whole := s.tail(fixed)
	body := func(in, out *tail, add string) {
		x, y := s.reg(), s.reg()
		s.load(Mem{Base: a}, x, in)
		s.load(Mem{Base: b}, y, in)
		VMULPS(wa, x, x)
		VFMADD231PS(wb, y, x)
		VPERMPS(x, part[0], y)
		VPERMPS(x, part[1], x)
		VMULPS(part[2], y, y)
		VFMADD231PS(part[3], x, y)
		TESTQ(acc, acc)
		JZ(LabelRef(add))
		s.load(Mem{Base: dst}, x, out)
		VADDPS(x, y, y)
		Label(add)
		s.store(y, Mem{Base: dst}, out, x)
	}
	ADDQ(U32(uint32(2*f)), dst)
	DECQ(left)
	SUBQ(U32(uint32(s.lanes/f)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	body(whole, nil, "store")
	ADDQ(U32(uint32(s.bytes())), dst)
	ADDQ(U32(uint32(s.bytes()/f)), a)
	ADDQ(U32(uint32(s.bytes()/f)), b)
	SUBQ(U32(uint32(s.lanes/f)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes/f)), left)
	JLE(LabelRef("done"))
	sources := GP64()
	LEAQ(Mem{Base: left, Disp: 1}, sources)
	IMUL3Q(Imm(uint64(f)), left, left)
	body(s.tail(sources), s.tail(left), "storeTail")
	Label("done")
	s.end()
}

// upRowGrad is the adjoint of upRow for the sources 1 to n-2, which get no
// gradient from a row's ends: h[x] is the sum of the f outputs left of source
// x by their right weights and of the f right of it by their left weights.
func upRowGrad(s *isa, number int) {
	f := upFactors[number]
	s.begin(fmt.Sprintf("upRowGrad%d", f),
		fmt.Sprintf("adds wa*h to a and wb*h to b, h being the gradient of n sources from %d*n outputs, but for the first and last source.", f),
		"a, b, grad *float32, n int, wa, wb float32")
	a, b, p, left := arg("a"), arg("b"), arg("grad"), arg("n")
	wa, wb := s.broadcast("wa"), s.broadcast("wb")
	near, far := s.reg(), s.reg()
	VMOVUPS(upTable(number, 2), near)
	VMOVUPS(upTable(number, 3), far)
	h := s.shuffles(evenLanes, oddLanes)
	body := func(count GPVirtual) {
		out, in := s.masks(f, count)
		r := h.fold(f, 0, func(j int) VecVirtual {
			x, y, mask := s.reg(), s.reg(), in(j)
			s.load(Mem{Base: p, Disp: j * s.bytes()}, x, mask)
			s.load(Mem{Base: p, Disp: j*s.bytes() + 4*f}, y, mask)
			VMULPS(far, x, x)
			VFMADD231PS(near, y, x)
			return x
		}, func(a, b VecVirtual) { VADDPS(a, b, b) })
		for i, q := range []GPVirtual{a, b} {
			u := s.reg()
			s.load(Mem{Base: q}, u, out)
			VFMADD231PS(r, [2]VecVirtual{wa, wb}[i], u)
			s.store(u, Mem{Base: q}, out, s.reg())
		}
	}
	ADDQ(Imm(4), a)
	ADDQ(Imm(4), b)
	ADDQ(U32(uint32(2*f)), p)
	SUBQ(U32(uint32(s.lanes+2)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	body(nil)
	ADDQ(U32(uint32(f*s.bytes())), p)
	ADDQ(U32(uint32(s.bytes())), a)
	ADDQ(U32(uint32(s.bytes())), b)
	SUBQ(U32(uint32(s.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JLE(LabelRef("done"))
	body(left)
	Label("done")
	s.end()
}
