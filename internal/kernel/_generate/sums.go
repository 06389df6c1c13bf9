package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// total adds up the accumulators and stores their sum at m.
func (s *isa) total(acc []VecVirtual, m Mem) {
	for n := len(acc) / 2; n > 0; n /= 2 {
		for i := range n {
			s.VADDPS(acc[i+n], acc[i], acc[i])
		}
	}
	s.VMOVSS(s.reduce(acc[0]), m)
}

func sum(s *isa) {
	s.begin("sum", "stores the sum of n floats in out.", "x *float32, n int, out *float32")
	x, acc, v := s.arg("x"), s.zeros(unroll), s.reg()
	s.walk([]GPVirtual{x}, func(i, disp int, mask *tail) {
		s.load(Mem{Base: x, Disp: disp}, v, mask)
		s.VADDPS(v, acc[i], acc[i])
	})
	s.total(acc, Mem{Base: s.arg("out")})
	s.end()
}

// moments masks the deviation and not x, because lanes beyond the end, which are loaded
// as 0, would add the shift.
func moments(s *isa) {
	s.begin("moments", "stores the sums of x[i]-shift and of its square over n floats in out.", "x *float32, n int, shift float32, out *float32")
	s.momentsOf(nil, array{})
	s.end()
}

// momentsStore is moments that also stores x.
func momentsStore(s *isa, f encoding, stream bool) {
	s.begin("momentsStore", "is "+f.home()+".MomentsStore for n floats; the sums go to out.",
		"dst *"+f.element()+", x *float32, n int, shift float32, out *float32", streamKey(stream))
	w := s.narrowing(f, stream)
	s.momentsOf(w, array{s.arg("dst"), f})
	s.end()
}

// streamKey is the key of kernels whose stores may be streaming ones.
func streamKey(on bool) key {
	return flag("stream", on, map[bool]string{true: "Stream"}[on])
}

// momentsOf takes the moments and, unless w is nil, stores x in dst.
func (s *isa) momentsOf(w *narrowing, dst array) {
	x, sums, squares, shift := s.arg("x"), s.zeros(unroll), s.zeros(unroll), s.broadcast("shift")
	arrays := []array{{x, float32s}}
	if w != nil {
		arrays = append(arrays, dst)
	}
	s.walkBlocks(arrays, func(is []int, mask *tail) {
		for from := 0; from < len(is); from += 2 {
			part := is[from:min(from+2, len(is))]
			vs := s.regs(len(part))
			for k, v := range vs {
				s.load(Mem{Base: x, Disp: (from + k) * s.bytes()}, v, mask)
			}
			if w != nil {
				w.store(s, vs, dst, from*s.bytes(), mask)
			}
			for k, v := range vs {
				s.VSUBPS(shift, v, v)
				s.keep(v, mask)
				s.VADDPS(v, sums[part[k]], sums[part[k]])
				s.VFMADD231PS(v, v, squares[part[k]])
			}
		}
	})
	out := s.arg("out")
	s.total(sums, Mem{Base: out})
	s.total(squares, Mem{Base: out, Disp: 4})
}

// actSums reads maps of encoding f.
func actSums(s *isa, f encoding) {
	s.begin("actSums", "is "+f.home()+".ActSums for n floats; the four sums go to out.",
		f.after("d *float32", "z")+", n int, a, b, slope, mean float32, out *float32")
	s.actSumsOf(f, [4]VecVirtual{s.broadcast("a"), s.broadcast("b"), s.broadcast("slope"), s.broadcast("mean")}, nil, array{})
	s.end()
}

// actSumsStore is actSums that also stores d, in encoding fd.
func actSumsStore(s *isa, f, fd encoding, stream bool) {
	s.begin("actSumsStore", "is "+f.home()+".ActSumsStore for n floats; factors are a, b, slope and mean, the four sums go to out.",
		"dst *"+fd.element()+", d *float32, z *"+f.element()+", n int, factors, out *float32",
		append([]key{streamKey(stream)}, s.keysOf(fd)...)...)
	at, factors := s.arg("factors"), [4]VecVirtual(s.regs(4))
	for i, r := range factors {
		s.VBROADCASTSS(Mem{Base: at, Disp: 4 * i}, r)
	}
	s.actSumsOf(f, factors, s.narrowing(fd, stream), array{s.arg("dst"), fd})
	s.end()
}

// sumsOf are the sums of a norm's gradient: their factors and accumulators.
type sumsOf struct {
	a, b, slope, mean, zero VecVirtual
	acc                     [4][]VecVirtual // each side by side in as many as apart says
	apart                   int
}

// actSumsOf takes the sums and, unless w is nil, stores d in dst. It loads z = 0 and d = 0
// beyond the end of a row. There u is b, not 0, so what is not multiplied by e = 0 is masked.
// e is masked too, because an infinite slope would make it NaN.
func (s *isa) actSumsOf(f encoding, factors [4]VecVirtual, w *narrowing, dst array) {
	d, z := s.arg("d"), s.arg("z")
	sums := sumsOf{a: factors[0], b: factors[1], slope: factors[2], mean: factors[3], zero: s.zeros(1)[0], apart: 1}
	if s.wide {
		sums.apart = 2
	}
	for i := range sums.acc {
		sums.acc[i] = s.zeros(sums.apart)
	}
	arrays, together := []array{{d, float32s}, {z, f}}, 1
	if w != nil {
		arrays, together = append(arrays, dst), sums.apart
	}
	s.walkBlocks(arrays, func(is []int, mask *tail) {
		for from := 0; from < len(is); from += together {
			part := is[from:min(from+together, len(is))]
			es := s.regs(len(part))
			for k, e := range es {
				s.load(Mem{Base: d, Disp: (from + k) * s.bytes()}, e, mask)
			}
			if w != nil {
				w.store(s, es, dst, from*s.bytes(), mask)
			}
			for k, e := range es {
				v := s.reg()
				s.loadFrom(array{z, f}, (from+k)*s.bytes(), v, mask)
				sums.add(s, e, v, part[k]%sums.apart, mask)
			}
		}
	})
	out := s.arg("out")
	for i, acc := range sums.acc {
		s.total(acc, Mem{Base: out, Disp: 4 * i})
	}
}

// add adds to the accumulators number i what gradients e and values v give, and destroys them.
func (t *sumsOf) add(s *isa, e, v VecVirtual, i int, mask *tail) {
	u := s.reg()
	s.VMOVAPS(t.b, u)
	s.VFMADD231PS(v, t.a, u)
	s.VSUBPS(t.mean, v, v)
	if s.wide {
		k := s.K()
		s.VCMPPS(Imm(notAbove), t.zero, u, k)
		if mask != nil {
			s.KANDW(mask.k, k, k)
		}
		s.VFMADD231PS(e, u, k, t.acc[2][i])
		s.VMULPS(t.slope, e, k, e)
		s.VMULPS(t.slope, u, k, u)
	} else {
		m, x := s.reg(), s.reg()
		s.VCMPPS(Imm(notAbove), t.zero, u, m)
		s.keep(m, mask)
		s.VMULPS(e, u, x)
		s.VANDPS(m, x, x)
		s.VADDPS(x, t.acc[2][i], t.acc[2][i])
		s.VMULPS(t.slope, e, x)
		s.VBLENDVPS(m, x, e, e)
		s.VMULPS(t.slope, u, x)
		s.VBLENDVPS(m, x, u, u)
	}
	s.keep(v, mask)
	s.keep(u, mask)
	s.VADDPS(e, t.acc[0][i], t.acc[0][i])
	s.VFMADD231PS(e, v, t.acc[1][i])
	s.VADDPS(u, t.acc[3][i], t.acc[3][i])
}
