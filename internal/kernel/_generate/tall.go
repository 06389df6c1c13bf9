package main

import (
	"fmt"

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

// tallRows are the numbers of output rows that a strip may have, the largest first. They
// are computed together, because each row of x goes into three of them.
var tallRows = []int{4, 2, 1}

// denseTall is dense.Tall for oc outputs: accumulators [row][oc][v].
func denseTall(s *isa, oc int) {
	s.begin("denseTall", fmt.Sprintf("is dense.Tall for %d outputs.", oc),
		"dst *float32, ds, dp int, x *float32, xp int, off *int32, taps int, w *float32, n, rows int, bias, slope *float32", number("outputs", oc))
	k := &tallKernel{isa: s, oc: oc, v: 4 / oc}
	if !s.wide {
		k.v /= 2
	}
	k.xr, k.dr = s.arg("x"), s.arg("dst")
	k.xp, k.dp, k.ds = s.bytesArg("xp"), s.bytesArg("dp"), s.bytesArg("ds")
	k.xc, k.dc, k.left = s.GP64(), s.GP64(), s.GP64()
	k.ends = s.arg("off")
	taps := s.arg("taps")
	s.LEAQ(Mem{Base: k.ends, Index: taps, Scale: 4}, k.ends)
	k.w = s.GP64()
	for _, rows := range tallRows {
		k.strips(rows)
	}
	s.end()
}

// strips walks strips of so many rows until fewer are left.
func (k *tallKernel) strips(rows int) {
	at := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	k.Label(at("strip"))
	k.CMPQ(k.inMemory("rows"), I32(int32(rows)))
	k.JLT(LabelRef(at("fewer")))
	k.SUBQ(U32(uint32(rows)), k.inMemory("rows"))
	k.MOVQ(k.xr, k.xc)
	k.MOVQ(k.dr, k.dc)
	k.Load(k.param("n"), k.left)
	k.Label(at("columns"))
	for v := k.v; v >= 1; v-- {
		// As many whole vectors as there are, at most k.v; the last of the row
		// may be cut.
		next := fmt.Sprintf("%sby%d", at("block"), v)
		if v == k.v {
			k.CMPQ(k.left, U32(uint32(v*k.lanes)))
			k.JLT(LabelRef(next))
			k.block(rows, v, nil)
			k.ADDQ(U32(uint32(v*k.bytes())), k.xc)
			k.ADDQ(U32(uint32(v*k.bytes())), k.dc)
			k.SUBQ(U32(uint32(v*k.lanes)), k.left)
			k.JNZ(LabelRef(at("columns")))
			k.JMP(LabelRef(at("end")))
			k.Label(next)
		}
		if v > 1 {
			k.CMPQ(k.left, U32(uint32((v-1)*k.lanes)))
			k.JLE(LabelRef(next + "cut"))
			k.SUBQ(U32(uint32((v-1)*k.lanes)), k.left)
		}
		k.block(rows, v, k.tail(k.left))
		if v > 1 {
			k.JMP(LabelRef(at("end")))
			k.Label(next + "cut")
		}
	}
	k.Label(at("end"))
	for range rows {
		k.ADDQ(k.xp, k.xr)
		k.ADDQ(k.dp, k.dr)
	}
	k.JMP(LabelRef(at("strip")))
	k.Label(at("fewer"))
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
	t, p := k.GP64(), k.GP64()
	k.Load(k.param("taps"), t)
	k.NEGQ(t)
	k.Load(k.param("w"), k.w)
	k.Label(taps)
	k.MOVLQSX(Mem{Base: k.ends, Index: t, Scale: 4}, p)
	k.LEAQ(Mem{Base: k.xc, Index: p, Scale: 4}, p)
	for y, ws := range weights {
		for o, w := range ws {
			k.VBROADCASTSS(Mem{Base: k.w, Disp: 4 * (y*k.oc + o)}, w)
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
						k.VFMADD231PS(x[i], weights[y][o], acc[r][o][i])
					}
				}
			}
		}
		if j < rows+1 {
			k.ADDQ(k.xp, p)
		}
	}
	k.ADDQ(U32(uint32(12*k.oc)), k.w)
	k.INCQ(t)
	k.JNZ(LabelRef(taps))
	k.finish(acc, at, weights[0][0], x[0])
}

// start sets the sums to the biases, or to 0 without them.
func (k *tallKernel) start(acc [][][]VecVirtual) {
	none, begun, t := k.next("none"), k.next("begun"), k.GP64()
	k.Load(k.param("bias"), t)
	k.TESTQ(t, t)
	k.JZ(LabelRef(none))
	for _, row := range acc {
		for o, rs := range row {
			for _, r := range rs {
				k.VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, r)
			}
		}
	}
	k.JMP(LabelRef(begun))
	k.Label(none)
	for _, row := range acc {
		for _, rs := range row {
			for _, r := range rs {
				k.zero(r)
			}
		}
	}
	k.Label(begun)
}

// finish applies the PReLUs and stores.
func (k *tallKernel) finish(acc [][][]VecVirtual, at func(int) *tail, slope, scratch VecVirtual) {
	t, none := k.GP64(), k.next("straight")
	k.Load(k.param("slope"), t)
	k.TESTQ(t, t)
	k.JZ(LabelRef(none))
	for o := range k.oc {
		k.VBROADCASTSS(Mem{Base: t, Disp: 4 * o}, slope)
		for _, row := range acc {
			for _, r := range row[o] {
				k.preluByMax(r, slope, scratch)
			}
		}
	}
	k.Label(none)
	q, d := k.GP64(), k.GP64()
	k.MOVQ(k.dc, d)
	for r, row := range acc {
		k.MOVQ(d, q)
		for o, rs := range row {
			for i, v := range rs {
				k.store(v, Mem{Base: q, Disp: i * k.bytes()}, at(i), scratch)
			}
			if o < k.oc-1 {
				k.ADDQ(k.ds, q)
			}
		}
		if r < len(acc)-1 {
			k.ADDQ(k.dp, d)
		}
	}
}
