package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// winograd2dKernel is the state of a transform of one tile: see package winograd2d. A
// vector of channels goes through both passes before the next one; between the passes its
// values lie in scratch.
type winograd2dKernel struct {
	*isa
	numbers []VecVirtual // a, b and what else the transform multiplies by
	scratch GPVirtual
}

// spaced addresses places step bytes apart, the first six of them.
type spaced struct{ step, step3, step5 GPVirtual }

func (s *isa) spaced(step GPVirtual) spaced {
	r := spaced{step: step, step3: s.GP64(), step5: s.GP64()}
	s.LEAQ(Mem{Base: step, Index: step, Scale: 2}, r.step3)
	s.LEAQ(Mem{Base: step, Index: step, Scale: 4}, r.step5)
	return r
}

func (d spaced) at(p GPVirtual, i int) Mem {
	switch i {
	case 0:
		return Mem{Base: p}
	case 3:
		return Mem{Base: p, Index: d.step3, Scale: 1}
	case 5:
		return Mem{Base: p, Index: d.step5, Scale: 1}
	}
	return Mem{Base: p, Index: d.step, Scale: uint8(i)}
}

// pass transforms lines of six vectors: from gives the place of value i of the line at
// hand, to that of what becomes of it.
func (k *winograd2dKernel) pass(from, to func(i int) Mem, transform func(r []VecVirtual, put func(v VecVirtual, i int))) {
	r := k.regs(winogradPoints)
	for i, v := range r {
		k.VMOVUPS(from(i), v)
	}
	transform(r, func(v VecVirtual, i int) { k.VMOVUPS(v, to(i)) })
}

// at is vector j of line i in scratch.
func (k *winograd2dKernel) at(i, j int) Mem {
	return Mem{Base: k.scratch, Disp: (i*winogradPoints + j) * k.bytes()}
}

// winograd2dIn is winograd2d.In.
func winograd2dIn(s *isa) {
	s.begin("winograd2dIn", "is winograd2d.In.", "dst *float32, point int, src *float32, row, column, n int, scratch *float32")
	k := &winograd2dKernel{isa: s, scratch: s.arg("scratch")}
	for _, i := range []int{wgA, wgB, wgAA, wgBB, wgSum, wgProduct} {
		k.numbers = append(k.numbers, s.winogradNumber(i))
	}
	dst, src, column, left := s.arg("dst"), s.arg("src"), s.bytesArg("column"), s.arg("n")
	rows, points := s.spaced(s.bytesArg("row")), s.spaced(s.bytesArg("point"))
	s.Label("channels")
	p := s.GP64()
	s.MOVQ(src, p)
	for j := range winogradPoints {
		k.pass(func(i int) Mem { return rows.at(p, i) }, func(i int) Mem { return k.at(i, j) }, k.in)
		s.ADDQ(column, p)
	}
	s.MOVQ(dst, p)
	for i := range winogradPoints {
		k.pass(func(j int) Mem { return k.at(i, j) }, func(j int) Mem { return points.at(p, j) }, k.in)
		s.LEAQ(Mem{Base: p, Index: points.step3, Scale: 2}, p)
	}
	s.ADDQ(Imm(uint64(s.bytes())), src)
	s.ADDQ(Imm(uint64(s.bytes())), dst)
	s.SUBQ(Imm(uint64(s.lanes)), left)
	s.JG(LabelRef("channels"))
	s.end()
}

// in evaluates six values at the points.
func (k *winograd2dKernel) in(r []VecVirtual, put func(v VecVirtual, i int)) {
	a, b, aa, bb, sum, product := k.numbers[0], k.numbers[1], k.numbers[2], k.numbers[3], k.numbers[4], k.numbers[5]
	// outer: product*x0 - sum*x2 + x4.
	outer := func(x0, x2, x4 VecVirtual, i int) {
		v := k.reg()
		k.VMOVAPS(x4, v)
		k.VFNMADD231PS(x2, sum, v)
		k.VFMADD231PS(x0, product, v)
		put(v, i)
	}
	// pair: x4 - square*x2 plus and minus point*(x3 - square*x1).
	pair := func(square, point VecVirtual, i int) {
		p, q := k.reg(), k.reg()
		k.VMOVAPS(r[4], p)
		k.VFNMADD231PS(r[2], square, p)
		k.VMOVAPS(r[3], q)
		k.VFNMADD231PS(r[1], square, q)
		k.evenOdd(p, q, point, i, put)
	}
	outer(r[0], r[2], r[4], 0)
	outer(r[1], r[3], r[5], 5)
	pair(bb, a, 1)
	pair(aa, b, 3)
}

// winograd2dOut is winograd2d.Out.
func winograd2dOut(s *isa) {
	s.begin("winograd2dOut", "is winograd2d.Out.", "dst *float32, row, column int, src *float32, point, n int, scratch *float32")
	k := &winograd2dKernel{isa: s, scratch: s.arg("scratch")}
	for _, i := range []int{wgA, wgB, wgAA, wgBB, wgAAA, wgBBB} {
		k.numbers = append(k.numbers, s.winogradNumber(i))
	}
	dst, src, left, row := s.arg("dst"), s.arg("src"), s.arg("n"), s.bytesArg("row")
	point := s.bytesArg("point")
	line := s.GP64()
	s.LEAQ(Mem{Base: point, Index: point, Scale: 2}, line)
	s.SHLQ(Imm(1), line)
	lines, columns := s.spaced(line), s.spaced(s.bytesArg("column"))
	s.Label("channels")
	p := s.GP64()
	s.MOVQ(src, p)
	for j := range winogradPoints {
		k.pass(func(i int) Mem { return lines.at(p, i) }, func(i int) Mem { return k.at(i, j) }, k.out)
		s.ADDQ(point, p)
	}
	s.MOVQ(dst, p)
	for i := range winogradRows {
		k.pass(func(j int) Mem { return k.at(i, j) }, func(j int) Mem { return columns.at(p, j) }, k.out)
		s.ADDQ(row, p)
	}
	s.ADDQ(Imm(uint64(s.bytes())), src)
	s.ADDQ(Imm(uint64(s.bytes())), dst)
	s.SUBQ(Imm(uint64(s.lanes)), left)
	s.JG(LabelRef("channels"))
	s.end()
}

// out interpolates four values of six products.
func (k *winograd2dKernel) out(r []VecVirtual, put func(v VecVirtual, i int)) {
	even, odd := k.regs(2), k.regs(2)
	for i := range even {
		k.VADDPS(r[2*i+2], r[2*i+1], even[i])
		k.VSUBPS(r[2*i+2], r[2*i+1], odd[i])
	}
	y := k.reg()
	k.VADDPS(even[0], r[0], y)
	k.VADDPS(even[1], y, y)
	put(y, 0)
	for i, n := range [][]VecVirtual{odd, even, odd} {
		y := k.reg()
		k.VMULPS(n[0], k.numbers[2*i], y)
		k.VFMADD231PS(n[1], k.numbers[2*i+1], y)
		if i == 2 {
			k.VADDPS(r[5], y, y)
		}
		put(y, i+1)
	}
}

// transpose is winograd2d.Transpose for eight rows of at least eight columns: eight by eight
// at a time, the last ones together with some that are done. Both instruction sets do it in
// registers of eight lanes.
func transpose(s *isa) {
	s.begin("transpose", "is winograd2d.Transpose for eight rows of n columns, at least eight.", "dst *float32, ds int, src *float32, ss, n int")
	dst, src, left := s.arg("dst"), s.arg("src"), s.arg("n")
	from, to := s.spaced(s.bytesArg("ss")), s.spaced(s.bytesArg("ds"))
	s.Label("block")
	p := s.GP64()
	s.LEAQ(Mem{Base: src, Index: from.step, Scale: 4}, p)
	d := s.GP64()
	s.MOVQ(dst, d)
	for half := range 2 {
		var t, u [4]VecVirtual
		for i := range t {
			t[i] = s.YMM()
			low, high := from.at(src, i), from.at(p, i)
			low.Disp, high.Disp = 16*half, 16*half
			s.VMOVUPS(low, t[i].AsX())
			s.VINSERTF128(Imm(1), high, t[i], t[i])
		}
		for i := range 2 {
			u[2*i], u[2*i+1] = s.YMM(), s.YMM()
			s.VUNPCKLPS(t[2*i+1], t[2*i], u[2*i])
			s.VUNPCKHPS(t[2*i+1], t[2*i], u[2*i+1])
		}
		for i := range 4 {
			y := s.YMM()
			s.VSHUFPS(Imm([2]uint64{0x44, 0xee}[i%2]), u[2+i/2], u[i/2], y)
			s.VMOVUPS(y, to.at(d, i))
		}
		if half == 0 {
			s.LEAQ(Mem{Base: d, Index: to.step, Scale: 4}, d)
		}
	}
	s.SUBQ(Imm(8), left)
	s.JZ(LabelRef("end"))
	step := s.GP64() // columns to the next block
	s.MOVQ(U32(8), step)
	s.CMPQ(left, step)
	s.CMOVQLT(left, step)
	s.LEAQ(Mem{Base: src, Index: step, Scale: 4}, src)
	s.CMPQ(left, Imm(8))
	s.JGE(LabelRef("next"))
	s.MOVQ(U32(8), left)
	s.Label("next")
	s.IMULQ(to.step, step)
	s.ADDQ(step, dst)
	s.JMP(LabelRef("block"))
	s.Label("end")
	s.end()
}
