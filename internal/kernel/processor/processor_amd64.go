//go:build amd64 && !noasm

package processor

// cpuid asks the processor (Intel SDM, volume 2A, CPUID).
//
//go:noescape
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

func ask(leaf, sub uint32) registers {
	a, b, c, d := cpuid(leaf, sub)
	return registers{a, b, c, d}
}

func name() string {
	if ask(0x80000000, 0).a < 0x80000004 {
		return ""
	}
	return brand([3]registers{ask(0x80000002, 0), ask(0x80000003, 0), ask(0x80000004, 0)})
}

// l3Bytes asks by Intel's question or by AMD's, which answers it where it has topology
// extensions (bit 22 of ECX of 0x80000001).
func l3Bytes() int {
	const ebxIntel, ebxAMD, ebxHygon = 0x756e6547, 0x68747541, 0x6f677948 // "Genu", "Auth", "Hygo"
	switch first := ask(0, 0); first.b {
	case ebxIntel:
		if first.a >= 4 {
			return cacheBytes(func(i uint32) registers { return ask(4, i) })
		}
	case ebxAMD, ebxHygon:
		if ask(0x80000000, 0).a >= 0x8000001D && ask(0x80000001, 0).c>>22&1 == 1 {
			return cacheBytes(func(i uint32) registers { return ask(0x8000001D, i) })
		}
	}
	return 0
}
