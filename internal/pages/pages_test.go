package pages

import (
	"runtime"
	"testing"
)

// Floats gives zeros also where the memory was in use before, small and large.
func TestFloatsAreZero(t *testing.T) {
	for _, n := range []int{1, 1000, 1<<18 - 1, 1 << 18, 2<<20 - 1, 2 << 20, 3<<20 + 7, 5 << 20} {
		for range 3 {
			x := Floats(n)
			if len(x) < n || len(x) > n+1<<19 {
				t.Fatalf("%d floats, want at least %d and at most a large page more", len(x), n)
			}
			for i, v := range x {
				if v != 0 {
					t.Fatalf("%d floats: number %d is %g", n, i, v)
				}
				x[i] = 1
			}
			x = nil
			_ = x
			runtime.GC()
		}
	}
}
