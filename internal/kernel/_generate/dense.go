package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// denseArgs is the state of a dense kernel that lives across blocks.
type denseArgs struct {
	*isa
	labels
	oc                   int
	xr, dr               GPVirtual // row of x, of dst
	xc, dc, left         GPVirtual // column of x, of dst; columns to go
	ds, ws, ends, w0, fl GPVirtual // strides in bytes, end of off, weights, acc
	act                  bool      // denseAct
	narrowed
}

// dense is kernel.Dense for oc outputs: rows, then blocks of columns of v
// vectors, then taps; accumulators [oc][v].
func dense(s *isa, oc int) {
	s.begin(fmt.Sprintf("dense%d", oc), fmt.Sprintf("is Dense for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows, acc int")
	(&denseArgs{isa: s, oc: oc, narrowed: none}).walk()
}

// denseAct is kernel.DenseAct for oc outputs, as dense but for the start and
// end of a block.
func denseAct(s *isa, oc int) {
	s.begin(fmt.Sprintf("denseAct%d", oc), fmt.Sprintf("is DenseAct for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows int, bias, slope, z *float32, zs, zp int, zoff *int32, zw *float32, terms, whole, phases, phase int, dot, begin *float32, ahead int")
	(&denseArgs{isa: s, oc: oc, act: true, narrowed: none}).walk()
}

// walk goes from row to row.
func (k *denseArgs) walk() {
	k.dr, k.ds, k.xr = arg("dst"), bytesArg("ds"), arg("x")
	k.ends = arg("off")
	taps := arg("taps")
	LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.w0, k.ws = arg("w"), bytesArg("ws")
	k.xc, k.dc, k.left = GP64(), GP64(), GP64()
	rows := arg("rows")

	Label("row")
	MOVQ(k.xr, k.xc)
	MOVQ(k.dr, k.dc)
	Load(Param("n"), k.left)
	k.columns()
	Label("rowend")
	step := GP64()
	Load(Param("xp"), step)
	LEAQ(Mem{Base: k.xr, Index: step, Scale: 4}, k.xr)
	Load(Param("dp"), step)
	LEAQ(Mem{Base: k.dr, Index: step, Scale: 4}, k.dr)
	if k.act {
		k.nextPhase(step)
	}
	DECQ(rows)
	JNZ(LabelRef("row"))
	k.end()
}

// nextPhase moves on to the terms of the next row, after the last phase to those
// of the first and the next row of z. phase counts the rest down.
func (k *denseArgs) nextPhase(step GPVirtual) {
	Load(Param("terms"), step)
	SHLQ(Imm(2), step)
	ADDQ(step, inMemory("zoff"))
	ADDQ(step, inMemory("zw"))
	DECQ(inMemory("phase"))
	JNZ(LabelRef("phased"))
	phases := GP64()
	Load(Param("phases"), phases)
	MOVQ(phases, inMemory("phase"))
	IMULQ(phases, step)
	SUBQ(step, inMemory("zoff"))
	SUBQ(step, inMemory("zw"))
	Load(Param("zp"), step)
	SHLQ(Imm(2), step)
	ADDQ(step, inMemory("z"))
	Label("phased")
}

// columns walks one row: full blocks of v vectors, a half block where v+1
// vectors are left (two blocks of about half of it beat v and 1), and one
// block whose last vector is masked, and half a register where that holds what is
// left: some processors take half the time for these.
func (k *denseArgs) columns() {
	v := k.denseVectors(k.oc)
	full := v * k.lanes
	Label("columns")
	CMPQ(k.left, U32(uint32(full)))
	JLT(LabelRef("tail"))
	if v >= 3 {
		JEQ(LabelRef("full"))
		CMPQ(k.left, U32(uint32(full+k.lanes)))
		JLE(LabelRef("half"))
	}
	Label("full")
	k.block(v, nil)
	k.advance(v)
	JMP(LabelRef("columns"))
	if v >= 3 {
		Label("half")
		k.block((v+1)/2, nil)
		k.advance((v + 1) / 2)
		JMP(LabelRef("columns"))
	}
	Label("tail")
	TESTQ(k.left, k.left)
	JZ(LabelRef("rowend"))
	for u := v; u >= 1; u-- {
		next := fmt.Sprintf("tail%d", u-1)
		if u > 1 {
			CMPQ(k.left, U32(uint32((u-1)*k.lanes)))
			JLE(LabelRef(next))
			SUBQ(U32(uint32((u-1)*k.lanes)), k.left)
		}
		if k.wide && k.act {
			wide := fmt.Sprintf("wide%d", u)
			CMPQ(k.left, Imm(uint64(k.lanes/2)))
			JG(LabelRef(wide))
			k.narrowed = narrowed(u - 1)
			k.block(u, k.tail(k.left))
			k.narrowed = none
			JMP(LabelRef("rowend"))
			Label(wide)
		}
		k.block(u, k.tail(k.left))
		JMP(LabelRef("rowend"))
		if u > 1 {
			Label(next)
		}
	}
}

// advance moves on by v vectors.
func (k *denseArgs) advance(v int) {
	ADDQ(U32(uint32(v*k.bytes())), k.xc)
	ADDQ(U32(uint32(v*k.bytes())), k.dc)
	SUBQ(U32(uint32(v*k.lanes)), k.left)
}

// block computes v vectors of columns; mask holds for the last one.
func (k *denseArgs) block(v int, mask *tail) {
	acc := make([][]VecVirtual, k.oc)
	for o := range acc {
		acc[o] = k.regs(v)
	}
	at := func(i int) *tail {
		if i == v-1 {
			return mask
		}
		return nil
	}
	weight, x := k.reg(), k.regs(v)
	taps := k.next("taps")
	if k.act {
		k.startAct(acc, at, weight, x)
	} else {
		k.start(acc, at)
	}
	t, wp := GP64(), GP64()
	summed := k.next("summed")
	Load(Param("taps"), t)
	NEGQ(t)
	if k.act {
		JZ(LabelRef(summed))
	}
	MOVQ(k.w0, wp)
	if k.act && mask == nil {
		near, ahead := k.next("near"), bytesArg("ahead")
		TESTQ(ahead, ahead)
		JZ(LabelRef(near))
		ADDQ(k.xc, ahead)
		k.taps(taps+"ahead", t, wp, acc, weight, x, at, ahead)
		JMP(LabelRef(summed))
		Label(near)
	}
	k.taps(taps, t, wp, acc, weight, x, at, nil)
	Label(summed)
	stored := k.next("stored")
	if k.act {
		k.prelus(acc, weight, x[0])
		k.dot(acc, at, weight, x, stored)
	}
	q := GP64()
	MOVQ(k.dc, q)
	for o := range acc {
		for i, r := range acc[o] {
			k.store(k.as(i, r), Mem{Base: q, Disp: i * k.bytes()}, at(i), weight)
		}
		if o < k.oc-1 {
			ADDQ(k.ds, q)
		}
	}
	if k.act {
		Label(stored)
	}
}

// taps adds the taps' products from number t, negative, to the last; what lies as
// far from ahead on as the vectors of x from the column is brought into the cache
// meanwhile.
func (k *denseArgs) taps(label string, t, wp GPVirtual, acc [][]VecVirtual, weight VecVirtual, x []VecVirtual, at func(int) *tail, ahead Register) {
	o4 := GP64()
	Label(label)
	MOVLQSX(Mem{Base: k.ends, Index: t, Scale: 4}, o4)
	for i, r := range x {
		k.load(Mem{Base: k.xc, Index: o4, Scale: 4, Disp: i * k.bytes()}, k.as(i, r), at(i))
	}
	for i := 0; ahead != nil && i < len(x)*k.bytes(); i += 64 {
		PREFETCHT1(Mem{Base: ahead, Index: o4, Scale: 4, Disp: i})
	}
	for o := range acc {
		VBROADCASTSS(Mem{Base: wp, Disp: 4 * o}, weight)
		for i, r := range acc[o] {
			VFMADD231PS(k.as(i, x[i]), k.as(i, weight), k.as(i, r))
		}
	}
	ADDQ(k.ws, wp)
	INCQ(t)
	JNZ(LabelRef(label))
}

// dot stores, if there are factors dot, the outputs' sum by these instead, which
// starts from begin or, without, from what dst holds, and goes on at stored.
func (k *denseArgs) dot(acc [][]VecVirtual, at func(int) *tail, factor VecVirtual, sum []VecVirtual, stored string) {
	none, held, begun, p, b := k.next("nodot"), k.next("held"), k.next("begun"), GP64(), GP64()
	Load(Param("dot"), p)
	TESTQ(p, p)
	JZ(LabelRef(none))
	Load(Param("begin"), b)
	TESTQ(b, b)
	JZ(LabelRef(held))
	for _, r := range sum {
		VBROADCASTSS(Mem{Base: b}, r)
	}
	JMP(LabelRef(begun))
	Label(held)
	for i, r := range sum {
		k.load(Mem{Base: k.dc, Disp: i * k.bytes()}, k.as(i, r), at(i))
	}
	Label(begun)
	for o := range acc {
		VBROADCASTSS(Mem{Base: p, Disp: 4 * o}, factor)
		for i, r := range sum {
			VFMADD231PS(k.as(i, acc[o][i]), k.as(i, factor), k.as(i, r))
		}
	}
	for i, r := range sum {
		k.store(k.as(i, r), Mem{Base: k.dc, Disp: i * k.bytes()}, at(i), factor)
	}
	JMP(LabelRef(stored))
	Label(none)
}

// start makes the sums 0 or, with acc, what dst holds.
func (k *denseArgs) start(acc [][]VecVirtual, at func(int) *tail) {
	start := k.next("start")
	for o := range acc {
		for _, r := range acc[o] {
			k.zero(r)
		}
	}
	fl := GP64()
	Load(Param("acc"), fl)
	TESTQ(fl, fl)
	JZ(LabelRef(start))
	p := GP64()
	MOVQ(k.dc, p)
	for o := range acc {
		for i, r := range acc[o] {
			k.load(Mem{Base: p, Disp: i * k.bytes()}, r, at(i))
		}
		if o < k.oc-1 {
			ADDQ(k.ds, p)
		}
	}
	Label(start)
}

// startAct makes the sums bias plus terms rows of z by their factors; with
// whole they begin with the first row as it is.
func (k *denseArgs) startAct(acc [][]VecVirtual, at func(int) *tail, weight VecVirtual, x []VecVirtual) {
	whole, first, some, none, t := k.next("whole"), k.next("bias"), k.next("some"), k.next("none"), GP64()
	Load(Param("whole"), t)
	TESTQ(t, t)
	JNZ(LabelRef(whole))
	Load(Param("bias"), t)
	TESTQ(t, t)
	JNZ(LabelRef(first))
	for o := range acc {
		for _, r := range acc[o] {
			k.zero(r)
		}
	}
	JMP(LabelRef(some))
	Label(first)
	for o := range acc {
		for _, r := range acc[o] {
			VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, r)
		}
	}
	JMP(LabelRef(some))
	Label(whole)
	XORQ(t, t)
	k.term(t, func(o, i int, m Mem) { k.load(m, k.as(i, acc[o][i]), at(i)) }, len(x))
	INCQ(t)
	again := k.next("terms")
	Label(again)
	CMPQ(t, inMemory("terms"))
	JGE(LabelRef(none))
	p := GP64()
	Load(Param("zw"), p)
	VBROADCASTSS(Mem{Base: p, Index: t, Scale: 4}, weight)
	k.term(t, func(o, i int, m Mem) {
		k.load(m, k.as(i, x[i]), at(i))
		VFMADD231PS(k.as(i, x[i]), k.as(i, weight), k.as(i, acc[o][i]))
	}, len(x))
	INCQ(t)
	JMP(LabelRef(again))
	Label(some)
	XORQ(t, t)
	JMP(LabelRef(again))
	Label(none)
}

// term runs body for every vector of every output in row t of z.
func (k *denseArgs) term(t GPVirtual, body func(o, i int, m Mem), v int) {
	p, zs := GP64(), GP64()
	Load(Param("zoff"), p)
	MOVLQSX(Mem{Base: p, Index: t, Scale: 4}, p)
	SHLQ(Imm(2), p)
	ADDQ(inMemory("z"), p)
	ADDQ(k.dc, p)
	SUBQ(k.dr, p)
	Load(Param("zs"), zs)
	SHLQ(Imm(2), zs)
	for o := range k.oc {
		for i := range v {
			body(o, i, Mem{Base: p, Disp: i * k.bytes()})
		}
		if o < k.oc-1 {
			ADDQ(zs, p)
		}
	}
}

// prelus multiplies what is below 0 by the output's slope.
func (k *denseArgs) prelus(acc [][]VecVirtual, slope, scratch VecVirtual) {
	p, none := GP64(), k.next("straight")
	Load(Param("slope"), p)
	TESTQ(p, p)
	JZ(LabelRef(none))
	for o := range acc {
		VBROADCASTSS(Mem{Base: p, Disp: 4 * o}, slope)
		for i, r := range acc[o] {
			k.preluByMax(k.as(i, r), k.as(i, slope), k.as(i, scratch))
		}
	}
	Label(none)
}
