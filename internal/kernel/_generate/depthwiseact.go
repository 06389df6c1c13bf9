package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// depthwiseActKernel is the state of depthwiseAct that lives across blocks.
type depthwiseActKernel struct {
	*isa
	labels
	far        bool
	v          int // vectors of a block
	w          []VecVirtual
	slope      VecVirtual // AVX-512; AVX2 takes it from par
	par, pitch GPVirtual
	y          GPVirtual // first row of the strip
	xr, dr     GPVirtual // row above the strip, first row of dst
	x, d, left GPVirtual // column of x and dst, columns to go
	edges      [3]*tail  // of the last vector (left taps: and of the first)
	local      Mem       // AVX2: the masks
}

// depthwiseAct is kernel.DepthwiseAct: as depthwise, over planes without
// padding. Blocks at the left and right edge load under masks; rows above and
// below the plane are left out.
//
// With far, for AVX-512 alone, whose vectors are whole lines, it writes past the
// caches: dst and its planes begin with a line, rows end with one.
func depthwiseAct(s *isa, far bool) {
	name, doc := "depthwiseAct", "is DepthwiseAct; dst and x point to row from."
	if far {
		name, doc = "depthwiseActFar", "is DepthwiseAct for a far dst of whole lines; dst and x point to row from."
	}
	s.begin(name, doc,
		"dst *float32, ds int, x *float32, xs int, par *float32, n, h, from, to, planes int")
	k := &depthwiseActKernel{isa: s, far: far, v: 1}
	if s.wide {
		k.v, k.slope = 4, s.reg()
	} else {
		k.local = AllocLocal(3 * 32)
	}
	k.par, k.pitch = arg("par"), bytesArg("n")
	k.w = s.regs(9)
	k.y, k.xr, k.dr = GP64(), GP64(), GP64()
	k.x, k.d, k.left = GP64(), GP64(), GP64()

	Label("plane")
	for i, r := range k.w {
		VBROADCASTSS(Mem{Base: k.par, Disp: 4 * i}, r)
	}
	if s.wide {
		VBROADCASTSS(Mem{Base: k.par, Disp: 40}, k.slope)
	}
	Load(Param("from"), k.y)
	Load(Param("dst"), k.dr)
	Load(Param("x"), k.xr)
	SUBQ(k.pitch, k.xr)
	for _, h := range []int{8, 4, 2, 1} {
		k.strips(h)
	}
	size := bytesArg("xs")
	ADDQ(size, inMemory("x"))
	size = bytesArg("ds")
	ADDQ(size, inMemory("dst"))
	ADDQ(U32(48), k.par)
	DECQ(inMemory("planes"))
	JNZ(LabelRef("plane"))
	s.end()
}

// strips walks strips of h rows while there are as many.
func (k *depthwiseActKernel) strips(h int) {
	at := func(name string) string { return fmt.Sprintf("%s%d", name, h) }
	Label(at("strip"))
	end := GP64()
	LEAQ(Mem{Base: k.y, Disp: h}, end)
	CMPQ(end, inMemory("to"))
	JGT(LabelRef(at("fewer")))
	MOVQ(k.xr, k.x)
	MOVQ(k.dr, k.d)
	Load(Param("n"), k.left)
	JMP(LabelRef(at("edge")))

	Label(at("columns"))
	CMPQ(k.left, U32(uint32(k.v*k.lanes)))
	JLE(LabelRef(at("edge")))
	k.block(h, k.v, false)
	k.advance(k.v)
	JMP(LabelRef(at("columns")))

	Label(at("edge"))
	for v := k.v; v >= 1; v-- {
		if v > 1 {
			CMPQ(k.left, U32(uint32((v-1)*k.lanes)))
			JLE(LabelRef(at(fmt.Sprintf("narrow%dby", v))))
		}
		k.masks(v)
		k.block(h, v, true)
		k.advance(v)
		JG(LabelRef(at("columns")))
		if v > 1 {
			JMP(LabelRef(at("end")))
			Label(at(fmt.Sprintf("narrow%dby", v)))
		}
	}

	Label(at("end"))
	step := GP64()
	IMUL3Q(Imm(uint64(h)), k.pitch, step)
	ADDQ(step, k.xr)
	ADDQ(step, k.dr)
	ADDQ(Imm(uint64(h)), k.y)
	JMP(LabelRef(at("strip")))
	Label(at("fewer"))
}

func (k *depthwiseActKernel) advance(v int) {
	ADDQ(U32(uint32(v*k.bytes())), k.x)
	ADDQ(U32(uint32(v*k.bytes())), k.d)
	SUBQ(U32(uint32(v*k.lanes)), k.left)
}

// masks makes the masks of an edge block of v vectors: of the first vector's
// left tap, and of the last one's middle and right tap.
func (k *depthwiseActKernel) masks(v int) {
	count, most := GP64(), GP64()
	MOVQ(k.left, count)
	if v > 1 {
		SUBQ(U32(uint32((v-1)*k.lanes)), count)
	}
	MOVQ(U32(uint32(k.lanes+1)), most)
	CMPQ(count, most)
	CMOVQGT(most, count)
	if k.wide {
		k.opmasks(v, count)
		return
	}
	// Windows of the table: n lanes on, n+1 shifted by one, n-1.
	left, window := GP64(), GP64()
	LEAQ(NewDataAddr(Symbol{Name: "edges", Static: true}, 4*(k.lanes+2)), window)
	SHLQ(Imm(2), count)
	SUBQ(count, window)
	m, l := YMM(), YMM()
	VMOVUPS(Mem{Base: window}, m)
	VMOVUPS(m, k.local.Offset(32))
	VMOVUPS(Mem{Base: window, Disp: 4}, l)
	VMOVUPS(l, k.local.Offset(64))
	first := k.next("first")
	CMPQ(k.x, k.xr)
	JNE(LabelRef(first))
	LEAQ(NewDataAddr(Symbol{Name: "edges", Static: true}, 0), left)
	VANDPS(Mem{Base: left}, m, m)
	Label(first)
	VMOVUPS(m, k.local)
}

func (k *depthwiseActKernel) opmasks(v int, count GPVirtual) {
	all, bits, none := GP32(), GP32(), GP32()
	MOVL(I32(-1), all)
	middle, right, left := K(), K(), K()
	BZHIL(count.As32(), all, bits)
	KMOVW(bits, middle)
	if v > 1 {
		MOVL(all, bits)
	}
	MOVL(I32(-2), none)
	CMPQ(k.x, k.xr)
	CMOVLNE(all, none)
	ANDL(none, bits)
	KMOVW(bits, left)
	DECQ(count)
	BZHIL(count.As32(), all, bits)
	KMOVW(bits, right)
	k.edges = [3]*tail{{k: left}, {k: middle}, {k: right}}
}

// load loads the tap in column i of vector b of v.
func (k *depthwiseActKernel) load(p GPVirtual, i, b, v int, edge bool, dst VecVirtual) {
	m := Mem{Base: p, Disp: 4*(i-1) + b*k.bytes()}
	masked := edge && (b == v-1 || b == 0 && i == 0)
	switch {
	case !masked:
		VMOVUPS(m, dst)
	case !k.wide:
		VMOVUPS(k.local.Offset(32*i), dst)
		VMASKMOVPS(m, dst, dst)
	case i == 0 && b > 0: // the last of several: its left taps end where it does, one later
		VMOVUPS_Z(m, k.edges[1].k, dst)
	default:
		VMOVUPS_Z(m, k.edges[i].k, dst)
	}
}

// block computes h rows of v vectors.
func (k *depthwiseActKernel) block(h, v int, edge bool) {
	acc := make([][]VecVirtual, h)
	for r := range acc {
		acc[r] = k.regs(v)
	}
	in, p, q := k.regs(v), GP64(), GP64()
	MOVQ(k.x, p)
	MOVQ(k.d, q)
	for j := range h + 2 {
		if j < h {
			for _, r := range acc[j] {
				VBROADCASTSS(Mem{Base: k.par, Disp: 36}, r)
			}
		}
		skip := k.next("outside")
		switch j {
		case 0:
			TESTQ(k.y, k.y)
			JZ(LabelRef(skip))
		case h + 1:
			end := GP64()
			LEAQ(Mem{Base: k.y, Disp: h}, end)
			CMPQ(end, inMemory("h"))
			JEQ(LabelRef(skip))
		}
		for i := range 3 {
			for b := range v {
				k.load(p, i, b, v, edge, in[b])
			}
			for y := range 3 {
				if r := j - y; r >= 0 && r < h {
					for b := range v {
						VFMADD231PS(in[b], k.w[3*y+i], acc[r][b])
					}
				}
			}
		}
		if j == 0 || j == h+1 {
			Label(skip)
		}
		if j >= 2 {
			for b := range v {
				k.store(acc[j-2][b], Mem{Base: q, Disp: b * k.bytes()}, edge && b == v-1, in[b])
			}
			if j < h+1 {
				ADDQ(k.pitch, q)
			}
		}
		if j < h+1 {
			ADDQ(k.pitch, p)
		}
	}
}

// store applies the PReLU to u and stores it.
func (k *depthwiseActKernel) store(u VecVirtual, m Mem, masked bool, scratch VecVirtual) {
	slope := k.slope
	if !k.wide {
		VBROADCASTSS(Mem{Base: k.par, Disp: 40}, scratch)
		slope = scratch
	}
	k.preluByMax(u, slope, scratch)
	switch {
	case k.far:
		VMOVNTPS(u, m)
	case masked && k.wide:
		VMOVUPS(u, k.edges[1].k, m)
	case masked:
		VMOVUPS(k.local.Offset(32), scratch)
		VMASKMOVPS(u, scratch, m)
	default:
		VMOVUPS(u, m)
	}
}

// edgeTable is one lane off, then nine on, then eight off: windows of eight
// have the first lane off, or the first n lanes on.
func edgeTable() {
	GLOBL("edges", RODATA|NOPTR)
	for i := range 18 {
		v := uint32(0)
		if i >= 1 && i <= 9 {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
}
