package main

import (
	"fmt"

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

// winogradAct is winograd.ConvAct for oc outputs. It goes through the tiles, in a tile
// through blocks of v vectors of columns, and in a block through points and taps, with
// accumulators [oc][v]. Their sums are kept in m, [point][output][vector], until the last
// step makes the rows from them.
func winogradAct(s *isa, oc int) {
	s.begin("winogradAct", fmt.Sprintf("is winograd.ConvAct for %d outputs, without start rows if ss is 0.", oc),
		"dst *float32, ds, dp int, v *float32, vk, vt int, off *int32, taps int, w *float32, ws, n, skip, rows int, bias, slope, start *float32, ss, sp int, m *float32", number("outputs", oc))
	k := &winogradKernel{isa: s, oc: oc, bits: s.AllocLocal(8), z: s.AllocLocal(8)}
	k.ends = s.arg("off")
	taps := s.arg("taps")
	s.LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.ws = s.bytesArg("ws")
	k.xc, k.dc, k.left = s.GP64(), s.GP64(), s.GP64()
	for _, name := range [][2]string{{"dst", "dp"}, {"start", "sp"}} { // from row skip to row 0
		step := s.bytesArg(name[1])
		s.IMULQ(s.inMemory("skip"), step)
		s.SUBQ(step, s.inMemory(name[0]))
	}

	s.Label("tile")
	k.rowBits()
	s.Load(s.param("v"), k.xc)
	s.Load(s.param("dst"), k.dc)
	s.Load(s.param("n"), k.left)
	k.columns(columnWalk{k.denseVectors(k.oc), k.left, "tileend", true, k.block, []GPVirtual{k.xc, k.dc}})
	for _, name := range [][2]string{{"v", "vt"}, {"dst", "dp"}, {"start", "sp"}} {
		step := s.bytesArg(name[1])
		if name[0] != "v" {
			s.SHLQ(Imm(2), step) // winogradRows
		}
		s.ADDQ(step, s.inMemory(name[0]))
	}
	s.SUBQ(Imm(winogradRows), s.inMemory("rows"))
	s.JG(LabelRef("tile"))
	k.end()
}

// rowBits sets one bit for every row of the tile that is to be written.
func (k *winogradKernel) rowBits() {
	n, most, bits, above := k.GP64(), k.GP64(), k.GP32(), k.GP32()
	k.Load(k.param("rows"), n)
	k.MOVQ(U32(winogradRows), most)
	k.CMPQ(n, most)
	k.CMOVQGT(most, n)
	k.MOVL(I32(-1), bits)
	k.BZHIL(n.As32(), bits, bits)
	k.Load(k.param("skip"), n)
	k.BZHIL(n.As32(), bits, above)
	k.XORL(above, bits)
	k.MOVL(bits, k.bits)
	k.XORQ(n, n)
	k.MOVQ(n, k.inMemory("skip"))
}

// winogradBlock is a block of v vectors of columns of a tile. The last vector is stored
// under the mask.
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

// product is the place of vector i of a point's sum, if p is the place of point 0.
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
	count, xp, t, wp, o4, m := b.GP64(), b.GP64(), b.GP64(), b.GP64(), b.GP64(), b.GP64()
	b.MOVQ(U32(winogradPoints), count)
	b.MOVQ(b.xc, xp)
	b.Load(b.param("w"), wp)
	b.Load(b.param("m"), m)
	b.Label(points)
	for o := range acc {
		for _, r := range acc[o] {
			b.zero(r)
		}
	}
	b.Load(b.param("taps"), t)
	b.NEGQ(t)
	b.Label(taps)
	b.MOVLQSX(Mem{Base: b.ends, Index: t, Scale: 4}, o4)
	for i, r := range x {
		b.VMOVUPS(Mem{Base: xp, Index: o4, Scale: 4, Disp: i * b.bytes()}, b.as(i, r))
	}
	for o := range acc {
		b.VBROADCASTSS(Mem{Base: wp, Disp: 4 * o}, weight)
		for i, r := range acc[o] {
			b.VFMADD231PS(b.as(i, x[i]), b.as(i, weight), b.as(i, r))
		}
	}
	b.ADDQ(b.ws, wp)
	b.INCQ(t)
	b.JNZ(LabelRef(taps))
	for o := range acc {
		for i, r := range acc[o] {
			b.VMOVUPS(b.as(i, r), Mem{Base: m, Disp: (o*b.v + i) * b.bytes()})
		}
	}
	b.ADDQ(U32(uint32(b.oc*b.v*b.bytes())), m)
	step := b.bytesArg("vk")
	b.ADDQ(step, xp)
	b.DECQ(count)
	b.JNZ(LabelRef(points))
}

// outputs makes the rows of all outputs from the sums of the points.
func (b *winogradBlock) outputs() {
	rows, done, z := b.next("fromrows"), b.next("done"), b.GP64()
	b.CMPQ(b.inMemory("ss"), Imm(0))
	b.JNE(LabelRef(rows))
	b.output(false)
	b.JMP(LabelRef(done))
	b.Label(rows)
	b.Load(b.param("start"), z)
	b.ADDQ(b.dc, z)
	b.SUBQ(b.inMemory("dst"), z)
	b.MOVQ(z, b.z)
	b.output(true)
	b.Label(done)
}

// winogradOutputs is the state of the last step. The sums begin with rows of start if
// fromRows is set, else with the bias.
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
	again, o := b.next("outputs"), b.GP64()
	r.d, r.m, r.dp, r.p = b.GP64(), b.GP64(), b.bytesArg("dp"), b.GP64()
	b.XORQ(o, o)
	b.MOVQ(b.dc, r.d)
	b.Load(b.param("m"), r.m)
	b.Label(again)
	if !fromRows {
		b.Load(b.param("bias"), r.p)
		b.VBROADCASTSS(Mem{Base: r.p, Index: o, Scale: 4}, r.bias)
	}
	b.Load(b.param("slope"), r.p)
	b.VBROADCASTSS(Mem{Base: r.p, Index: o, Scale: 4}, r.slope)
	for i := range b.v {
		r.column(i)
	}
	if fromRows {
		step := b.bytesArg("ss")
		b.ADDQ(step, b.z)
	}
	step := b.bytesArg("ds")
	b.ADDQ(step, r.d)
	b.ADDQ(U32(uint32(b.v*b.bytes())), r.m)
	b.INCQ(o)
	b.CMPQ(o, Imm(uint64(b.oc)))
	b.JL(LabelRef(again))
}

// column makes vector i of the rows of an output.
func (r *winogradOutputs) column(i int) {
	for side := range 2 {
		p, q, t := r.product(r.m, 2*side+1, i), r.product(r.m, 2*side+2, i), r.as(i, r.scratch)
		r.VMOVUPS(p, t)
		r.VADDPS(q, t, r.as(i, r.sums[side]))
		r.VSUBPS(q, t, r.as(i, r.differences[side]))
	}
	q := r.GP64()
	r.MOVQ(r.d, q)
	if r.fromRows {
		r.MOVQ(r.z, r.p)
	}
	for row := range winogradRows {
		u, skip := r.as(i, r.y), r.next("skip")
		r.TESTL(U32(1<<row), r.bits)
		r.JZ(LabelRef(skip))
		r.sum(u, row, i)
		r.preluByMax(u, r.as(i, r.slope), r.as(i, r.scratch))
		r.put(u, Mem{Base: q, Disp: i * r.bytes()}, i, r.scratch)
		r.Label(skip)
		if row == winogradRows-1 {
			continue
		}
		r.ADDQ(r.dp, q)
		if r.fromRows {
			step := r.bytesArg("sp")
			r.ADDQ(step, r.p)
		}
	}
}

// sum puts into u vector i of a row, before the PReLU. The points 0 and infinity count in
// one row each, the first and the last.
func (r *winogradOutputs) sum(u VecVirtual, row, i int) {
	from := r.as(i, r.bias)
	if r.fromRows {
		r.get(Mem{Base: r.p, Disp: i * r.bytes()}, u, i)
		from = u
	}
	switch row {
	case 0:
		r.VADDPS(r.product(r.m, 0, i), from, u)
	case winogradRows - 1:
		r.VADDPS(r.product(r.m, winogradPoints-1, i), from, u)
	default:
		if !r.fromRows {
			r.VMOVAPS(from, u)
		}
	}
	for side, f := range r.factors[row] {
		pairs := r.sums
		if row%2 == 1 {
			pairs = r.differences
		}
		r.VFMADD231PS(r.as(i, pairs[side]), r.as(i, f), u)
	}
	if row == 0 {
		for _, v := range r.sums {
			r.VADDPS(r.as(i, v), u, u)
		}
	}
}

// get loads vector i of a row.
func (b *winogradBlock) get(m Mem, u VecVirtual, i int) {
	switch {
	case b.mask == nil || i < b.v-1:
		b.VMOVUPS(m, u)
	case b.wide:
		b.VMOVUPS_Z(m, b.mask.k, u)
	default:
		b.load(m, u, b.mask)
	}
}

// put stores vector i of a row.
func (b *winogradBlock) put(u VecVirtual, m Mem, i int, scratch VecVirtual) {
	switch {
	case b.mask == nil || i < b.v-1:
		b.VMOVUPS(u, m)
	case b.wide:
		b.VMOVUPS(u, b.mask.k, m)
	default:
		b.store(u, m, b.mask, scratch)
	}
}
