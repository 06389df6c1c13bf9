package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// upFactors are the factors of bilinear upsampling that have kernels.
var upFactors = []int{2, 4, 8}

// weightTable holds, for each factor f, how 16 neighbouring outputs are made: the numbers
// of their left sources, of their right sources, the left weights and the right weights.
// The first output is number first(f), counted from the centre of a source on.
func (s *isa) weightTable(name string, first func(f int) int) Mem {
	return s.table(name, func(put func(Constant)) {
		for _, f := range upFactors {
			for side := range 2 {
				for i := range 16 {
					put(U32(uint32((i+first(f))/f + side)))
				}
			}
			for side := range 2 {
				for i := range 16 {
					t := (float32((i+first(f))%f) + 0.5) / float32(f)
					put(F32([2]float32{1 - t, t}[side]))
				}
			}
		}
	})
}

// weights is a part of a weight table (0 to 3, in the order above) for factor number i.
func weights(table Mem, i, part int) Mem { return table.Offset(256*i + 64*part) }

// upTable is the weight table of outputs from the centre of the first source on.
func (s *isa) upTable() Mem {
	return s.weightTable("upsampling", func(int) int { return 0 })
}

// upRow makes the f*(n-1) outputs between the centres of the first and the last source of
// a row. The row that is upsampled is wa*a + wb*b; each vector of outputs needs lanes/f+1
// of its floats.
func upRow(s *isa, index int) {
	f := upFactors[index]
	s.begin("upRow",
		fmt.Sprintf("upsamples the row wa*a + wb*b of n floats by %d, but for the first and last %d outputs; acc adds.", f, f/2),
		"dst, a, b *float32, n int, wa, wb float32, acc int", number("factor", f))
	dst, a, b, left, acc := s.arg("dst"), s.arg("a"), s.arg("b"), s.arg("n"), s.arg("acc")
	wa, wb := s.broadcast("wa"), s.broadcast("wb")
	var part [4]VecVirtual
	for i := range part {
		part[i] = s.reg()
		s.VMOVUPS(weights(s.upTable(), index, i), part[i])
	}
	fixed := s.GP64()
	s.MOVQ(U32(uint32(s.lanes/f+1)), fixed)
	whole := s.tail(fixed)
	body := func(in, out *tail, add string) {
		x, y := s.reg(), s.reg()
		s.load(Mem{Base: a}, x, in)
		s.load(Mem{Base: b}, y, in)
		s.VMULPS(wa, x, x)
		s.VFMADD231PS(wb, y, x)
		s.VPERMPS(x, part[0], y)
		s.VPERMPS(x, part[1], x)
		s.VMULPS(part[2], y, y)
		s.VFMADD231PS(part[3], x, y)
		s.TESTQ(acc, acc)
		s.JZ(LabelRef(add))
		s.load(Mem{Base: dst}, x, out)
		s.VADDPS(x, y, y)
		s.Label(add)
		s.store(y, Mem{Base: dst}, out, x)
	}
	s.ADDQ(U32(uint32(2*f)), dst)
	s.DECQ(left)
	s.SUBQ(U32(uint32(s.lanes/f)), left)
	s.JLT(LabelRef("tail"))
	s.Label("columns")
	body(whole, nil, "store")
	s.ADDQ(U32(uint32(s.bytes())), dst)
	s.ADDQ(U32(uint32(s.bytes()/f)), a)
	s.ADDQ(U32(uint32(s.bytes()/f)), b)
	s.SUBQ(U32(uint32(s.lanes/f)), left)
	s.JGE(LabelRef("columns"))
	s.Label("tail")
	s.ADDQ(U32(uint32(s.lanes/f)), left)
	s.JLE(LabelRef("done"))
	sources := s.GP64()
	s.LEAQ(Mem{Base: left, Disp: 1}, sources)
	s.IMUL3Q(Imm(uint64(f)), left, left)
	body(s.tail(sources), s.tail(left), "storeTail")
	s.Label("done")
	s.end()
}

// upGrad makes one row of sources of resample.UpsampleGradRows, in every plane. First it
// sums rows of the gradient, times their weights, into tmp; f/2 floats on either side of
// tmp mirror those within. Then each source gets f of these sums times their right
// weights and the next f times their left ones. All planes are summed before the second
// step begins: otherwise loads would wait for the stores just before them.
func upGrad(s *isa, index int) {
	f := upFactors[index]
	s.begin("upGrad",
		fmt.Sprintf("adds to a row of n sources in each plane what k rows of %d*n outputs give it by their weights w; tmp has %d*(n+3) floats a plane.", f, f),
		"dst *float32, ds int, grad *float32, gs, gp int, w *float32, k, n, planes int, tmp *float32", number("factor", f))
	leftWeights, rightWeights := s.reg(), s.reg()
	s.VMOVUPS(weights(s.upTable(), index, 2), leftWeights)
	s.VMOVUPS(weights(s.upTable(), index, 3), rightWeights)
	h := s.shuffles(evenLanes, oddLanes)
	grad, gp, tmp, size := s.arg("grad"), s.bytesArg("gp"), s.arg("tmp"), s.arg("n")
	p, t, left, planes := s.GP64(), s.GP64(), s.GP64(), s.arg("planes")
	s.LEAQ(Mem{Base: size, Disp: 3}, size)
	s.IMUL3Q(U32(uint32(4*f)), size, size)

	s.Label("sums")
	s.MOVQ(grad, p)
	s.LEAQ(Mem{Base: tmp, Disp: 6 * f}, t)
	s.Load(s.param("n"), left)
	s.IMUL3Q(Imm(uint64(f)), left, left)
	s.downRows(p, t, left, gp)
	// t is behind the last float now.
	v := s.XMM()
	for i := range f / 2 {
		s.VMOVSS(Mem{Base: tmp, Disp: 6*f + 4*i}, v)
		s.VMOVSS(v, Mem{Base: tmp, Disp: 6*f - 4 - 4*i})
		s.VMOVSS(Mem{Base: t, Disp: -4 - 4*i}, v)
		s.VMOVSS(v, Mem{Base: t, Disp: 4 * i})
	}
	step := s.bytesArg("gs")
	s.ADDQ(step, grad)
	s.ADDQ(size, tmp)
	s.DECQ(planes)
	s.JNZ(LabelRef("sums"))

	dst := s.arg("dst")
	s.Load(s.param("tmp"), tmp)
	s.Load(s.param("planes"), planes)
	s.Label("plane")
	s.MOVQ(dst, p)
	s.LEAQ(Mem{Base: tmp, Disp: 4 * f}, t)
	s.Load(s.param("n"), left)
	s.addDowns(h, f, p, t, left, leftWeights, rightWeights)
	step = s.bytesArg("ds")
	s.ADDQ(step, dst)
	s.ADDQ(size, tmp)
	s.DECQ(planes)
	s.JNZ(LabelRef("plane"))
	s.end()
}

// addDowns adds to left sources, from p on, what their outputs give them. The outputs'
// sums over rows begin at t.
func (s *isa) addDowns(h shuffles, f int, p, t, left GPVirtual, leftWeights, rightWeights VecVirtual) {
	body := func(count GPVirtual) {
		out, in := s.masks(f, count)
		r := h.fold(f, 0, func(j int) VecVirtual {
			x, y, mask := s.reg(), s.reg(), in(j)
			s.load(Mem{Base: t, Disp: j * s.bytes()}, x, mask)
			s.load(Mem{Base: t, Disp: j*s.bytes() + 4*f}, y, mask)
			s.VMULPS(rightWeights, x, x)
			s.VFMADD231PS(leftWeights, y, x)
			return x
		}, func(a, b VecVirtual) { s.VADDPS(a, b, b) })
		u := s.reg()
		s.load(Mem{Base: p}, u, out)
		s.VADDPS(u, r, r)
		s.store(r, Mem{Base: p}, out, u)
	}
	s.vectors(left, "next", body, move{p, s.bytes()}, move{t, f * s.bytes()})
}

// downRows writes to t the weighted sum of k rows of left floats, which begin at p and lie
// gp bytes apart; their weights are the argument w. It moves t to the end.
func (s *isa) downRows(p, t, left, gp GPVirtual) {
	block := func(name string, v int, mask *tail) {
		acc, weight := s.zeros(v), s.reg()
		q, w, k := s.GP64(), s.GP64(), s.GP64()
		s.MOVQ(p, q)
		s.Load(s.param("w"), w)
		s.Load(s.param("k"), k)
		s.Label(name)
		s.VBROADCASTSS(Mem{Base: w}, weight)
		for i, r := range acc {
			x := s.reg()
			s.load(Mem{Base: q, Disp: i * s.bytes()}, x, mask)
			s.VFMADD231PS(x, weight, r)
		}
		s.ADDQ(gp, q)
		s.ADDQ(Imm(4), w)
		s.DECQ(k)
		s.JNZ(LabelRef(name))
		for i, r := range acc {
			s.store(r, Mem{Base: t, Disp: i * s.bytes()}, mask, weight)
		}
	}
	for _, v := range []int{unroll, 1} {
		at := func(name string) string { return fmt.Sprintf("%s%d", name, v) }
		s.Label(at("down"))
		s.CMPQ(left, U32(uint32(v*s.lanes)))
		s.JLT(LabelRef(at("downless")))
		block(at("downrow"), v, nil)
		s.ADDQ(U32(uint32(v*s.bytes())), p)
		s.ADDQ(U32(uint32(v*s.bytes())), t)
		s.SUBQ(U32(uint32(v*s.lanes)), left)
		s.JMP(LabelRef(at("down")))
		s.Label(at("downless"))
	}
	s.TESTQ(left, left)
	s.JZ(LabelRef("downed"))
	block("downtail", 1, s.tail(left))
	s.LEAQ(Mem{Base: t, Index: left, Scale: 4}, t)
	s.Label("downed")
}
