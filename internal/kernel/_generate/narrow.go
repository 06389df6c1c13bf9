package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// narrowing stores vectors of float32 in an encoding.
type narrowing struct {
	encoding encoding
	stream   bool // by streaming stores, to addresses that are multiples of a whole store
	// Constants for bfloat16s: the last place that is kept, half of it, a little less than
	// that, and 1.
	place, half, less, one Op
}

func (s *isa) narrowing(f encoding, stream bool) *narrowing {
	w := &narrowing{encoding: f, stream: stream}
	if f == bfloat16s && !s.native {
		w.place, w.half, w.less, w.one = s.words(1<<16), s.words(1<<15), s.words(1<<15-1), s.words(0x3f800000)
	}
	return w
}

// words returns a vector with v in all lanes: a register or, of AVX2, which has few, memory.
func (s *isa) words(v uint32) Op {
	if !s.wide {
		return s.table(fmt.Sprintf("words%08x", v), func(put func(Constant)) {
			for range s.lanes {
				put(U32(v))
			}
		})
	}
	r, x, g := s.reg(), s.XMM(), s.GP32()
	s.MOVL(U32(v), g)
	s.VMOVD(g, x)
	s.VPBROADCASTD(x, r)
	return r
}

// half is the register of half the width.
func (s *isa) half() VecVirtual {
	if s.wide {
		return s.YMM()
	}
	return s.XMM()
}

// rounded returns u as bfloat16s in the lower halves of its lanes: half a unit of the last
// place is added, where that place is even a little less. The product with 1 is 0 of a
// denormal and a quiet NaN of a NaN; nothing is added to those, which it could turn into
// anything.
func (w *narrowing) rounded(s *isa, u VecVirtual) VecVirtual {
	q, t := s.reg(), s.reg()
	s.VMULPS(w.one, u, q)
	if s.wide {
		odd, nan := s.K(), s.K()
		s.VPTESTMD(w.place, q, odd)
		s.VPADDD(w.less, q, t)
		s.VPADDD(w.half, q, odd, t)
		s.VCMPPS(Imm(unordered), q, q, nan)
		s.VMOVAPS(q, nan, t)
	} else {
		nan := s.reg()
		s.VPAND(w.place, q, t)
		s.VPSRLD(Imm(16), t, t)
		s.VPADDD(w.less, t, t)
		s.VPADDD(q, t, t)
		s.VCMPPS(Imm(unordered), q, q, nan)
		s.VBLENDVPS(nan, q, t, t)
	}
	s.VPSRLD(Imm(16), t, t)
	return t
}

// unordered is the VCMPPS predicate that is true for NaN, quiet.
const unordered = 3

// packed returns u as halves in a register of half the width.
func (w *narrowing) packed(s *isa, u VecVirtual) VecVirtual {
	h := s.half()
	switch {
	case w.encoding == float16s:
		s.VCVTPS2PH(Imm(nearestEven), u, h)
	case s.native:
		r := s.reg()
		s.roundBoth(u, u, r)
		return r.AsY().(VecVirtual)
	case s.wide:
		s.VPMOVDW(w.rounded(s, u), h)
	default:
		t := w.rounded(s, u)
		s.VEXTRACTI128(Imm(1), t, h)
		s.VPACKUSDW(h, t.AsX(), h)
	}
	return h
}

// nearestEven is the rounding that VCVTPS2PH is told, whatever MXCSR says.
const nearestEven = 0

// store stores us, vectors that follow each other, from a on at the offset disp, of float32s:
// of one vector the lanes of t.
func (w *narrowing) store(s *isa, us []VecVirtual, a array, disp int, t *tail) {
	at := func(i int) Mem {
		return Mem{Base: a.at, Disp: (disp + i*s.bytes()) * w.encoding.bytes() / float32s.bytes()}
	}
	if t != nil {
		w.storeTail(s, us[0], at(0), t)
		return
	}
	for i, u := range us {
		switch {
		case w.encoding == float32s && w.stream:
			s.VMOVNTPS(u, at(i))
		case w.encoding == float32s:
			s.VMOVUPS(u, at(i))
		case w.encoding == bfloat16s && s.native && i+1 < len(us):
			if i%2 == 0 {
				w.storeBoth(s, u, us[i+1], at(i))
			}
		case w.encoding == bfloat16s && s.native && i%2 == 1: // stored with the one before
		case w.stream:
			s.VMOVNTDQ(w.packed(s, u), at(i))
		case w.encoding == float16s:
			s.VCVTPS2PH(Imm(nearestEven), u, at(i))
		default:
			s.VMOVUPS(w.packed(s, u), at(i))
		}
	}
}

// storeBoth stores two vectors as bfloat16s.
func (w *narrowing) storeBoth(s *isa, lo, hi VecVirtual, m Mem) {
	r := s.reg()
	s.roundBoth(lo, hi, r)
	if !w.stream {
		s.VMOVDQU32(r, m)
		return
	}
	h := s.half()
	s.VMOVNTDQ(r.AsY(), m)
	s.VEXTRACTI64X4(Imm(1), r, h)
	s.VMOVNTDQ(h, m.Offset(s.bytes()/2))
}

// storeTail stores the lanes of t.
func (w *narrowing) storeTail(s *isa, u VecVirtual, m Mem, t *tail) {
	switch {
	case w.encoding == float32s:
		s.store(u, m, t, s.reg())
	case s.wide && w.encoding == float16s:
		s.VCVTPS2PH(Imm(nearestEven), u, t.k, m)
	case s.native:
		r := s.reg()
		s.VPMOVZXWD(w.packed(s, u), r)
		s.VPMOVDW(r, t.k, m)
	case s.wide:
		s.VPMOVDW(w.rounded(s, u), t.k, m)
	default:
		buf := s.AllocLocal(16)
		s.VMOVDQU(w.packed(s, u), buf)
		s.copyHalves(buf, m, t.n)
	}
}

// narrow converts to encoding f.
func narrow(s *isa, f encoding) {
	s.begin("store"+string(f), "is half.Store"+string(f)+" for n floats.", "dst *uint16, x *float32, n int", s.keysOf(f)...)
	w := s.narrowing(f, false)
	s.narrowed(w, array{s.arg("dst"), f}, array{s.arg("x"), float32s})
	s.end()
}

// keysOf are the keys of kernels that store encoding f.
func (s *isa) keysOf(f encoding) []key {
	if f == bfloat16s {
		return []key{s.nativeKey()}
	}
	return nil
}

// narrowed stores x in dst.
func (s *isa) narrowed(w *narrowing, dst, x array) {
	s.walkBlocks([]array{dst, x}, func(is []int, mask *tail) {
		us := s.regs(len(is))
		for i, u := range us {
			s.load(Mem{Base: x.at, Disp: i * s.bytes()}, u, mask)
		}
		w.store(s, us, dst, 0, mask)
	})
}

// narrowStream is narrow with streaming stores: plain ones up to the first address of dst
// that is a multiple of a vector's halves, as in stream.
func narrowStream(s *isa, f encoding) {
	s.begin("stream"+string(f), "is half.Stream"+string(f)+" for n floats.", "dst *uint16, x *float32, n int", s.keysOf(f)...)
	dst, x, n, head, w := s.arg("dst"), s.arg("x"), s.arg("n"), s.GP64(), s.narrowing(f, true)
	s.MOVQ(dst, head)
	s.NEGQ(head)
	s.ANDQ(U32(uint32(s.bytes()/2-1)), head)
	s.SHRQ(Imm(1), head)
	s.CMPQ(head, n)
	s.CMOVQGT(n, head)
	s.TESTQ(head, head)
	s.JZ(LabelRef("lines"))
	first, v := s.tail(head), s.reg()
	s.load(Mem{Base: x}, v, first)
	w.storeTail(s, v, Mem{Base: dst}, first)
	s.LEAQ(Mem{Base: x, Index: head, Scale: 4}, x)
	s.LEAQ(Mem{Base: dst, Index: head, Scale: 2}, dst)
	s.SUBQ(head, n)
	s.Label("lines")
	s.Store(n, s.param("n"))
	s.narrowed(w, array{dst, f}, array{x, float32s})
	s.end()
}
