package kernel

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestAVX2Registers: the register allocator knows 32 vector registers for
// everybody; AVX2 has the first 16, and neither ZMM nor opmasks.
func TestAVX2Registers(t *testing.T) {
	text, err := os.ReadFile("kernel_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	wide := regexp.MustCompile(`\b(Z\d+|K[0-7]|[XY](1[6-9]|2\d|3[01]))\b`)
	narrow, all := 0, 0
	for _, f := range strings.Split(string(text), "\nTEXT ·")[1:] {
		name := f[:strings.IndexByte(f, '(')]
		all++
		if !strings.HasSuffix(name, "AVX2") {
			continue
		}
		narrow++
		if bad := wide.FindString(f); bad != "" {
			t.Errorf("%s uses %s", name, bad)
		}
	}
	if narrow < 10 || all <= narrow {
		t.Fatalf("found %d kernels, %d of them AVX2: the test reads the file wrongly", all, narrow)
	}
}

func TestLevel(t *testing.T) {
	defer Limit(AVX512)
	for l := Plain; l <= AVX512; l++ {
		if got := Limit(l); got != min(l, best()) || Current() != got {
			t.Errorf("Limit(%v) = %v, current %v, machine %v", l, got, Current(), best())
		}
	}
	if Limit(Plain-1) != Plain {
		t.Error("below plain")
	}
}

func TestPeakFLOPs(t *testing.T) {
	eachLevel(t, func(t *testing.T, m memory) {
		width := map[Level]int{Plain: 1, AVX2: 8, AVX512: 16}[Current()]
		if got, want := PeakFLOPs(1000), 1000*2*peakChains*width; got != want {
			t.Fatalf("%d operations, want %d", got, want)
		}
	})
}
