package graph

import "github.com/klauspost/cpuid/v2"

// l2Floats is the default of Options.L2Floats.
const l2Floats = 384 << 10

// l3Floats is the default of Options.L3Floats: the floats of this processor's
// third-level cache, 8 Mi (32 MiB) where it does not tell.
func l3Floats() int {
	if n := cpuid.CPU.Cache.L3; n > 0 {
		return n / 4
	}
	return 8 << 20
}
