package kernel

import "sync/atomic"

// Level is an instruction set that the kernels can use.
type Level int32

const (
	Plain  Level = iota // plain Go
	AVX2                // AVX2, FMA and F16C
	AVX512              // AVX-512 F, VL and DQ
)

func (l Level) String() string {
	switch l {
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "plain"
}

// active is the level in force: the best one that processor, operating system
// and build allow, unless Limit lowered it. With it goes the bit bfloat16.
var active = startLevel()

// bfloat16 says that kernels convert bfloat16s by the processor's own instructions.
const bfloat16 = 1 << 8

func startLevel() *atomic.Int32 {
	l := new(atomic.Int32)
	l.Store(state(best()))
	return l
}

// state is what active holds at level l.
func state(l Level) int32 {
	if l == AVX512 && hasBFloat16() {
		return int32(l) | bfloat16
	}
	return int32(l)
}

// Current returns the level that the kernels use.
func Current() Level { return Level(active.Load() &^ bfloat16) }

// Limit makes the kernels use no level above l, nor above what the machine
// has, and returns the one now in force. Results at different levels agree to
// rounding, not to the bit: call it before the work, not in the middle.
func Limit(l Level) Level {
	l = max(Plain, min(l, best()))
	active.Store(state(l))
	return l
}

// NativeBFloat16 reports whether kernels convert bfloat16s by the processor's own
// instructions: VCVTNE2PS2BF16 of AVX-512 BF16, and VPERMB of VBMI. The bits are the same
// without.
func NativeBFloat16() bool { return active.Load()&bfloat16 != 0 }

// LimitBFloat16 makes kernels convert bfloat16s without those instructions, until Limit is
// called.
func LimitBFloat16() { active.And(^bfloat16) }

// Lanes is how many float32 a register of the level holds.
func (l Level) Lanes() int {
	switch l {
	case AVX512:
		return 16
	case AVX2:
		return 8
	}
	return 1
}
