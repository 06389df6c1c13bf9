//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// best asks the processor and the operating system, which must save the wide
// registers.
func best() Level {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI2 || !x.HasF16C:
		return Plain
	case x.HasAVX512F && x.HasAVX512VL && x.HasAVX512DQ:
		return AVX512
	}
	return AVX2
}

// hasBFloat16 asks the processor for the instructions that convert bfloat16s.
func hasBFloat16() bool { return cpu.X86.HasAVX512BF16 && cpu.X86.HasAVX512VBMI }
