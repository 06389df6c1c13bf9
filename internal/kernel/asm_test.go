package kernel

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// assembly are the files of this package and those below whose names match.
func assembly(pattern string) ([]string, error) {
	here, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	below, err := filepath.Glob(filepath.Join("*", pattern))
	return append(here, below...), err
}

// TestAVX2Registers: the register allocator knows 32 vector registers for
// everybody; AVX2 has the first 16, and neither ZMM nor opmasks.
func TestAVX2Registers(t *testing.T) {
	files, err := assembly("*_avx2_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	wide := regexp.MustCompile(`\b(Z\d+|K[0-7]|[XY](1[6-9]|2\d|3[01]))\b`)
	kernels := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range strings.Split(string(text), "\nTEXT ·")[1:] {
			kernels++
			if bad := wide.FindString(f); bad != "" {
				t.Errorf("%s: %s uses %s", file, f[:strings.IndexByte(f, '(')], bad)
			}
		}
	}
	if len(files) < 10 || kernels < 60 {
		t.Fatalf("found %d kernels in %d files: the test reads them wrongly", kernels, len(files))
	}
}

// TestAssemblySize: no file is so large that it can be neither read nor reviewed.
func TestAssemblySize(t *testing.T) {
	files, err := assembly("*_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		s, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if s.Size() > 400_000 {
			t.Errorf("%s has %d bytes, more than 400,000: split it in _generate/families.go", file, s.Size())
		}
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
