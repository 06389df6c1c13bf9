package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tallKernel is the state of a denseTall kernel that lives across blocks.
type tallKernel struct {
	*isa
	labels
	oc, v      int
	xr, dr     GPVirtual // row of x, of dst
	xc, dc     GPVirtual // column of them
	left       GPVirtual // columns to go
	xp, dp, ds GPVirtual // in bytes
	ends, w    GPVirtual // end of off; weights
}

// tallRows is how many rows of output go side by side, most first: a row of x
// goes into three of them.
var tallRows = []int{4, 2, 1}

// denseTall is kernel.DenseTall for oc outputs: accumulators [row][oc][v].
func denseTall(s *isa, oc int) {
	s.begin(fmt.Sprintf("denseTall%d", oc), fmt.Sprintf("is DenseTall for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, n, rows int, bias, slope *float32")
	k := &tallKernel{isa: s, oc: oc, v: 4 / oc}
	if !s.wide {
		k.v /= 2
	}
	k.xr, k.dr = arg("x"), arg("dst")
	k.xp, k.dp, k.ds = bytesArg("xp"), bytesArg("dp"), bytesArg("ds")
	k.xc, k.dc, k.left = GP64(), GP64(), GP64()
	k.ends = arg("off")
	taps := arg("taps")
	LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.w = GP64()
	for _, rows := range tallRows {
		k.strips(rows)
	}
	s.end()
}

// strips walks strips of so many rows while there are as many.
func (k *tallKernel) strips(rows int) {
	at := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	Label(at("strip"))
	CMPQ(inMemory("rows"), I32(int32(rows)))
	JLT(LabelRef(at("fewer")))
	SUBQ(U32(uint32(rows)), inMemory("rows"))
	MOVQ(k.xr, k.xc)
	MOVQ(k.dr, k.dc)
	Load(Param("n"), k.left)
	Label(at("columns"))
	for v := k.v; v >= 1; v-- {
		// As many whole vectors as there are, at most k.v; the last of the row
		// may be cut.
		next := fmt.Sprintf("%sby%d", at("block"), v)
		if v == k.v {
			CMPQ(k.left, U32(uint32(v*k.lanes)))
			JLT(LabelRef(next))
			k.block(rows, v, nil)
			ADDQ(U32(uint32(v*k.bytes())), k.xc)
			ADDQ(U32(uint32(v*k.bytes())), k.dc)
			SUBQ(U32(uint32(v*k.lanes)), k.left)
			JNZ(LabelRef(at("columns")))
			JMP(LabelRef(at("end")))
			Label(next)
		}
		if v > 1 {
			CMPQ(k.left, U32(uint32((v-1)*k.lanes)))
			JLE(LabelRef(next + "cut"))
			SUBQ(U32(uint32((v-1)*k.lanes)), k.left)
		}
		k.block(rows, v, k.tail(k.left))
		if v > 1 {
			JMP(LabelRef(at("end")))
			Label(next + "cut")
		}
	}
	Label(at("end"))
	for range rows {
		ADDQ(k.xp, k.xr)
		ADDQ(k.dp, k.dr)
	}
	JMP(LabelRef(at("strip")))
	Label(at("fewer"))
}

// block computes rows by v vectors; mask holds for the last one.
func (k *tallKernel) block(rows, v int, mask *tail) {
	acc := make([][][]VecVirtual, rows)
	for r := range acc {
		acc[r] = make([][]VecVirtual, k.oc)
		for o := range acc[r] {
			acc[r][o] = k.regs(v)
		}
	}
	at := func(i int) *tail {
		if i == v-1 {
			return mask
		}
		return nil
	}
	k.start(acc)
	weights := [3][]VecVirtual{k.regs(k.oc), k.regs(k.oc), k.regs(k.oc)}
	x := k.regs(v)
	taps := k.next("taps")
	t, p := GP64(), GP64()
	Load(Param("taps"), t)
	NEGQ(t)
	Load(Param("w"), k.w)
	Label(taps)
	MOVLQSX(Mem{Base: k.ends, Index: t, Scale: 4}, p)
	LEAQ(Mem{Base: k.xc, Index: p, Scale: 4}, p)
	for y, ws := range weights {
		for o, w := range ws {
			VBROADCASTSS(Mem{Base: k.w, Disp: 4 * (y*k.oc + o)}, w)
		}
	}
	for j := range rows + 2 {
		for i, r := range x {
			k.load(Mem{Base: p, Disp: i * k.bytes()}, r, at(i))
		}
		for y := range 3 {
			if r := j - y; r >= 0 && r < rows {
				for o := range k.oc {
					for i := range x {
						VFMADD231PS(x[i], weights[y][o], acc[r][o][i])
					}
				}
			}
		}
		if j < rows+1 {
			ADDQ(k.xp, p)
		}
	}
	ADDQ(U32(uint32(12*k.oc)), k.w)
	INCQ(t)
	JNZ(LabelRef(taps))
	k.finish(acc, at, weights[0][0], x[0])
}

// start makes the sums the biases.
func (k *tallKernel) start(acc [][][]VecVirtual) {
	none, begun, t := k.next("none"), k.next("begun"), GP64()
	Load(Param("bias"), t)
	TESTQ(t, t)
	JZ(LabelRef(none))
	for _, row := range acc {
		for o, rs := range row {
			for _, r := range rs {
				VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, r)
			}
		}
	}
	JMP(LabelRef(begun))
	Label(none)
	for _, row := range acc {
		for _, rs := range row {
			for _, r := range rs {
				k.zero(r)
			}
		}
	}
	Label(begun)
}

// finish applies the PReLUs and stores.
func (k *tallKernel) finish(acc [][][]VecVirtual, at func(int) *tail, slope, scratch VecVirtual) {
	t, none := GP64(), k.next("straight")
	Load(Param("slope"), t)
	TESTQ(t, t)
	JZ(LabelRef(none))
	for o := range k.oc {
		VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, slope)
		for _, row := range acc {
			for _, r := range row[o] {
				k.preluByMax(r, slope, scratch)
			}
		}
	}
	Label(none)
	q, d := GP64(), GP64()
	MOVQ(k.dc, d)
	for r, row := range acc {
		MOVQ(d, q)
		for o, rs := range row {
			for i, v := range rs {
				k.store(v, Mem{Base: q, Disp: i * k.bytes()}, at(i), scratch)
			}
			if o < k.oc-1 {
				ADDQ(k.ds, q)
			}
		}
		if r < len(acc)-1 {
			ADDQ(k.dp, d)
		}
	}
}
