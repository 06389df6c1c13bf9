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

// upGrad is what one row of sources gets of kernel.UpsampleGradRows: of every
// plane, rows of the gradient are summed by their weights into tmp, f/2 floats on
// either side of which mirror those within; then sums of f of these by their right
// weights and of the f after them by their left ones are added to the sources. All
// planes are summed first: what is read would else wait for what was just written.
func upGrad(s *isa, number int) {
	f := upFactors[number]
	s.begin(fmt.Sprintf("upGrad%d", f),
		fmt.Sprintf("adds to a row of n sources in each plane what k rows of %d*n outputs give it by their weights w; tmp has %d*(n+3) floats a plane.", f, f),
		"dst *float32, ds int, grad *float32, gs, gp int, w *float32, k, n, planes int, tmp *float32")
	near, far := s.reg(), s.reg()
	VMOVUPS(upTable(number, 2), near)
	VMOVUPS(upTable(number, 3), far)
	h := s.shuffles(evenLanes, oddLanes)
	grad, gp, tmp, size := arg("grad"), bytesArg("gp"), arg("tmp"), arg("n")
	p, t, left, planes := GP64(), GP64(), GP64(), arg("planes")
	LEAQ(Mem{Base: size, Disp: 3}, size)
	IMUL3Q(U32(uint32(4*f)), size, size)

	Label("sums")
	MOVQ(grad, p)
	LEAQ(Mem{Base: tmp, Disp: 6 * f}, t)
	Load(Param("n"), left)
	IMUL3Q(Imm(uint64(f)), left, left)
	s.downRows(p, t, left, gp)
	// t is behind the last float now.
	v := XMM()
	for i := range f / 2 {
		VMOVSS(Mem{Base: tmp, Disp: 6*f + 4*i}, v)
		VMOVSS(v, Mem{Base: tmp, Disp: 6*f - 4 - 4*i})
		VMOVSS(Mem{Base: t, Disp: -4 - 4*i}, v)
		VMOVSS(v, Mem{Base: t, Disp: 4 * i})
	}
	step := bytesArg("gs")
	ADDQ(step, grad)
	ADDQ(size, tmp)
	DECQ(planes)
	JNZ(LabelRef("sums"))

	dst := arg("dst")
	Load(Param("tmp"), tmp)
	Load(Param("planes"), planes)
	Label("plane")
	MOVQ(dst, p)
	LEAQ(Mem{Base: tmp, Disp: 4 * f}, t)
	Load(Param("n"), left)
	s.addDowns(h, f, p, t, left, near, far)
	step = bytesArg("ds")
	ADDQ(step, dst)
	ADDQ(size, tmp)
	DECQ(planes)
	JNZ(LabelRef("plane"))
	s.end()
}

// addDowns adds to left sources from p on what their outputs give them, whose sums
// over rows are from t on.
func (s *isa) addDowns(h shuffles, f int, p, t, left GPVirtual, near, far VecVirtual) {
	body := func(count GPVirtual) {
		out, in := s.masks(f, count)
		r := h.fold(f, 0, func(j int) VecVirtual {
			x, y, mask := s.reg(), s.reg(), in(j)
			s.load(Mem{Base: t, Disp: j * s.bytes()}, x, mask)
			s.load(Mem{Base: t, Disp: j*s.bytes() + 4*f}, y, mask)
			VMULPS(far, x, x)
			VFMADD231PS(near, y, x)
			return x
		}, func(a, b VecVirtual) { VADDPS(a, b, b) })
		u := s.reg()
		s.load(Mem{Base: p}, u, out)
		VADDPS(u, r, r)
		s.store(r, Mem{Base: p}, out, u)
	}
	SUBQ(U32(uint32(s.lanes)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	body(nil)
	ADDQ(U32(uint32(s.bytes())), p)
	ADDQ(U32(uint32(f*s.bytes())), t)
	SUBQ(U32(uint32(s.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JZ(LabelRef("next"))
	body(left)
	Label("next")
}

// downRows writes the sum of k rows by the weights w, of left floats, from p on
// and gp bytes apart, to t, which it moves to the end.
func (s *isa) downRows(p, t, left, gp GPVirtual) {
	block := func(name string, v int, mask *tail) {
		acc, weight := s.zeros(v), s.reg()
		q, w, k := GP64(), GP64(), GP64()
		MOVQ(p, q)
		Load(Param("w"), w)
		Load(Param("k"), k)
		Label(name)
		VBROADCASTSS(Mem{Base: w}, weight)
		for i, r := range acc {
			x := s.reg()
			s.load(Mem{Base: q, Disp: i * s.bytes()}, x, mask)
			VFMADD231PS(x, weight, r)
		}
		ADDQ(gp, q)
		ADDQ(Imm(4), w)
		DECQ(k)
		JNZ(LabelRef(name))
		for i, r := range acc {
			s.store(r, Mem{Base: t, Disp: i * s.bytes()}, mask, weight)
		}
	}
	for _, v := range []int{unroll, 1} {
		at := func(name string) string { return fmt.Sprintf("%s%d", name, v) }
		Label(at("down"))
		CMPQ(left, U32(uint32(v*s.lanes)))
		JLT(LabelRef(at("downless")))
		block(at("downrow"), v, nil)
		ADDQ(U32(uint32(v*s.bytes())), p)
		ADDQ(U32(uint32(v*s.bytes())), t)
		SUBQ(U32(uint32(v*s.lanes)), left)
		JMP(LabelRef(at("down")))
		Label(at("downless"))
	}
	TESTQ(left, left)
	JZ(LabelRef("downed"))
	block("downtail", 1, s.tail(left))
	LEAQ(Mem{Base: t, Index: left, Scale: 4}, t)
	Label("downed")
}
