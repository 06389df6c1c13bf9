package optest

import "testing"

// Allocations returns how many allocations a call of f, whose work so many threads share,
// makes once their scratch memory has reached its size. With one thread that is after five
// calls. With several it is the first zero of ten averages over 20 calls, else the last: on a
// busy machine a thread may have its first share of an op late, and what it allocates then
// must not count; what every call allocates does.
func Allocations(threads int, f func()) float64 {
	for range 5 {
		f()
	}
	n := testing.AllocsPerRun(20, f)
	for more := 9; more > 0 && n > 0 && threads > 1; more-- {
		n = testing.AllocsPerRun(20, f)
	}
	return n
}
