package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is a vector instruction set: how wide its registers are and how it loads
// and stores less than a whole one.
type isa struct {
	name                  string
	lanes                 int
	wide                  bool // AVX-512: opmasks, 32 registers
	denseMax              int  // outputs of the largest dense block
	gradMax               int  // outputs of the largest dense gradient block
	gemmRows, gemmVectors int  // outputs and vectors of the largest tile of a product
	prefetches            int  // so far, for labels
	cuts                  int  // likewise
	control               Mem  // the caller's MXCSR, in the function at hand
	args                  Mem  // its arguments, where they are copied
	native                bool // it rounds bfloat16s by the processor's own instruction
	spread                spread

	*build.Context
	functions []*function     // of the file, so far
	tables    map[string]bool // likewise
}

func avx2() *isa {
	return newISA(isa{name: "AVX2", lanes: 8, denseMax: 6, gradMax: 3, gemmRows: 6, gemmVectors: 2})
}

func avx512() *isa {
	return newISA(isa{name: "AVX512", lanes: 16, wide: true, denseMax: 10, gradMax: 6, gemmRows: 8, gemmVectors: 3})
}

// newISA returns s with nothing built yet.
func newISA(s isa) *isa {
	s.Context, s.tables = build.NewContext(), map[string]bool{}
	return &s
}

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

// flush makes the processor take denormals for 0, as operands and as results, until end.
// Weights that decay to 0 would otherwise make products that cost hundreds of cycles
// each. Nothing preempts assembly, so no other code sees the mode.
func (s *isa) flush() {
	s.control = s.AllocLocal(8)
	r := s.GP32()
	s.STMXCSR(s.control)
	s.MOVL(s.control, r)
	s.ORL(U32(1<<15|1<<6), r)
	s.MOVL(r, s.control.Offset(4))
	s.LDMXCSR(s.control.Offset(4))
}

// prefetch prefetches as many values as v vectors of floats have, from each of the pointers
// params on, and moves those on; a nil one is left alone. Where the argument halved is not 0
// the values take two bytes each, and every second line will do.
func (s *isa) prefetch(v int, params ...string) {
	lines := max(v*s.bytes()/64, 1)
	for _, name := range params {
		s.prefetches++
		at := func(label string) string { return fmt.Sprintf("%s%d", label, s.prefetches) }
		p, step, flag := s.arg(name), s.GP64(), s.GP64()
		s.TESTQ(p, p)
		s.JZ(LabelRef(at("prefetched")))
		few := (lines + 1) / 2
		for i := range few {
			s.PREFETCHT1(Mem{Base: p, Disp: 64 * i})
		}
		s.MOVQ(U32(uint32(32*lines)), step)
		s.Load(s.param("halved"), flag)
		s.TESTQ(flag, flag)
		s.JNZ(LabelRef(at("halves")))
		for i := few; i < lines; i++ {
			s.PREFETCHT1(Mem{Base: p, Disp: 64 * i})
		}
		s.SHLQ(Imm(1), step)
		s.Label(at("halves"))
		s.ADDQ(step, p)
		s.MOVQ(p, s.inMemory(name))
		s.Label(at("prefetched"))
	}
}

func (s *isa) end() {
	s.LDMXCSR(s.control)
	s.VZEROUPPER()
	s.RET()
}

func (s *isa) reg() VecVirtual {
	if s.wide {
		return s.ZMM()
	}
	return s.YMM()
}

func (s *isa) regs(n int) []VecVirtual {
	r := make([]VecVirtual, n)
	for i := range r {
		r[i] = s.reg()
	}
	return r
}

func (s *isa) zero(r VecVirtual) {
	s.VXORPS(r, r, r)
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
	a, err := s.param(param).Resolve()
	if err != nil {
		panic(err)
	}
	s.VBROADCASTSS(a.Addr, r)
	return r
}

// arg loads an argument into a register of its own.
func (s *isa) arg(name string) GPVirtual { return s.Load(s.param(name), s.GP64()).(GPVirtual) }

// bytesArg loads an argument that counts floats, and makes it count bytes.
func (s *isa) bytesArg(name string) GPVirtual {
	r := s.arg(name)
	s.SHLQ(Imm(2), r)
	return r
}

// inMemory is the place of an argument in memory.
func (s *isa) inMemory(param string) Mem {
	a, err := s.param(param).Resolve()
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

// lanesTable holds eight lanes that are on and eight that are off: the window of eight
// lanes that starts 8-n lanes in has the first n on.
func (s *isa) lanesTable() Mem {
	return s.table("lanes", func(put func(Constant)) {
		for i := range 16 {
			v := uint32(0)
			if i < 8 {
				v = 0xffffffff
			}
			put(U32(v))
		}
	})
}

// tail selects the first lanes of a vector; a nil one selects all. A loose tail loads all
// lanes, for places where what lies beyond the row may be read but must not count: stores
// and sums still take the selected lanes alone.
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
		t := &tail{k: s.K()}
		bits := s.GP32()
		s.MOVL(I32(-1), bits)
		s.BZHIL(n.(GPVirtual).As32(), bits, bits)
		s.KMOVW(bits, t.k)
		return t
	}
	t := &tail{table: s.GP64(), n: s.GP64()}
	s.MOVQ(n, t.n)
	s.NEGQ(t.n)
	s.LEAQ(s.lanesTable().Offset(32), t.table)
	s.LEAQ(Mem{Base: t.table, Index: t.n, Scale: 4}, t.table)
	s.NEGQ(t.n)
	return t
}

// mask is the tail of count lanes, nil if count is.
func (s *isa) mask(count GPVirtual) *tail {
	if count == nil {
		return nil
	}
	return s.tail(count)
}

// load loads the lanes of t. The others become 0, and their memory is not read.
func (s *isa) load(m Mem, dst VecVirtual, t *tail) {
	switch {
	case t == nil || t.loose:
		s.VMOVUPS(m, dst)
	case s.wide:
		s.VMOVUPS_Z(m, t.k, dst)
	default:
		s.VMOVUPS(Mem{Base: t.table}, dst)
		s.VMASKMOVPS(m, dst, dst)
	}
}

// store stores the lanes of t. AVX2 needs the scratch register for the mask. It avoids
// masked stores where it can, for some processors take a dozen cycles for one.
func (s *isa) store(src VecVirtual, m Mem, t *tail, scratch VecVirtual) {
	switch {
	case t == nil:
		s.VMOVUPS(src, m)
	case s.wide:
		s.VMOVUPS(src, t.k, m)
	default:
		s.cut(src, m, t.n, func() {
			s.VMOVUPS(Mem{Base: t.table}, scratch)
			s.VMASKMOVPS(src, scratch, m)
		})
	}
}

// cut is store for AVX2: it stores all lanes if n is 8 or more and the first four if n is
// 4; in all other cases it does what masked does.
func (s *isa) cut(src VecVirtual, m Mem, n Op, masked func()) {
	s.cuts++
	at := func(name string) string { return fmt.Sprintf("%s%d", name, s.cuts) }
	s.CMPQ(n, Imm(4))
	s.JEQ(LabelRef(at("cutfour")))
	s.CMPQ(n, Imm(8))
	s.JGE(LabelRef(at("cuteight")))
	masked()
	s.JMP(LabelRef(at("cut")))
	s.Label(at("cutfour"))
	s.VMOVUPS(src.AsX(), m)
	s.JMP(LabelRef(at("cut")))
	s.Label(at("cuteight"))
	s.VMOVUPS(src, m)
	s.Label(at("cut"))
}

// columnWalk is a walk through the columns of a row in blocks of up to v vectors. left is
// how many columns there are, and counts them down.
type columnWalk struct {
	v        int
	left     GPVirtual
	end      string // the label after the last column
	narrow   bool   // a last vector may be half a register
	block    func(v int, n narrowed, mask *tail)
	pointers []GPVirtual // these move on with the columns
}

// columns walks in full blocks of v vectors. Where v+1 vectors are left it makes a block of
// half as many, because two blocks of about equal size are faster than one of v and one
// of 1. The last vector of a row is masked. With narrow, and AVX-512, it is half a
// register where that holds what is left: some processors take half the time for these.
func (s *isa) columns(w columnWalk) {
	s.Label("columns")
	s.CMPQ(w.left, U32(uint32(w.v*s.lanes)))
	s.JLT(LabelRef("tail"))
	if w.v >= 3 {
		s.JEQ(LabelRef("full"))
		s.CMPQ(w.left, U32(uint32((w.v+1)*s.lanes)))
		s.JLE(LabelRef("half"))
	}
	s.Label("full")
	s.wholeBlock(w, w.v)
	if w.v >= 3 {
		s.Label("half")
		s.wholeBlock(w, (w.v+1)/2)
	}
	s.Label("tail")
	s.TESTQ(w.left, w.left)
	s.JZ(LabelRef(w.end))
	for v := w.v; v >= 1; v-- {
		fewer, wide := fmt.Sprintf("tail%d", v-1), fmt.Sprintf("wide%d", v)
		if v > 1 {
			s.CMPQ(w.left, U32(uint32((v-1)*s.lanes)))
			s.JLE(LabelRef(fewer))
			s.SUBQ(U32(uint32((v-1)*s.lanes)), w.left)
		}
		if s.wide && w.narrow {
			s.CMPQ(w.left, Imm(uint64(s.lanes/2)))
			s.JG(LabelRef(wide))
			w.block(v, narrowed(v-1), s.tail(w.left))
			s.JMP(LabelRef(w.end))
			s.Label(wide)
		}
		w.block(v, none, s.tail(w.left))
		s.JMP(LabelRef(w.end))
		if v > 1 {
			s.Label(fewer)
		}
	}
	s.Label(w.end)
}

// wholeBlock makes a block of v whole vectors and goes on to the next.
func (s *isa) wholeBlock(w columnWalk, v int) {
	w.block(v, none, nil)
	for _, p := range w.pointers {
		s.ADDQ(U32(uint32(v*s.bytes())), p)
	}
	s.SUBQ(U32(uint32(v*s.lanes)), w.left)
	s.JMP(LabelRef("columns"))
}

// move is a pointer and by how many bytes it moves on with each vector of columns.
type move struct {
	p     GPVirtual
	bytes int
}

// vectors walks through left columns, a vector at a time, and ends at the label end. body
// gets nil for a whole vector, and for the last one, which is masked, a register with the
// number of columns that are left.
func (s *isa) vectors(left GPVirtual, end string, body func(count GPVirtual), moves ...move) {
	s.SUBQ(U32(uint32(s.lanes)), left)
	s.JLT(LabelRef("tail"))
	s.Label("columns")
	body(nil)
	for _, m := range moves {
		s.ADDQ(U32(uint32(m.bytes)), m.p)
	}
	s.SUBQ(U32(uint32(s.lanes)), left)
	s.JGE(LabelRef("columns"))
	s.Label("tail")
	s.ADDQ(U32(uint32(s.lanes)), left)
	s.JZ(LabelRef(end))
	body(left)
	s.Label(end)
}

// addProduct adds a*b to sum; if t is loose, which only AVX-512 has, in the lanes of t
// alone.
func (s *isa) addProduct(a, b, sum VecVirtual, t *tail) {
	if t != nil && t.loose {
		s.VFMADD231PS(a, b, t.k, sum)
		return
	}
	s.VFMADD231PS(a, b, sum)
}

// narrowed is the number of the vector in a block that is half a register, or none.
type narrowed int

const none narrowed = -1

// as is the part of register r that vector i of the block uses.
func (n narrowed) as(i int, r VecVirtual) VecVirtual {
	if i == int(n) {
		return r.AsY().(VecVirtual)
	}
	return r
}
