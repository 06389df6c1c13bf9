package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// F(4, 3) with the points 0, a, -a, b, -b and infinity: see kernel.Winograd.
const (
	winogradRows   = 4
	winogradPoints = 6
)

// winogradNumbers are what the transforms multiply by, by their place in the
// table: a, b, their squares and cubes, the sum and the product of the squares.
var winogradNumbers = []float32{5. / 8, 3. / 2, 25. / 64, 9. / 4, 125. / 512, 27. / 8, 169. / 64, 225. / 256}

const (
	wgA = iota
	wgB
	wgAA
	wgBB
	wgAAA
	wgBBB
	wgSum
	wgProduct
)

func winogradTable() {
	GLOBL("winograd", RODATA|NOPTR)
	for i, v := range winogradNumbers {
		DATA(4*i, F32(v))
	}
}

// winogradNumber broadcasts one of them.
func (s *isa) winogradNumber(i int) VecVirtual {
	r := s.reg()
	VBROADCASTSS(NewDataAddr(Symbol{Name: "winograd", Static: true}, 4*i), r)
	return r
}

// winogradIn is kernel.WinogradIn for one tile.
func winogradIn(s *isa) {
	s.begin("winogradIn", "is WinogradIn for one tile; row j of plane p is at x<j> + p*s<j>.",
		"dst *float32, ds, dk int, x0, x1, x2, x3, x4, x5 *float32, s0, s1, s2, s3, s4, s5, n, planes int")
	a, b, aa, bb := s.winogradNumber(wgA), s.winogradNumber(wgB), s.winogradNumber(wgAA), s.winogradNumber(wgBB)
	sum, product := s.winogradNumber(wgSum), s.winogradNumber(wgProduct)
	s.winogradPlanes(winogradPoints, func(r []VecVirtual, put func(v VecVirtual, k int)) {
		// outer: product*x0 - sum*x2 + x4.
		outer := func(x0, x2, x4 VecVirtual, k int) {
			v := s.reg()
			VMOVAPS(x4, v)
			VFNMADD231PS(x2, sum, v)
			VFMADD231PS(x0, product, v)
			put(v, k)
		}
		// pair: x4 - square*x2 plus and minus point*(x3 - square*x1).
		pair := func(square, point VecVirtual, k int) {
			p, q, v := s.reg(), s.reg(), s.reg()
			VMOVAPS(r[4], p)
			VFNMADD231PS(r[2], square, p)
			VMOVAPS(r[3], q)
			VFNMADD231PS(r[1], square, q)
			VMOVAPS(p, v)
			VFMADD231PS(q, point, v)
			put(v, k)
			VFNMADD231PS(q, point, p)
			put(p, k+1)
		}
		outer(r[0], r[2], r[4], 0)
		outer(r[1], r[3], r[5], 5)
		pair(bb, a, 1)
		pair(aa, b, 3)
	})
	s.end()
}

// winogradPlanes walks the columns of all planes; body gets vectors of as many
// rows, and what stores the vector of a point.
func (s *isa) winogradPlanes(rows int, body func(r []VecVirtual, put func(v VecVirtual, k int))) {
	x := make([]GPVirtual, rows)
	for j := range x {
		x[j] = arg(fmt.Sprintf("x%d", j))
	}
	dst, dk, d, at, left := arg("dst"), bytesArg("dk"), GP64(), GP64(), GP64()
	block := func(mask *tail) {
		r := s.regs(rows)
		for j, v := range r {
			s.load(Mem{Base: x[j], Index: at, Scale: 1}, v, mask)
		}
		scratch, q := s.reg(), GP64()
		LEAQ(Mem{Base: d, Index: dk, Scale: 2}, q)
		ADDQ(dk, q)
		body(r, func(v VecVirtual, k int) {
			p := d
			if k >= 3 {
				p, k = q, k-3
			}
			m := Mem{Base: p}
			if k > 0 {
				m = Mem{Base: p, Index: dk, Scale: uint8(k)}
			}
			s.store(v, m, mask, scratch)
		})
	}
	Label("plane")
	Load(Param("n"), left)
	MOVQ(dst, d)
	XORQ(at, at)
	SUBQ(U32(uint32(s.lanes)), left)
	JLT(LabelRef("tail"))
	Label("columns")
	block(nil)
	ADDQ(U32(uint32(s.bytes())), d)
	ADDQ(U32(uint32(s.bytes())), at)
	SUBQ(U32(uint32(s.lanes)), left)
	JGE(LabelRef("columns"))
	Label("tail")
	ADDQ(U32(uint32(s.lanes)), left)
	JZ(LabelRef("next"))
	block(s.tail(left))
	Label("next")
	for j := range x {
		size := bytesArg(fmt.Sprintf("s%d", j))
		ADDQ(size, x[j])
	}
	size := bytesArg("ds")
	ADDQ(size, dst)
	DECQ(inMemory("planes"))
	JNZ(LabelRef("plane"))
}

// winogradGradIn is kernel.WinogradGradIn for one tile.
func winogradGradIn(s *isa) {
	s.begin("winogradGradIn", "is WinogradGradIn for one tile; row j of plane p is at x<j> + p*s<j>.",
		"dst *float32, ds, dk int, x0, x1, x2, x3 *float32, s0, s1, s2, s3, n, planes int")
	a, b, aa, bb := s.winogradNumber(wgA), s.winogradNumber(wgB), s.winogradNumber(wgAA), s.winogradNumber(wgBB)
	s.winogradPlanes(winogradRows, func(r []VecVirtual, put func(v VecVirtual, k int)) {
		// pair: x0 + square*x2 plus and minus point*(x1 + square*x3).
		pair := func(square, point VecVirtual, k int) {
			p, q, v := s.reg(), s.reg(), s.reg()
			VMOVAPS(r[0], p)
			VFMADD231PS(r[2], square, p)
			VMOVAPS(r[1], q)
			VFMADD231PS(r[3], square, q)
			VMOVAPS(p, v)
			VFMADD231PS(q, point, v)
			put(v, k)
			VFNMADD231PS(q, point, p)
			put(p, k+1)
		}
		put(r[0], 0)
		put(r[3], 5)
		pair(aa, a, 1)
		pair(bb, b, 3)
	})
	s.end()
}

// winogradKernel is the state of a winogradAct kernel that lives across blocks.
type winogradKernel struct {
	*isa
	labels
	oc           int
	xc, dc, left GPVirtual // column of v, of dst; columns to go
	ends, ws     GPVirtual // end of off, bytes from tap to tap of w
	bits, z      Mem       // rows of the tile to write; start for the block at hand
}

// winogradAct is kernel.WinogradAct for oc outputs: tiles, then blocks of
// columns of v vectors, then points and taps with accumulators [oc][v], whose
// sums wait in m, [point][output][vector], for the last step.
func winogradAct(s *isa, oc int) {
	s.begin(fmt.Sprintf("winogradAct%d", oc), fmt.Sprintf("is WinogradAct for %d outputs, without start rows if ss is 0.", oc),
		"dst *float32, ds, dp int, v *float32, vk, vt int, off *int32, taps int, w *float32, ws, n, skip, rows int, bias, slope, start *float32, ss, sp int, m *float32")
	k := &winogradKernel{isa: s, oc: oc, bits: AllocLocal(8), z: AllocLocal(8)}
	k.ends = arg("off")
	taps := arg("taps")
	LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.ws = bytesArg("ws")
	k.xc, k.dc, k.left = GP64(), GP64(), GP64()
	for _, name := range [][2]string{{"dst", "dp"}, {"start", "sp"}} { // from row skip to row 0
		step := bytesArg(name[1])
		IMULQ(inMemory("skip"), step)
		SUBQ(step, inMemory(name[0]))
	}

	Label("tile")
	k.rowBits()
	Load(Param("v"), k.xc)
	Load(Param("dst"), k.dc)
	Load(Param("n"), k.left)
	k.columns()
	Label("tileend")
	for _, name := range [][2]string{{"v", "vt"}, {"dst", "dp"}, {"start", "sp"}} {
		step := bytesArg(name[1])
		if name[0] != "v" {
			SHLQ(Imm(2), step) // winogradRows
		}
		ADDQ(step, inMemory(name[0]))
	}
	SUBQ(Imm(winogradRows), inMemory("rows"))
	JG(LabelRef("tile"))
	k.end()
}

// rowBits sets the bits of the rows of the tile to write.
func (k *winogradKernel) rowBits() {
	n, most, bits, above := GP64(), GP64(), GP32(), GP32()
	Load(Param("rows"), n)
	MOVQ(U32(winogradRows), most)
	CMPQ(n, most)
	CMOVQGT(most, n)
	MOVL(I32(-1), bits)
	BZHIL(n.As32(), bits, bits)
	Load(Param("skip"), n)
	BZHIL(n.As32(), bits, above)
	XORL(above, bits)
	MOVL(bits, k.bits)
	XORQ(n, n)
	MOVQ(n, inMemory("skip"))
}

// columns walks one tile: full blocks, a half one where v+1 vectors are left,
// and one whose last vector is cut, for AVX-512 to half a register where that
// holds what is left.
func (k *winogradKernel) columns() {
	v := k.denseVectors(k.oc)
	Label("columns")
	CMPQ(k.left, U32(uint32(v*k.lanes)))
	JLT(LabelRef("tail"))
	if v >= 3 {
		JEQ(LabelRef("full"))
		CMPQ(k.left, U32(uint32((v+1)*k.lanes)))
		JLE(LabelRef("half"))
	}
	Label("full")
	k.block(v, false, nil)
	k.advance(v)
	JMP(LabelRef("columns"))
	if v >= 3 {
		Label("half")
		k.block((v+1)/2, false, nil)
		k.advance((v + 1) / 2)
		JMP(LabelRef("columns"))
	}
	Label("tail")
	TESTQ(k.left, k.left)
	JZ(LabelRef("tileend"))
	for u := v; u >= 1; u-- {
		fewer, wide := fmt.Sprintf("tail%d", u-1), fmt.Sprintf("wide%d", u)
		if u > 1 {
			CMPQ(k.left, U32(uint32((u-1)*k.lanes)))
			JLE(LabelRef(fewer))
			SUBQ(U32(uint32((u-1)*k.lanes)), k.left)
		}
		if k.wide {
			CMPQ(k.left, Imm(uint64(k.lanes/2)))
			JG(LabelRef(wide))
			k.block(u, true, k.tail(k.left))
			JMP(LabelRef("tileend"))
			Label(wide)
		}
		k.block(u, false, k.tail(k.left))
		JMP(LabelRef("tileend"))
		if u > 1 {
			Label(fewer)
		}
	}
}

func (k *winogradKernel) advance(v int) {
	ADDQ(U32(uint32(v*k.bytes())), k.xc)
	ADDQ(U32(uint32(v*k.bytes())), k.dc)
	SUBQ(U32(uint32(v*k.lanes)), k.left)
}

// winogradBlock is v vectors of columns of a tile; the last one is half a
// register if narrow, and stored under mask.
type winogradBlock struct {
	*winogradKernel
	v      int
	narrow bool
	mask   *tail
}

func (k *winogradKernel) block(v int, narrow bool, mask *tail) {
	b := &winogradBlock{k, v, narrow, mask}
	b.products()
	b.outputs()
}

// as is what vector i takes of r.
func (b *winogradBlock) as(i int, r VecVirtual) VecVirtual {
	if b.narrow && i == b.v-1 {
		return r.AsY().(VecVirtual)
	}
	return r
}

// product is where vector i of a point's sum lies, p being that of point 0.
func (b *winogradBlock) product(p GPVirtual, point, i int) Mem {
	return Mem{Base: p, Disp: (point*b.oc*b.v + i) * b.bytes()}
}

// products makes the sums of all points and outputs.
func (b *winogradBlock) products() {
	acc := make([][]VecVirtual, b.oc)
	for o := range acc {
		acc[o] = b.regs(b.v)
	}
	weight, x := b.reg(), b.regs(b.v)
	points, taps := b.next("points"), b.next("taps")
	count, xp, t, wp, o4, m := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(U32(winogradPoints), count)
	MOVQ(b.xc, xp)
	Load(Param("w"), wp)
	Load(Param("m"), m)
	Label(points)
	for o := range acc {
		for _, r := range acc[o] {
			b.zero(r)
		}
	}
	Load(Param("taps"), t)
	NEGQ(t)
	Label(taps)
	MOVLQSX(Mem{Base: b.ends, Index: t, Scale: 4}, o4)
	for i, r := range x {
		VMOVUPS(Mem{Base: xp, Index: o4, Scale: 4, Disp: i * b.bytes()}, b.as(i, r))
	}
	for o := range acc {
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * o}, weight)
		for i, r := range acc[o] {
			VFMADD231PS(b.as(i, x[i]), b.as(i, weight), b.as(i, r))
		}
	}
	ADDQ(b.ws, wp)
	INCQ(t)
	JNZ(LabelRef(taps))
	for o := range acc {
		for i, r := range acc[o] {
			VMOVUPS(b.as(i, r), Mem{Base: m, Disp: (o*b.v + i) * b.bytes()})
		}
	}
	ADDQ(U32(uint32(b.oc*b.v*b.bytes())), m)
	step := bytesArg("vk")
	ADDQ(step, xp)
	DECQ(count)
	JNZ(LabelRef(points))
}

// outputs makes the rows of all outputs from the sums of the points.
func (b *winogradBlock) outputs() {
	rows, done, z := b.next("fromrows"), b.next("done"), GP64()
	CMPQ(inMemory("ss"), Imm(0))
	JNE(LabelRef(rows))
	b.output(false)
	JMP(LabelRef(done))
	Label(rows)
	Load(Param("start"), z)
	ADDQ(b.dc, z)
	SUBQ(inMemory("dst"), z)
	MOVQ(z, b.z)
	b.output(true)
	Label(done)
}

// output walks the outputs; their sums begin with rows of start or with the bias.
func (b *winogradBlock) output(fromRows bool) {
	factors := [winogradRows][]VecVirtual{
		nil,
		{b.winogradNumber(wgA), b.winogradNumber(wgB)},
		{b.winogradNumber(wgAA), b.winogradNumber(wgBB)},
		{b.winogradNumber(wgAAA), b.winogradNumber(wgBBB)},
	}
	bias, slope, scratch, y := b.reg(), b.reg(), b.reg(), b.reg()
	sums, differences := b.regs(2), b.regs(2)
	again, o, d, m, dp, p := b.next("outputs"), GP64(), GP64(), GP64(), bytesArg("dp"), GP64()
	XORQ(o, o)
	MOVQ(b.dc, d)
	Load(Param("m"), m)
	Label(again)
	if !fromRows {
		Load(Param("bias"), p)
		VBROADCASTSS(Mem{Base: p, Index: o, Scale: 4}, bias)
	}
	Load(Param("slope"), p)
	VBROADCASTSS(Mem{Base: p, Index: o, Scale: 4}, slope)
	for i := range b.v {
		for side := range 2 {
			l, r, t := b.product(m, 2*side+1, i), b.product(m, 2*side+2, i), b.as(i, scratch)
			VMOVUPS(l, t)
			VADDPS(r, t, b.as(i, sums[side]))
			VSUBPS(r, t, b.as(i, differences[side]))
		}
		q := GP64()
		MOVQ(d, q)
		if fromRows {
			MOVQ(b.z, p)
		}
		for row, fs := range factors {
			u, from, skip := b.as(i, y), b.as(i, bias), b.next("skip")
			TESTL(U32(1<<row), b.bits)
			JZ(LabelRef(skip))
			if fromRows {
				b.get(Mem{Base: p, Disp: i * b.bytes()}, u, i)
				from = u
			}
			switch row {
			case 0: // points 0 and infinity are in one row each
				VADDPS(b.product(m, 0, i), from, u)
			case winogradRows - 1:
				VADDPS(b.product(m, winogradPoints-1, i), from, u)
			default:
				if !fromRows {
					VMOVAPS(from, u)
				}
			}
			for side := range 2 {
				switch {
				case row == 0:
					VADDPS(b.as(i, sums[side]), u, u)
				case row%2 == 0:
					VFMADD231PS(b.as(i, sums[side]), b.as(i, fs[side]), u)
				default:
					VFMADD231PS(b.as(i, differences[side]), b.as(i, fs[side]), u)
				}
			}
			b.preluByMax(u, b.as(i, slope), b.as(i, scratch))
			b.put(u, Mem{Base: q, Disp: i * b.bytes()}, i, scratch)
			Label(skip)
			if row == winogradRows-1 {
				continue
			}
			ADDQ(dp, q)
			if fromRows {
				step := bytesArg("sp")
				ADDQ(step, p)
			}
		}
	}
	if fromRows {
		step := bytesArg("ss")
		ADDQ(step, b.z)
	}
	step := bytesArg("ds")
	ADDQ(step, d)
	ADDQ(U32(uint32(b.v*b.bytes())), m)
	INCQ(o)
	CMPQ(o, Imm(uint64(b.oc)))
	JL(LabelRef(again))
}

// get loads vector i of a row.
func (b *winogradBlock) get(m Mem, u VecVirtual, i int) {
	switch {
	case b.mask == nil || i < b.v-1:
		VMOVUPS(m, u)
	case b.wide:
		VMOVUPS_Z(m, b.mask.k, u)
	default:
		b.load(m, u, b.mask)
	}
}

// put stores vector i of a row.
func (b *winogradBlock) put(u VecVirtual, m Mem, i int, scratch VecVirtual) {
	switch {
	case b.mask == nil || i < b.v-1:
		VMOVUPS(u, m)
	case b.wide:
		VMOVUPS(u, b.mask.k, m)
	default:
		b.store(u, m, b.mask, scratch)
	}
}
