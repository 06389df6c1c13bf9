package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// depthwiseActKernel is the state of depthwiseAct that lives across blocks.
type depthwiseActKernel struct {
	*isa
	labels
	streaming  bool
	v          int          // vectors of a block
	w          []VecVirtual // AVX2: the last is in local
	slope      VecVirtual   // AVX-512; AVX2: in local
	par, pitch GPVirtual
	y          GPVirtual // first row of the strip
	xr, dr     GPVirtual // row above the strip, first row of dst
	x, d, left GPVirtual // column of x and dst, columns to go
	edges      [3]*tail  // of the last vector (left taps: and of the first)
	narrowed
	wraps []wrap
	local Mem // AVX2: three masks, slope, the last weight; lanes of the last vector
}

// Where things are in local.
const (
	localSlope  = 3 * 32
	localWeight = 4 * 32
	localCount  = 5 * 32
)

// depthwiseAct is depthwise.ConvAct: as depthwise, but over planes without padding. Blocks
// at the left and right edge load under masks; rows above and below the plane are left
// out.
//
// With streaming its stores bypass the caches. This is for AVX-512 alone, whose vectors
// are whole cache lines: dst and its planes begin with a line, rows end with one.
func depthwiseAct(s *isa, streaming bool) {
	doc, suffix := "is depthwise.ConvAct; dst points to row from, x to the one above if there is one.", ""
	if streaming {
		doc, suffix = "is depthwise.ConvAct with streaming stores of whole lines; pointers as in depthwiseAct.", "Stream"
	}
	s.begin("depthwiseAct", doc+" dstEnd and xEnd floats further on rings end, of dstRing and xRing floats.",
		"dst *float32, ds, dstEnd, dstRing int, x *float32, xs, xEnd, xRing int, params *float32, n, h, from, to, planes int", flag("streaming", streaming, suffix))
	k := &depthwiseActKernel{isa: s, streaming: streaming, v: 2, narrowed: none}
	k.par, k.pitch = s.arg("params"), s.bytesArg("n")
	if s.wide {
		k.v, k.slope, k.w = 4, s.reg(), s.regs(9)
	} else {
		k.local, k.w = s.AllocLocal(localCount+8), s.regs(8)
	}
	k.y, k.xr, k.dr = s.GP64(), s.GP64(), s.GP64()
	k.x, k.d, k.left = s.GP64(), s.GP64(), s.GP64()
	for _, ring := range []string{"dst", "x"} { // to addresses and bytes
		end := s.bytesArg(ring + "End")
		s.ADDQ(s.inMemory(ring), end)
		s.MOVQ(end, s.inMemory(ring+"End"))
		s.SHLQ(Imm(2), s.inMemory(ring+"Ring"))
	}

	s.Label("plane")
	for i, r := range k.w {
		s.VBROADCASTSS(Mem{Base: k.par, Disp: 4 * i}, r)
	}
	if s.wide {
		s.VBROADCASTSS(Mem{Base: k.par, Disp: 40}, k.slope)
	} else {
		r := s.reg()
		s.VBROADCASTSS(Mem{Base: k.par, Disp: 40}, r)
		s.VMOVUPS(r, k.local.Offset(localSlope))
		s.VBROADCASTSS(Mem{Base: k.par, Disp: 32}, r)
		s.VMOVUPS(r, k.local.Offset(localWeight))
	}
	s.Load(s.param("from"), k.y)
	s.Load(s.param("dst"), k.dr)
	s.Load(s.param("x"), k.xr)
	s.TESTQ(k.y, k.y)
	s.JNZ(LabelRef("above"))
	s.SUBQ(k.pitch, k.xr)
	s.Label("above")
	for _, h := range []int{8, 4, 2, 1} {
		k.strips(h)
	}
	for _, plane := range [][2]string{{"ds", "dst"}, {"xs", "x"}} {
		size := s.bytesArg(plane[0])
		s.ADDQ(size, s.inMemory(plane[1]))
		s.ADDQ(size, s.inMemory(plane[1]+"End"))
	}
	s.ADDQ(U32(48), k.par)
	s.DECQ(s.inMemory("planes"))
	s.JNZ(LabelRef("plane"))
	s.end()
	k.outOfLine()
}

// strips walks strips of h rows until fewer than h are left.
func (k *depthwiseActKernel) strips(h int) {
	at := func(name string) string { return fmt.Sprintf("%s%d", name, h) }
	k.Label(at("strip"))
	end := k.GP64()
	k.LEAQ(Mem{Base: k.y, Disp: h}, end)
	k.CMPQ(end, k.inMemory("to"))
	k.JGT(LabelRef(at("fewer")))
	k.MOVQ(k.xr, k.x)
	k.MOVQ(k.dr, k.d)
	k.Load(k.param("n"), k.left)
	k.JMP(LabelRef(at("edge")))

	k.Label(at("columns"))
	k.CMPQ(k.left, U32(uint32(k.v*k.lanes)))
	k.JLE(LabelRef(at("edge")))
	k.block(h, k.v, false)
	k.advance(k.v)
	k.JMP(LabelRef(at("columns")))

	k.Label(at("edge"))
	for v := k.v; v >= 1; v-- {
		if v > 1 {
			k.CMPQ(k.left, U32(uint32((v-1)*k.lanes)))
			k.JLE(LabelRef(at(fmt.Sprintf("narrow%dby", v))))
		}
		if k.wide && !k.streaming {
			// Half a register for the last vector where that holds what is left.
			wide := at(fmt.Sprintf("wide%dby", v))
			k.CMPQ(k.left, Imm(uint64((v-1)*k.lanes+k.lanes/2)))
			k.JG(LabelRef(wide))
			k.masks(v)
			k.narrowed = narrowed(v - 1)
			k.block(h, v, true)
			k.narrowed = none
			k.JMP(LabelRef(at("end")))
			k.Label(wide)
		}
		k.masks(v)
		k.block(h, v, true)
		k.advance(v)
		k.JG(LabelRef(at("columns")))
		if v > 1 {
			k.JMP(LabelRef(at("end")))
			k.Label(at(fmt.Sprintf("narrow%dby", v)))
		}
	}

	k.Label(at("end"))
	step := k.GP64()
	k.IMUL3Q(Imm(uint64(h)), k.pitch, step)
	k.down(k.xr, step, "x")
	k.down(k.dr, step, "dst")
	k.ADDQ(Imm(uint64(h)), k.y)
	k.JMP(LabelRef(at("strip")))
	k.Label(at("fewer"))
}

// down moves p down by step bytes, some rows. In a ring, of dst or x, it goes back to the
// beginning where the ring ends.
func (k *depthwiseActKernel) down(p, step GPVirtual, ring string) {
	w := wrap{p, ring, k.next("wrap"), k.next("inside")}
	k.ADDQ(step, p)
	k.CMPQ(p, k.inMemory(ring+"End"))
	k.JCC(LabelRef(w.begin))
	k.Label(w.back)
	k.wraps = append(k.wraps, w)
}

// wrap is the code that takes p from the end of a ring to its beginning. It runs rarely
// and so lies after the function's end.
type wrap struct {
	p           GPVirtual
	ring        string
	begin, back string
}

// outOfLine writes the wraps.
func (k *depthwiseActKernel) outOfLine() {
	for _, w := range k.wraps {
		k.Label(w.begin)
		k.SUBQ(k.inMemory(w.ring+"Ring"), w.p)
		k.JMP(LabelRef(w.back))
	}
}

func (k *depthwiseActKernel) advance(v int) {
	k.ADDQ(U32(uint32(v*k.bytes())), k.x)
	k.ADDQ(U32(uint32(v*k.bytes())), k.d)
	k.SUBQ(U32(uint32(v*k.lanes)), k.left)
}

// masks makes the masks of an edge block of v vectors: one for the left tap of the first
// vector, two for the middle and the right tap of the last.
func (k *depthwiseActKernel) masks(v int) {
	count, most := k.GP64(), k.GP64()
	k.MOVQ(k.left, count)
	if v > 1 {
		k.SUBQ(U32(uint32((v-1)*k.lanes)), count)
	}
	k.MOVQ(U32(uint32(k.lanes+1)), most)
	k.CMPQ(count, most)
	k.CMOVQGT(most, count)
	if k.wide {
		k.opmasks(v, count)
		return
	}
	// Windows of the table: n lanes on, n+1 shifted by one, n-1.
	k.MOVQ(count, k.local.Offset(localCount))
	left, window := k.GP64(), k.GP64()
	k.LEAQ(k.edgeTable().Offset(4*(k.lanes+2)), window)
	k.SHLQ(Imm(2), count)
	k.SUBQ(count, window)
	m, l := k.YMM(), k.YMM()
	k.VMOVUPS(Mem{Base: window}, m)
	k.VMOVUPS(m, k.local.Offset(32))
	k.VMOVUPS(Mem{Base: window, Disp: 4}, l)
	k.VMOVUPS(l, k.local.Offset(64))
	if v > 1 {
		k.VPCMPEQD(m, m, m)
	}
	first := k.next("first")
	k.CMPQ(k.x, k.xr)
	k.JNE(LabelRef(first))
	k.LEAQ(k.edgeTable(), left)
	k.VANDPS(Mem{Base: left}, m, m)
	k.Label(first)
	k.VMOVUPS(m, k.local)
}

func (k *depthwiseActKernel) opmasks(v int, count GPVirtual) {
	all, bits, none := k.GP32(), k.GP32(), k.GP32()
	k.MOVL(I32(-1), all)
	middle, right, left := k.K(), k.K(), k.K()
	k.BZHIL(count.As32(), all, bits)
	k.KMOVW(bits, middle)
	if v > 1 {
		k.MOVL(all, bits)
	}
	k.MOVL(I32(-2), none)
	k.CMPQ(k.x, k.xr)
	k.CMOVLNE(all, none)
	k.ANDL(none, bits)
	k.KMOVW(bits, left)
	k.DECQ(count)
	k.BZHIL(count.As32(), all, bits)
	k.KMOVW(bits, right)
	k.edges = [3]*tail{{k: left}, {k: middle}, {k: right}}
}

// load loads the tap in column i of vector b of v.
func (k *depthwiseActKernel) load(p GPVirtual, i, b, v int, edge bool, dst VecVirtual) {
	m, mask := Mem{Base: p, Disp: 4*(i-1) + b*k.bytes()}, i
	if i == 0 && b > 0 {
		mask = 1 // the last of several: its left taps end where it does, one later
	}
	dst = k.as(b, dst)
	switch {
	case !edge || b < v-1 && (b > 0 || i > 0):
		k.VMOVUPS(m, dst)
	case k.wide:
		k.VMOVUPS_Z(m, k.edges[mask].k, dst)
	default:
		k.VMOVUPS(k.local.Offset(32*mask), dst)
		k.VMASKMOVPS(m, dst, dst)
	}
}

// block computes h rows of v vectors.
func (k *depthwiseActKernel) block(h, v int, edge bool) {
	acc := make([][]VecVirtual, h)
	for r := range acc {
		acc[r] = k.regs(v)
	}
	in, p, q := k.regs(v), k.GP64(), k.GP64()
	k.MOVQ(k.x, p)
	k.MOVQ(k.d, q)
	for j := range h + 2 {
		if j < h {
			for _, r := range acc[j] {
				k.VBROADCASTSS(Mem{Base: k.par, Disp: 36}, r)
			}
		}
		skip := k.next("outside")
		switch j {
		case 0:
			k.TESTQ(k.y, k.y)
			k.JZ(LabelRef(skip))
		case h + 1:
			end := k.GP64()
			k.LEAQ(Mem{Base: k.y, Disp: h}, end)
			k.CMPQ(end, k.inMemory("h"))
			k.JEQ(LabelRef(skip))
		}
		for i := range 3 {
			for b := range v {
				k.load(p, i, b, v, edge, in[b])
			}
			for y := range 3 {
				if r := j - y; r >= 0 && r < h {
					for b := range v {
						if t := 3*y + i; t < len(k.w) {
							k.VFMADD231PS(k.as(b, in[b]), k.as(b, k.w[t]), k.as(b, acc[r][b]))
						} else {
							k.VFMADD231PS(k.local.Offset(localWeight), in[b], acc[r][b])
						}
					}
				}
			}
		}
		if j == 0 || j == h+1 {
			k.Label(skip)
		}
		if j >= 2 {
			for b := range v {
				k.store(b, acc[j-2][b], Mem{Base: q, Disp: b * k.bytes()}, edge && b == v-1, in[b])
			}
			if j < h+1 {
				k.down(q, k.pitch, "dst")
			}
		}
		if j < h+1 {
			k.down(p, k.pitch, "x")
		}
	}
}

// store applies the PReLU to u, vector b, and stores it.
func (k *depthwiseActKernel) store(b int, u VecVirtual, m Mem, masked bool, scratch VecVirtual) {
	u, scratch = k.as(b, u), k.as(b, scratch)
	if k.wide {
		k.preluByMax(u, k.as(b, k.slope), scratch)
	} else {
		k.VMULPS(k.local.Offset(localSlope), u, scratch)
		k.VMAXPS(u, scratch, u)
	}
	switch {
	case k.streaming:
		k.VMOVNTPS(u, m)
	case masked && k.wide:
		k.VMOVUPS(u, k.edges[1].k, m)
	case masked:
		k.cut(u, m, k.local.Offset(localCount), func() {
			k.VMOVUPS(k.local.Offset(32), scratch)
			k.VMASKMOVPS(u, scratch, m)
		})
	default:
		k.VMOVUPS(u, m)
	}
}

// edgeTable holds a lane that is off, nine that are on and eight that are off. A window
// of eight lanes in it has the first lane off, or only the first n on.
func (s *isa) edgeTable() Mem {
	return s.table("edges", func(put func(Constant)) {
		for i := range 18 {
			v := uint32(0)
			if i >= 1 && i <= 9 {
				v = 0xffffffff
			}
			put(U32(v))
		}
	})
}
