package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// denseKernel is the state of a dense kernel that lives across blocks.
type denseKernel struct {
	*isa
	labels
	oc                   int
	xr, dr               GPVirtual // row of x, of dst
	xc, dc, left         GPVirtual // column of x, of dst; columns to go
	ds, ws, ends, w0, fl GPVirtual // strides in bytes, end of off, weights, acc
	act                  bool      // denseAct
	narrowed
}

// dense is dense.Conv for oc outputs. It goes through the rows, in a row through blocks
// of v vectors of columns, and in a block through the taps; the accumulators are
// [oc][v].
func dense(s *isa, oc int) {
	s.begin("dense", fmt.Sprintf("is dense.Conv for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows, acc int", number("outputs", oc))
	(&denseKernel{isa: s, oc: oc, narrowed: none}).walk()
}

// denseAct is dense.ConvAct for oc outputs. It differs from dense in what a block starts
// with and in what follows its last tap.
func denseAct(s *isa, oc int) {
	s.begin("denseAct", fmt.Sprintf("is dense.ConvAct for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, ws, n, rows int, bias, slope, z *float32, zs, zp int, zoff *int32, zw *float32, terms, whole, phases, phase int, reduce, begin *float32, prefetch int", number("outputs", oc))
	(&denseKernel{isa: s, oc: oc, act: true, narrowed: none}).walk()
}

// walk goes from row to row.
func (k *denseKernel) walk() {
	k.dr, k.ds, k.xr = k.arg("dst"), k.bytesArg("ds"), k.arg("x")
	k.ends = k.arg("off")
	taps := k.arg("taps")
	k.LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.w0, k.ws = k.arg("w"), k.bytesArg("ws")
	k.xc, k.dc, k.left = k.GP64(), k.GP64(), k.GP64()
	rows := k.arg("rows")

	k.Label("row")
	k.MOVQ(k.xr, k.xc)
	k.MOVQ(k.dr, k.dc)
	k.Load(k.param("n"), k.left)
	k.columns(columnWalk{k.denseVectors(k.oc), k.left, "rowend", k.act, func(v int, n narrowed, mask *tail) {
		k.narrowed = n
		k.block(v, mask)
	}, []GPVirtual{k.xc, k.dc}})
	step := k.GP64()
	k.Load(k.param("xp"), step)
	k.LEAQ(Mem{Base: k.xr, Index: step, Scale: 4}, k.xr)
	k.Load(k.param("dp"), step)
	k.LEAQ(Mem{Base: k.dr, Index: step, Scale: 4}, k.dr)
	if k.act {
		k.nextPhase(step)
	}
	k.DECQ(rows)
	k.JNZ(LabelRef("row"))
	k.end()
}

// nextPhase moves on to the terms of the next row. After the last phase these are the
// terms of the first phase and the next row of z. The argument phase counts the phases
// that are left.
func (k *denseKernel) nextPhase(step GPVirtual) {
	k.Load(k.param("terms"), step)
	k.SHLQ(Imm(2), step)
	k.ADDQ(step, k.inMemory("zoff"))
	k.ADDQ(step, k.inMemory("zw"))
	k.DECQ(k.inMemory("phase"))
	k.JNZ(LabelRef("phased"))
	phases := k.GP64()
	k.Load(k.param("phases"), phases)
	k.MOVQ(phases, k.inMemory("phase"))
	k.IMULQ(phases, step)
	k.SUBQ(step, k.inMemory("zoff"))
	k.SUBQ(step, k.inMemory("zw"))
	k.Load(k.param("zp"), step)
	k.SHLQ(Imm(2), step)
	k.ADDQ(step, k.inMemory("z"))
	k.Label("phased")
}

// block computes v vectors of columns; mask holds for the last one.
func (k *denseKernel) block(v int, mask *tail) {
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
	t, wp := k.GP64(), k.GP64()
	summed := k.next("summed")
	k.Load(k.param("taps"), t)
	k.NEGQ(t)
	if k.act {
		k.JZ(LabelRef(summed))
	}
	k.MOVQ(k.w0, wp)
	if k.act && mask == nil {
		plain, ahead := k.next("noprefetch"), k.bytesArg("prefetch")
		k.TESTQ(ahead, ahead)
		k.JZ(LabelRef(plain))
		k.ADDQ(k.xc, ahead)
		k.taps(taps+"prefetch", t, wp, acc, weight, x, at, ahead)
		k.JMP(LabelRef(summed))
		k.Label(plain)
	}
	k.taps(taps, t, wp, acc, weight, x, at, nil)
	k.Label(summed)
	stored := k.next("stored")
	if k.act {
		k.prelus(acc, weight, x[0])
		k.reduce(acc, at, weight, x, stored)
	}
	q := k.GP64()
	k.MOVQ(k.dc, q)
	for o := range acc {
		for i, r := range acc[o] {
			k.store(k.as(i, r), Mem{Base: q, Disp: i * k.bytes()}, at(i), weight)
		}
		if o < k.oc-1 {
			k.ADDQ(k.ds, q)
		}
	}
	if k.act {
		k.Label(stored)
	}
}

// taps adds the products of the taps from number t, which is negative, to the last. With
// ahead, a column of x further on, it also prefetches what the taps read there.
func (k *denseKernel) taps(label string, t, wp GPVirtual, acc [][]VecVirtual, weight VecVirtual, x []VecVirtual, at func(int) *tail, ahead Register) {
	o4 := k.GP64()
	k.Label(label)
	k.MOVLQSX(Mem{Base: k.ends, Index: t, Scale: 4}, o4)
	for i, r := range x {
		k.load(Mem{Base: k.xc, Index: o4, Scale: 4, Disp: i * k.bytes()}, k.as(i, r), at(i))
	}
	for i := 0; ahead != nil && i < len(x)*k.bytes(); i += 64 {
		k.PREFETCHT1(Mem{Base: ahead, Index: o4, Scale: 4, Disp: i})
	}
	for o := range acc {
		k.VBROADCASTSS(Mem{Base: wp, Disp: 4 * o}, weight)
		for i, r := range acc[o] {
			k.VFMADD231PS(k.as(i, x[i]), k.as(i, weight), k.as(i, r))
		}
	}
	k.ADDQ(k.ws, wp)
	k.INCQ(t)
	k.JNZ(LabelRef(label))
}

// reduce ends a block whose outputs are summed: if the argument reduce holds factors, it
// stores the sum of the outputs times these and jumps to the label stored. The sum
// starts from begin, or from what dst holds if begin is nil.
func (k *denseKernel) reduce(acc [][]VecVirtual, at func(int) *tail, factor VecVirtual, sum []VecVirtual, stored string) {
	none, held, begun, p, b := k.next("noreduce"), k.next("held"), k.next("begun"), k.GP64(), k.GP64()
	k.Load(k.param("reduce"), p)
	k.TESTQ(p, p)
	k.JZ(LabelRef(none))
	k.Load(k.param("begin"), b)
	k.TESTQ(b, b)
	k.JZ(LabelRef(held))
	for _, r := range sum {
		k.VBROADCASTSS(Mem{Base: b}, r)
	}
	k.JMP(LabelRef(begun))
	k.Label(held)
	for i, r := range sum {
		k.load(Mem{Base: k.dc, Disp: i * k.bytes()}, k.as(i, r), at(i))
	}
	k.Label(begun)
	for o := range acc {
		k.VBROADCASTSS(Mem{Base: p, Disp: 4 * o}, factor)
		for i, r := range sum {
			k.VFMADD231PS(k.as(i, acc[o][i]), k.as(i, factor), k.as(i, r))
		}
	}
	for i, r := range sum {
		k.store(k.as(i, r), Mem{Base: k.dc, Disp: i * k.bytes()}, at(i), factor)
	}
	k.JMP(LabelRef(stored))
	k.Label(none)
}

// start makes the sums 0 or, with acc, what dst holds.
func (k *denseKernel) start(acc [][]VecVirtual, at func(int) *tail) {
	start := k.next("start")
	for o := range acc {
		for _, r := range acc[o] {
			k.zero(r)
		}
	}
	fl := k.GP64()
	k.Load(k.param("acc"), fl)
	k.TESTQ(fl, fl)
	k.JZ(LabelRef(start))
	p := k.GP64()
	k.MOVQ(k.dc, p)
	for o := range acc {
		for i, r := range acc[o] {
			k.load(Mem{Base: p, Disp: i * k.bytes()}, r, at(i))
		}
		if o < k.oc-1 {
			k.ADDQ(k.ds, p)
		}
	}
	k.Label(start)
}

// startAct makes the sums bias plus terms rows of z by their factors; with
// whole they begin with the first row as it is.
func (k *denseKernel) startAct(acc [][]VecVirtual, at func(int) *tail, weight VecVirtual, x []VecVirtual) {
	whole, first, some, none, t := k.next("whole"), k.next("bias"), k.next("some"), k.next("none"), k.GP64()
	k.Load(k.param("whole"), t)
	k.TESTQ(t, t)
	k.JNZ(LabelRef(whole))
	k.Load(k.param("bias"), t)
	k.TESTQ(t, t)
	k.JNZ(LabelRef(first))
	for o := range acc {
		for _, r := range acc[o] {
			k.zero(r)
		}
	}
	k.JMP(LabelRef(some))
	k.Label(first)
	for o := range acc {
		for _, r := range acc[o] {
			k.VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, r)
		}
	}
	k.JMP(LabelRef(some))
	k.Label(whole)
	k.XORQ(t, t)
	k.term(t, func(o, i int, m Mem) { k.load(m, k.as(i, acc[o][i]), at(i)) }, len(x))
	k.INCQ(t)
	again := k.next("terms")
	k.Label(again)
	k.CMPQ(t, k.inMemory("terms"))
	k.JGE(LabelRef(none))
	p := k.GP64()
	k.Load(k.param("zw"), p)
	k.VBROADCASTSS(Mem{Base: p, Index: t, Scale: 4}, weight)
	k.term(t, func(o, i int, m Mem) {
		k.load(m, k.as(i, x[i]), at(i))
		k.VFMADD231PS(k.as(i, x[i]), k.as(i, weight), k.as(i, acc[o][i]))
	}, len(x))
	k.INCQ(t)
	k.JMP(LabelRef(again))
	k.Label(some)
	k.XORQ(t, t)
	k.JMP(LabelRef(again))
	k.Label(none)
}

// term runs body for every vector of every output in row t of z.
func (k *denseKernel) term(t GPVirtual, body func(o, i int, m Mem), v int) {
	p, zs := k.GP64(), k.GP64()
	k.Load(k.param("zoff"), p)
	k.MOVLQSX(Mem{Base: p, Index: t, Scale: 4}, p)
	k.SHLQ(Imm(2), p)
	k.ADDQ(k.inMemory("z"), p)
	k.ADDQ(k.dc, p)
	k.SUBQ(k.dr, p)
	k.Load(k.param("zs"), zs)
	k.SHLQ(Imm(2), zs)
	for o := range k.oc {
		for i := range v {
			body(o, i, Mem{Base: p, Disp: i * k.bytes()})
		}
		if o < k.oc-1 {
			k.ADDQ(zs, p)
		}
	}
}

// prelus multiplies what is below 0 by the output's slope.
func (k *denseKernel) prelus(acc [][]VecVirtual, slope, scratch VecVirtual) {
	p, none := k.GP64(), k.next("straight")
	k.Load(k.param("slope"), p)
	k.TESTQ(p, p)
	k.JZ(LabelRef(none))
	for o := range acc {
		k.VBROADCASTSS(Mem{Base: p, Disp: 4 * o}, slope)
		for i, r := range acc[o] {
			k.preluByMax(k.as(i, r), k.as(i, slope), k.as(i, scratch))
		}
	}
	k.Label(none)
}
