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
	case s.native && !masked:
		s.VBROADCASTI64X4(m, dst)
		s.VPERMB_Z(dst, s.spread.index, s.spread.upper, dst)
		return
	case masked:
		s.VPMOVZXWD_Z(m, t.k, dst)
	default:
		s.VPMOVZXWD(m, dst)
	}
	if a.encoding == bfloat16s {
		s.VPSLLD(Imm(16), dst, dst)
	}
}

// spread is how a VPERMB makes bfloat16s float32s: it moves each into the upper half of its
// lane, and what it does not write becomes 0.
type spread struct {
	index VecVirtual    // of the bytes
	upper OpmaskVirtual // the bytes of the upper halves
}

// spreading readies s.spread.
func (s *isa) spreading() {
	s.spread = spread{s.reg(), s.K()}
	s.VMOVDQU32(s.table("spread", func(put func(Constant)) {
		for i := range uint32(s.lanes) {
			put(U32(2*i<<16 | (2*i+1)<<24))
		}
	}), s.spread.index)
	bits := s.GP64()
	s.MOVQ(U64(0xcccccccccccccccc), bits)
	s.KMOVQ(bits, s.spread.upper)
}

// nativeKey is the key of kernels on bfloat16s. The native ones, of AVX-512 alone, have the
// processor's own instructions for them.
func (s *isa) nativeKey() key {
	return flag("native", s.native, map[bool]string{true: "Native"}[s.native])
}

// eachNative builds kernels on bfloat16s without and, with AVX-512, with the native
// instructions.
func (s *isa) eachNative(build func()) {
	build()
	if s.wide {
		s.native = true
		build()
		s.native = false
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
