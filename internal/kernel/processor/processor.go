// Package processor tells what the processor is, when it is asked: CPUID costs tens of
// microseconds a question in a virtual machine, and libraries that ask everything at
// the start of a program take .5 ms of every start.
package processor

import "strings"

// registers are what CPUID answers.
type registers struct{ a, b, c, d uint32 }

// Name is the processor's own name, "" where it tells none.
func Name() string { return strings.Join(strings.Fields(name()), " ") }

// L3Bytes is the size of the third-level cache that the processor says it has, 0 where
// it says none.
func L3Bytes() int { return l3Bytes() }

// brand is the name in the answers to the questions 0x80000002 to 0x80000004.
func brand(answers [3]registers) string {
	var b []byte
	for _, r := range answers {
		for _, x := range []uint32{r.a, r.b, r.c, r.d} {
			b = append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
		}
	}
	name, _, _ := strings.Cut(string(b), "\x00")
	return name
}

// cacheBytes is the size of the third-level cache among the answers to leaf 4 (Intel)
// or 0x8000001D (AMD), which have one form; ask gives the i-th, of kind 0 behind the last.
func cacheBytes(ask func(i uint32) registers) int {
	for i := range uint32(32) {
		r := ask(i)
		if r.a&31 == 0 {
			break
		}
		if r.a>>5&7 == 3 {
			ways, partitions, line, sets := int(r.b>>22)+1, int(r.b>>12&0x3ff)+1, int(r.b&0xfff)+1, int(r.c)+1
			return ways * partitions * line * sets
		}
	}
	return 0
}
