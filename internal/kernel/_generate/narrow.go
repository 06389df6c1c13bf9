package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// narrowing stores vectors of float32 in an encoding.
type narrowing struct {
	encoding encoding
	stream   bool // by streaming stores of whole lines (AVX-512), to memory that begins one
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
// denormal and a quiet NaN of a NaN, to which nothing is added: that could make it anything.
func (w *narrowing) rounded(s *isa, u VecVirtual) VecVirtual {
	q, t := s.reg(), s.reg()
	s.VMULPS(w.one, u, q)
	if s.wide {
		number, odd := s.K(), s.K()
		s.VCMPPS(Imm(ordered), q, q, number)
		s.VPTESTMD(w.place, q, number, odd)
		s.VMOVAPS(q, t)
		s.VPADDD(w.less, q, number, t)
		s.VPADDD(w.half, q, odd, t)
	} else {
		number := s.reg()
		s.VCMPPS(Imm(ordered), q, q, number)
		s.VPAND(w.place, q, t)
		s.VPSRLD(Imm(16), t, t)
		s.VPADDD(w.less, t, t)
		s.VPAND(number, t, t)
		s.VPADDD(q, t, t)
	}
	s.VPSRLD(Imm(16), t, t)
	return t
}

// ordered is the VCMPPS predicate that is false for NaN, quiet.
const ordered = 7

// packed returns u as halves in a register of half the width.
func (w *narrowing) packed(s *isa, u VecVirtual) VecVirtual {
	h := s.half()
	switch {
	case w.encoding == float16s:
		s.VCVTPS2PH(Imm(nearestEven), u, h)
	case s.native:
		r := s.reg()
		s.roundBoth(u, u, r)
		return r.AsY().(VecVirtual) // lower half
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
	switch {
	case t != nil:
		w.storeTail(s, us[0], at(0), t)
	case s.wide && w.encoding != float32s && (w.stream || s.native):
		for i := 0; i+1 < len(us); i += 2 {
			w.storeBoth(s, us[i], us[i+1], at(i))
		}
		if i := len(us) - 1; i%2 == 0 {
			s.VMOVUPS(w.packed(s, us[i]), at(i))
		}
	default:
		for i, u := range us {
			w.storeOne(s, u, at(i))
		}
	}
}

// storeOne stores a vector.
func (w *narrowing) storeOne(s *isa, u VecVirtual, m Mem) {
	switch {
	case w.encoding == float32s && w.stream:
		s.VMOVNTPS(u, m)
	case w.encoding == float32s:
		s.VMOVUPS(u, m)
	case w.stream:
		s.VMOVNTDQ(w.packed(s, u), m)
	case w.encoding == float16s:
		s.VCVTPS2PH(Imm(nearestEven), u, m)
	default:
		s.VMOVUPS(w.packed(s, u), m)
	}
}

// storeBoth stores two vectors of AVX-512 as halves: a whole line.
func (w *narrowing) storeBoth(s *isa, lo, hi VecVirtual, m Mem) {
	r := s.reg()
	if w.encoding == bfloat16s && s.native {
		s.roundBoth(lo, hi, r)
	} else {
		s.VINSERTI64X4(Imm(1), w.packed(s, hi), asZ(w.packed(s, lo)), r)
	}
	if w.stream {
		s.VMOVNTDQ(r, m)
	} else {
		s.VMOVUPS(r, m)
	}
}

// asZ is the whole of the register of which r is the lower half.
func asZ(r VecVirtual) VecVirtual { return r.AsZ().(VecVirtual) }

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

// narrowStream is narrow with streaming stores, to memory that begins a line.
func narrowStream(s *isa, f encoding) {
	s.begin("stream"+string(f), "is half.Stream"+string(f)+" for n floats.", "dst *uint16, x *float32, n int", s.keysOf(f)...)
	w := s.narrowing(f, true)
	s.narrowed(w, array{s.arg("dst"), f}, array{s.arg("x"), float32s})
	s.end()
}
