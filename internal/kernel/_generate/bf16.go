package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// both names VCVTNE2PS2BF16, which rounds two vectors of float32 to one of bfloat16s. Go's
// assembler does not know it, so encodeBoth replaces it by its bytes.
const both = "VCVTNE2PS2BF16"

// roundBoth rounds lo to the lower half of dst and hi to the upper.
func (s *isa) roundBoth(lo, hi, dst VecVirtual) {
	s.Instruction(&ir.Instruction{
		Opcode:   both,
		Operands: []Op{lo, hi, dst},
		Inputs:   []Op{lo, hi},
		Outputs:  []Op{dst},
		ISA:      []string{"AVX512_BF16"},
	})
}

// encodeBoth replaces every VCVTNE2PS2BF16 of a compiled file by its bytes.
func encodeBoth(file *ir.File) error {
	for _, f := range file.Functions() {
		var nodes []ir.Node
		for _, n := range f.Nodes {
			i, ok := n.(*ir.Instruction)
			if !ok || i.Opcode != both {
				nodes = append(nodes, n)
				continue
			}
			var regs [3]uint32
			for k, o := range i.Operands {
				r, ok := o.(VecPhysical)
				if !ok || r.Size() != 64 {
					return fmt.Errorf("%s: %s of %s, which is no ZMM register", f.Name, both, o.Asm())
				}
				regs[k] = uint32(r.PhysicalIndex())
			}
			nodes = append(nodes, ir.NewComment(fmt.Sprintf("%s %s", both, i.Operands[0].Asm()+", "+i.Operands[1].Asm()+", "+i.Operands[2].Asm())))
			nodes = append(nodes, evexBoth(regs)...)
		}
		f.Nodes = slices.Clip(nodes)
	}
	return nil
}

// evexBoth is EVEX.512.F2.0F38.W0 72 /r (Intel SDM, volume 2A, 2.7.1: the prefix holds the
// upper bits of the registers' numbers inverted).
func evexBoth(regs [3]uint32) []ir.Node {
	lo, hi, dst := regs[0], regs[1], regs[2]
	not := func(r, bit uint32) uint32 { return ^(r >> bit) & 1 }
	p0 := not(dst, 3)<<7 | not(lo, 4)<<6 | not(lo, 3)<<5 | not(dst, 4)<<4 | 2 // R X B R', map 0F38
	p1 := ^hi&15<<3 | 1<<2 | 3                                                // W0, vvvv, F2
	p2 := uint32(2)<<5 | not(hi, 4)<<3                                        // 512 bits, V'
	return []ir.Node{
		&ir.Instruction{Opcode: "LONG", Operands: []Op{U32(0x62 | p0<<8 | p1<<16 | p2<<24)}},
		&ir.Instruction{Opcode: "WORD", Operands: []Op{U16(0x72 | (0xc0|dst&7<<3|lo&7)<<8)}},
	}
}
