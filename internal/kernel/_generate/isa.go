package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is a vector instruction set: how wide its registers are and how it loads
// and stores less than a whole one.
type isa struct {
	name     string
	lanes    int
	wide     bool // AVX-512: opmasks, 32 registers
	denseMax int  // outputs of the largest dense block
	gradMax  int  // outputs of the largest dense gradient block
	fetches  int  // so far, for labels
	cuts     int  // likewise
	control  Mem  // the caller's MXCSR, in the function at hand
}

func avx2() *isa   { return &isa{name: "AVX2", lanes: 8, denseMax: 6, gradMax: 3} }
func avx512() *isa { return &isa{name: "AVX512", lanes: 16, wide: true, denseMax: 10, gradMax: 6} }

// denseVectors is how many vectors of columns a dense block of oc outputs has:
// as many as the registers hold, at most four.
func (s *isa) denseVectors(oc int) int {
	regs := 16
	if s.wide {
		regs = 32
	}
	return min(4, (regs-1)/(oc+1))
}

func (s *isa) bytes() int { return 4 * s.lanes }

// begin opens a function of the instruction set.
func (s *isa) begin(name, doc, args string) {
	TEXT(name+s.name, NOSPLIT, "func("+args+")")
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
	s.flush()
}

// flush makes denormals 0, operands and results, until end: products of dying
// weights would cost hundreds of cycles each. Nothing preempts assembly, so
// nobody else sees it.
func (s *isa) flush() {
	s.control = AllocLocal(8)
	r := GP32()
	STMXCSR(s.control)
	MOVL(s.control, r)
	ORL(U32(1<<15|1<<6), r)
	MOVL(r, s.control.Offset(4))
	LDMXCSR(s.control.Offset(4))
}

// fetch prefetches, into the second-level cache, as many bytes as v vectors have
// from each of the addresses that these arguments hold, and moves these on; a
// nil address is left alone.
func (s *isa) fetch(v int, params ...string) {
	lines := max(v*s.bytes()/64, 1)
	for _, name := range params {
		s.fetches++
		none, p := fmt.Sprintf("fetched%d", s.fetches), arg(name)
		TESTQ(p, p)
		JZ(LabelRef(none))
		for i := range lines {
			PREFETCHT1(Mem{Base: p, Disp: 64 * i})
		}
		ADDQ(U32(uint32(64*lines)), p)
		MOVQ(p, inMemory(name))
		Label(none)
	}
}

func (s *isa) end() {
	LDMXCSR(s.control)
	VZEROUPPER()
	RET()
}

func (s *isa) reg() VecVirtual {
	if s.wide {
		return ZMM()
	}
	return YMM()
}

func (s *isa) regs(n int) []VecVirtual {
	r := make([]VecVirtual, n)
	for i := range r {
		r[i] = s.reg()
	}
	return r
}

func (s *isa) zero(r VecVirtual) {
	VXORPS(r, r, r)
}

func (s *isa) zeros(n int) []VecVirtual {
	r := s.regs(n)
	for _, v := range r {
		s.zero(v)
	}
	return r
}

// broadcast loads a float32 argument into all lanes.
func (s *isa) broadcast(param string) VecVirtual {
	r := s.reg()
	a, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(a.Addr, r)
	return r
}

// arg loads an argument into a register of its own.
func arg(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// bytesArg is an argument counted in floats, as bytes.
func bytesArg(name string) GPVirtual {
	r := arg(name)
	SHLQ(Imm(2), r)
	return r
}

// inMemory is where an argument lies.
func inMemory(param string) Mem {
	a, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	return a.Addr
}

// labels makes label names that occur once in a function.
type labels int

func (l *labels) next(name string) string {
	*l++
	return fmt.Sprintf("%s%d", name, int(*l))
}

// maskTable is eight lanes on, then eight off: a window of eight that starts
// 8-n lanes in has the first n lanes on.
func maskTable() {
	GLOBL("lanes", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0)
		if i < 8 {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
}

// tail selects the first lanes of a vector: all of them when it is nil. A
// loose one loads all lanes, where what lies beyond may be read but must not
// count: stores and sums still mask.
type tail struct {
	k     OpmaskVirtual // AVX-512
	table GPVirtual     // AVX2: address of the mask,
	n     GPVirtual     // how many lanes
	loose bool
}

func (t *tail) loosely() *tail {
	l := *t
	l.loose = true
	return &l
}

// tail makes the mask of the first n lanes; n is from 1 to lanes.
func (s *isa) tail(n Register) *tail {
	if s.wide {
		t := &tail{k: K()}
		bits := GP32()
		MOVL(I32(-1), bits)
		BZHIL(n.(GPVirtual).As32(), bits, bits)
		KMOVW(bits, t.k)
		return t
	}
	t := &tail{table: GP64(), n: GP64()}
	MOVQ(n, t.n)
	NEGQ(t.n)
	LEAQ(NewDataAddr(Symbol{Name: "lanes", Static: true}, 32), t.table)
	LEAQ(Mem{Base: t.table, Index: t.n, Scale: 4}, t.table)
	NEGQ(t.n)
	return t
}

// load loads the lanes of t; the others become 0 and are not touched.
func (s *isa) load(m Mem, dst VecVirtual, t *tail) {
	switch {
	case t == nil || t.loose:
		VMOVUPS(m, dst)
	case s.wide:
		VMOVUPS_Z(m, t.k, dst)
	default:
		VMOVUPS(Mem{Base: t.table}, dst)
		VMASKMOVPS(m, dst, dst)
	}
}

// store stores the lanes of t. AVX2 needs a scratch register for the mask, but
// does without where it can: some processors take a dozen cycles for a store
// under one.
func (s *isa) store(src VecVirtual, m Mem, t *tail, scratch VecVirtual) {
	switch {
	case t == nil:
		VMOVUPS(src, m)
	case s.wide:
		VMOVUPS(src, t.k, m)
	default:
		s.cut(src, m, t.n, func() {
			VMOVUPS(Mem{Base: t.table}, scratch)
			VMASKMOVPS(src, scratch, m)
		})
	}
}

// cut stores, for AVX2, all lanes if n is 8 or more, the first four if it is 4,
// else does what masked does.
func (s *isa) cut(src VecVirtual, m Mem, n Op, masked func()) {
	s.cuts++
	at := func(name string) string { return fmt.Sprintf("%s%d", name, s.cuts) }
	CMPQ(n, Imm(4))
	JEQ(LabelRef(at("cutfour")))
	CMPQ(n, Imm(8))
	JGE(LabelRef(at("cuteight")))
	masked()
	JMP(LabelRef(at("cut")))
	Label(at("cutfour"))
	VMOVUPS(src.AsX(), m)
	JMP(LabelRef(at("cut")))
	Label(at("cuteight"))
	VMOVUPS(src, m)
	Label(at("cut"))
}

// addProduct adds a*b to sum; under a loose tail (AVX-512 only) in its lanes.
func (s *isa) addProduct(a, b, sum VecVirtual, t *tail) {
	if t != nil && t.loose {
		VFMADD231PS(a, b, t.k, sum)
		return
	}
	VFMADD231PS(a, b, sum)
}

// reduce4 returns the sums of four vectors' lanes, one in each lane; they stay.
func (s *isa) reduce4(v [4]VecVirtual) VecVirtual {
	var two [2]VecVirtual
	for i := range two {
		lo, hi := s.reg(), s.reg()
		VUNPCKLPS(v[2*i+1], v[2*i], lo)
		VUNPCKHPS(v[2*i+1], v[2*i], hi)
		VADDPS(hi, lo, lo)
		two[i] = lo
	}
	lo, hi := s.reg(), s.reg()
	VUNPCKLPD(two[1], two[0], lo)
	VUNPCKHPD(two[1], two[0], hi)
	VADDPS(hi, lo, lo)
	return s.halve(lo)
}

// narrowed is the vector of a block that is half a register, or none.
type narrowed int

const none narrowed = -1

// as is what vector i of the block takes of r.
func (n narrowed) as(i int, r VecVirtual) VecVirtual {
	if i == int(n) {
		return r.AsY().(VecVirtual)
	}
	return r
}

// halve adds the quarters or halves of r to one XMM; r is destroyed.
func (s *isa) halve(r VecVirtual) VecVirtual {
	y := r.AsY()
	if s.wide {
		hi := YMM()
		VEXTRACTF64X4(Imm(1), r, hi)
		VADDPS(hi, y, y)
	}
	x, hi := r.AsX(), XMM()
	if s.wide {
		VEXTRACTF32X4(Imm(1), y, hi)
	} else {
		VEXTRACTF128(Imm(1), y, hi)
	}
	VADDPS(hi, x, x)
	return x.(VecVirtual)
}

// reduce returns the sum of r's lanes; r is destroyed.
func (s *isa) reduce(r VecVirtual) VecVirtual {
	x, hi := s.halve(r), XMM()
	VPERMILPS(Imm(0x4e), x, hi)
	VADDPS(hi, x, x)
	VPERMILPS(Imm(0xb1), x, hi)
	VADDPS(hi, x, x)
	return x
}
