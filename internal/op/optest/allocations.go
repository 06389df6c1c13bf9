package optest

import "testing"

// Allocations returns how many allocations a call of f makes once every thread's scratch
// memory has reached its size: the first zero of ten averages over 20 calls, else the last
// one. On a busy machine a thread may have its first share late, and what it allocates then
// must not count; what every call allocates does.
func Allocations(f func()) float64 {
	for range 5 {
		f()
	}
	n := 0.0
	for range 10 {
		if n = testing.AllocsPerRun(20, f); n == 0 {
			break
		}
	}
	return n
}
