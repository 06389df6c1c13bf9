package graph

import "github.com/klauspost/cpuid/v2"

// cache is the default of Options.Cache.
const cache = 384 << 10

// outer is the default of Options.Outer: the floats of this processor's
// third-level cache, 8 Mi (32 MiB) where it does not tell.
func outer() int {
	if n := cpuid.CPU.Cache.L3; n > 0 {
		return n / 4
	}
	return 8 << 20
}
