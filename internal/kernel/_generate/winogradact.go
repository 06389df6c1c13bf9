package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

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
	k.block(v, none, nil)
	k.advance(v)
	JMP(LabelRef("columns"))
	if v >= 3 {
		Label("half")
		k.block((v+1)/2, none, nil)
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
			k.block(u, narrowed(u-1), k.tail(k.left))
			JMP(LabelRef("tileend"))
			Label(wide)
		}
		k.block(u, none, k.tail(k.left))
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

// winogradBlock is v vectors of columns of a tile; the last one is stored under
// mask.
type winogradBlock struct {
	*winogradKernel
	v int
	narrowed
	mask *tail
}

func (k *winogradKernel) block(v int, n narrowed, mask *tail) {
	b := &winogradBlock{k, v, n, mask}
	b.products()
	b.outputs()
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

// winogradOutputs is what the rows of all outputs are made with: sums begin with
// rows of start if fromRows, else with the bias.
type winogradOutputs struct {
	*winogradBlock
	fromRows                bool
	factors                 [winogradRows][]VecVirtual // of sums and differences of pairs of points, by row
	bias, slope, scratch, y VecVirtual
	sums, differences       []VecVirtual
	d, m, dp, p             GPVirtual // column of dst, sums of the points; bytes from row to row; for addresses
}

// output walks the outputs.
func (b *winogradBlock) output(fromRows bool) {
	r := &winogradOutputs{winogradBlock: b, fromRows: fromRows, factors: [winogradRows][]VecVirtual{
		nil,
		{b.winogradNumber(wgA), b.winogradNumber(wgB)},
		{b.winogradNumber(wgAA), b.winogradNumber(wgBB)},
		{b.winogradNumber(wgAAA), b.winogradNumber(wgBBB)},
	}}
	r.bias, r.slope, r.scratch, r.y = b.reg(), b.reg(), b.reg(), b.reg()
	r.sums, r.differences = b.regs(2), b.regs(2)
	again, o := b.next("outputs"), GP64()
	r.d, r.m, r.dp, r.p = GP64(), GP64(), bytesArg("dp"), GP64()
	XORQ(o, o)
	MOVQ(b.dc, r.d)
	Load(Param("m"), r.m)
	Label(again)
	if !fromRows {
		Load(Param("bias"), r.p)
		VBROADCASTSS(Mem{Base: r.p, Index: o, Scale: 4}, r.bias)
	}
	Load(Param("slope"), r.p)
	VBROADCASTSS(Mem{Base: r.p, Index: o, Scale: 4}, r.slope)
	for i := range b.v {
		r.column(i)
	}
	if fromRows {
		step := bytesArg("ss")
		ADDQ(step, b.z)
	}
	step := bytesArg("ds")
	ADDQ(step, r.d)
	ADDQ(U32(uint32(b.v*b.bytes())), r.m)
	INCQ(o)
	CMPQ(o, Imm(uint64(b.oc)))
	JL(LabelRef(again))
}

// column makes vector i of the rows of an output.
func (r *winogradOutputs) column(i int) {
	for side := range 2 {
		p, q, t := r.product(r.m, 2*side+1, i), r.product(r.m, 2*side+2, i), r.as(i, r.scratch)
		VMOVUPS(p, t)
		VADDPS(q, t, r.as(i, r.sums[side]))
		VSUBPS(q, t, r.as(i, r.differences[side]))
	}
	q := GP64()
	MOVQ(r.d, q)
	if r.fromRows {
		MOVQ(r.z, r.p)
	}
	for row := range winogradRows {
		u, skip := r.as(i, r.y), r.next("skip")
		TESTL(U32(1<<row), r.bits)
		JZ(LabelRef(skip))
		r.sum(u, row, i)
		r.preluByMax(u, r.as(i, r.slope), r.as(i, r.scratch))
		r.put(u, Mem{Base: q, Disp: i * r.bytes()}, i, r.scratch)
		Label(skip)
		if row == winogradRows-1 {
			continue
		}
		ADDQ(r.dp, q)
		if r.fromRows {
			step := bytesArg("sp")
			ADDQ(step, r.p)
		}
	}
}

// sum puts into u vector i of a row, before the PReLU. Points 0 and infinity are
// in one row each.
func (r *winogradOutputs) sum(u VecVirtual, row, i int) {
	from := r.as(i, r.bias)
	if r.fromRows {
		r.get(Mem{Base: r.p, Disp: i * r.bytes()}, u, i)
		from = u
	}
	switch row {
	case 0:
		VADDPS(r.product(r.m, 0, i), from, u)
	case winogradRows - 1:
		VADDPS(r.product(r.m, winogradPoints-1, i), from, u)
	default:
		if !r.fromRows {
			VMOVAPS(from, u)
		}
	}
	for side, f := range r.factors[row] {
		pairs := r.sums
		if row%2 == 1 {
			pairs = r.differences
		}
		VFMADD231PS(r.as(i, pairs[side]), r.as(i, f), u)
	}
	if row == 0 {
		for _, v := range r.sums {
			VADDPS(r.as(i, v), u, u)
		}
	}
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
