package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// encoding is how a number lies in memory. Arithmetic is in float32 whatever it is: the
// other formats are converted as they are loaded and stored, to nearest, ties to even, and
// with the bits of kernel.ToFloat16 and kernel.ToBFloat16.
type encoding string

const (
	float32s  encoding = "float32"
	float16s  encoding = "Float16"
	bfloat16s encoding = "BFloat16"
)

// shift is the logarithm of the size.
func (f encoding) shift() uint64 {
	if f == float32s {
		return 2
	}
	return 1
}

// bytes is the size.
func (f encoding) bytes() int { return 1 << f.shift() }

// element is the type of a value in Go.
func (f encoding) element() string {
	if f == float32s {
		return "float32"
	}
	return "uint16"
}

// home is the package of the kernels that read the encoding.
func (f encoding) home() string {
	if f == float32s {
		return "pointwise"
	}
	return "half"
}

// after declares the parameter name, a pointer to values of the encoding, after another
// declaration.
func (f encoding) after(declared, name string) string {
	if f == float32s {
		return strings.TrimSuffix(declared, " *float32") + ", " + name + " *float32"
	}
	return declared + ", " + name + " *" + f.element()
}

// array is a pointer to values of a encoding.
type array struct {
	at       GPVirtual
	encoding encoding
}

// loadFrom is load from an array at the offset disp, of float32s.
func (s *isa) loadFrom(a array, disp int, dst VecVirtual, t *tail) {
	m := Mem{Base: a.at, Disp: disp * a.encoding.bytes() / float32s.bytes()}
	if a.encoding == float32s {
		s.load(m, dst, t)
		return
	}
	masked := t != nil && s.wide
	if t != nil && !s.wide {
		buf := s.halvesBuffer()
		s.copyHalves(m, buf, t.n)
		m = buf
	}
	switch {
	case a.encoding == float16s && masked:
		s.VCVTPH2PS_Z(m, t.k, dst)
	case a.encoding == float16s:
		s.VCVTPH2PS(m, dst)
	case masked:
		s.VPMOVZXWD_Z(m, t.k, dst)
	default:
		s.VPMOVZXWD(m, dst)
	}
	if a.encoding == bfloat16s {
		s.VPSLLD(Imm(16), dst, dst)
	}
}

// halvesBuffer returns zeros on the stack, as many as AVX2's registers hold halves.
func (s *isa) halvesBuffer() Mem {
	buf, zero := s.AllocLocal(16), s.XMM()
	s.VPXOR(zero, zero, zero)
	s.VMOVDQU(zero, buf)
	return buf
}

// copyHalves copies n halves, at least 1, one by one.
func (s *isa) copyHalves(from, to Mem, n GPVirtual) {
	s.cuts++
	loop := fmt.Sprintf("half%d", s.cuts)
	i, v := s.GP64(), s.GP32()
	s.MOVQ(n, i)
	s.Label(loop)
	s.MOVWLZX(from.Offset(-2).Idx(i, 2), v)
	s.MOVW(v.As16(), to.Offset(-2).Idx(i, 2))
	s.DECQ(i)
	s.JNZ(LabelRef(loop))
}

// narrowing converts vectors of float32 to a encoding of halves.
type narrowing struct {
	encoding encoding
	// Constants for bfloat16s: the last place that is kept, half of it, a little less than
	// that, and the bit that makes a NaN quiet.
	place, half, less, quiet VecVirtual
}

func (s *isa) narrowing(f encoding) *narrowing {
	w := &narrowing{encoding: f}
	if f == bfloat16s {
		w.place, w.half, w.less, w.quiet = s.word(1<<16), s.word(1<<15), s.word(1<<15-1), s.word(1<<22)
	}
	return w
}

// word returns a register with v in all lanes.
func (s *isa) word(v uint32) VecVirtual {
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
// place is added, where that place is even a little less. NaNs, which this could turn into
// anything, are made quiet instead.
func (w *narrowing) rounded(s *isa, u VecVirtual) VecVirtual {
	t := s.reg()
	if s.wide {
		odd, nan := s.K(), s.K()
		s.VPTESTMD(w.place, u, odd)
		s.VPADDD(w.less, u, t)
		s.VPADDD(w.half, u, odd, t)
		s.VCMPPS(Imm(unordered), u, u, nan)
		s.VPORD(w.quiet, u, nan, t)
	} else {
		nan, quiet := s.reg(), s.reg()
		s.VPAND(w.place, u, t)
		s.VPSRLD(Imm(16), t, t)
		s.VPADDD(w.less, t, t)
		s.VPADDD(u, t, t)
		s.VCMPPS(Imm(unordered), u, u, nan)
		s.VPOR(w.quiet, u, quiet)
		s.VBLENDVPS(nan, quiet, t, t)
	}
	s.VPSRLD(Imm(16), t, t)
	return t
}

// unordered is the VCMPPS predicate that is true for NaN, quiet.
const unordered = 3

// packed returns u as halves in a register of half the width.
func (w *narrowing) packed(s *isa, u VecVirtual) VecVirtual {
	h := s.half()
	if w.encoding == float16s {
		s.VCVTPS2PH(Imm(nearestEven), u, h)
		return h
	}
	t := w.rounded(s, u)
	if s.wide {
		s.VPMOVDW(t, h)
		return h
	}
	s.VEXTRACTI128(Imm(1), t, h)
	s.VPACKUSDW(h, t.AsX(), h)
	return h
}

// nearestEven is the rounding that VCVTPS2PH is told, whatever MXCSR says.
const nearestEven = 0

// store stores u at m as halves, the lanes of t.
func (w *narrowing) store(s *isa, u VecVirtual, m Mem, t *tail) {
	switch {
	case t == nil:
		s.VMOVDQU(w.packed(s, u), m)
	case s.wide && w.encoding == float16s:
		s.VCVTPS2PH(Imm(nearestEven), u, t.k, m)
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
	s.begin("store"+string(f), "is half.Store"+string(f)+" for n floats.", "dst *uint16, x *float32, n int")
	dst, x, w := s.arg("dst"), s.arg("x"), s.narrowing(f)
	s.walkArrays([]array{{dst, f}, {x, float32s}}, func(_, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
		w.store(s, u, Mem{Base: dst, Disp: disp / 2}, mask)
	})
	s.end()
}

// narrowStream is narrow with streaming stores: plain ones up to the first address of dst
// that is a multiple of a vector's halves, as in stream.
func narrowStream(s *isa, f encoding) {
	s.begin("stream"+string(f), "is half.Stream"+string(f)+" for n floats.", "dst *uint16, x *float32, n int")
	dst, x, n, head, w := s.arg("dst"), s.arg("x"), s.arg("n"), s.GP64(), s.narrowing(f)
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
	w.store(s, v, Mem{Base: dst}, first)
	s.LEAQ(Mem{Base: x, Index: head, Scale: 4}, x)
	s.LEAQ(Mem{Base: dst, Index: head, Scale: 2}, dst)
	s.SUBQ(head, n)
	s.Label("lines")
	s.Store(n, s.param("n"))
	s.walkArrays([]array{{dst, f}, {x, float32s}}, func(_, disp int, mask *tail) {
		u := s.reg()
		s.load(Mem{Base: x, Disp: disp}, u, mask)
		if mask != nil {
			w.store(s, u, Mem{Base: dst, Disp: disp / 2}, mask)
			return
		}
		s.VMOVNTDQ(w.packed(s, u), Mem{Base: dst, Disp: disp / 2})
	})
	s.end()
}
