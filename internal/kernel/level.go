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
// and build allow, unless Limit lowered it.
var active = startLevel()

func startLevel() *atomic.Int32 {
	l := new(atomic.Int32)
	l.Store(int32(best()))
	return l
}

// Current returns the level that the kernels use.
func Current() Level { return Level(active.Load()) }

// Limit makes the kernels use no level above l, nor above what the machine
// has, and returns the one now in force. Results at different levels agree to
// rounding, not to the bit: call it before the work, not in the middle.
func Limit(l Level) Level {
	l = max(Plain, min(l, best()))
	active.Store(int32(l))
	return l
}

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
