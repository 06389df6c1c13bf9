package processor

import (
	"runtime"
	"strings"
	"testing"

	library "github.com/klauspost/cpuid/v2"
)

// The answers are those of a library that asks the same.
func TestAgainstLibrary(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the questions are amd64's")
	}
	want := strings.Join(strings.Fields(library.CPU.BrandName), " ")
	if want == "unknown" {
		want = ""
	}
	if got := Name(); got != want {
		t.Errorf("name %q, must be %q", got, want)
	}
	if got, want := L3Bytes(), max(0, library.CPU.Cache.L3); got != want {
		t.Errorf("third-level cache of %d bytes, must be %d", got, want)
	}
}

// The answers of known processors, by the manuals' fields.
func TestCacheBytes(t *testing.T) {
	// Intel Core i7-6700: L1D, L1I, L2 and L3 of 8 MB (16 ways, 64 bytes, 8192 sets).
	skylake := []registers{
		{0x1c004121, 0x01c0003f, 0x3f, 0}, {0x1c004122, 0x01c0003f, 0x3f, 0},
		{0x1c004143, 0x00c0003f, 0x3ff, 0}, {0x1c03c163, 0x03c0003f, 0x1fff, 6}, {},
	}
	// AMD's form with a level 3 of 16 MB: 16 ways, 64 bytes, 16384 sets.
	zen := []registers{{0x4121, 0x01c0003f, 0x3f, 0}, {0x4122, 0x01c0003f, 0x3f, 0}, {0x4143, 0x01c0003f, 0x3ff, 2}, {0x1c163, 0x03c0003f, 0x3fff, 1}, {}}
	for _, c := range []struct {
		answers []registers
		want    int
	}{{skylake, 8 << 20}, {zen, 16 << 20}, {skylake[:2], 0}, {nil, 0}} {
		got := cacheBytes(func(i uint32) registers {
			if int(i) < len(c.answers) {
				return c.answers[i]
			}
			return registers{}
		})
		if got != c.want {
			t.Errorf("%v: %d bytes, must be %d", c.answers, got, c.want)
		}
	}
	// A buggy hypervisor gives one answer for ever: it ends.
	if got := cacheBytes(func(uint32) registers { return skylake[0] }); got != 0 {
		t.Errorf("one answer for ever: %d bytes", got)
	}
}

func TestBrand(t *testing.T) {
	text := "Some Processor @ 3.00GHz\x00rest that does not count..."
	var r [12]uint32
	for i := range 48 {
		r[i/4] |= uint32(text[i]) << (8 * (i % 4))
	}
	if got := brand([3]registers{{r[0], r[1], r[2], r[3]}, {r[4], r[5], r[6], r[7]}, {r[8], r[9], r[10], r[11]}}); got != "Some Processor @ 3.00GHz" {
		t.Errorf("%q", got)
	}
}
