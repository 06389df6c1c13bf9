package pages

import (
	"runtime"
	"slices"
	"testing"
	"unsafe"
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

// The pieces of a pool are zeros of the length asked for, begin at a line of the caches and
// have no value in common.
func TestPool(t *testing.T) {
	var p Pool
	var all [][]float32
	for _, n := range []int{1, 15, 16, 17, 1000, 200_000, 300_000, 3, 0, 100_000, 5} {
		x := p.Floats(n)
		if len(x) != n || cap(x) != n {
			t.Fatalf("%d floats: length %d, capacity %d", n, len(x), cap(x))
		}
		if at := uintptr(unsafe.Pointer(unsafe.SliceData(x))); runtime.GOOS == "linux" && n > 0 && at%64 != 0 {
			t.Errorf("%d floats begin %d bytes after a line of the caches", n, at%64)
		}
		for i, v := range x {
			if v != 0 {
				t.Fatalf("%d floats: number %d is %g", n, i, v)
			}
			x[i] = float32(1 + len(all))
		}
		all = append(all, x)
	}
	for k, x := range all {
		for i, v := range x {
			if v != float32(1+k) {
				t.Fatalf("piece %d: value %d became %g", k, i, v)
			}
		}
	}
	d := Of[[4]float64](&p, 3)
	if len(d) != 3 || d[2] != [4]float64{} {
		t.Errorf("3 values of four float64s: %v", d)
	}
	x := []float32{1, 2, 3}
	y := x
	if p.Move(&y); &y[0] == &x[0] || !slices.Equal(x, y) {
		t.Errorf("moved %v: %v", x, y)
	}
	if z := (*Pool)(nil).Floats(7); len(z) != 7 {
		t.Errorf("7 floats of no pool: %d", len(z))
	}
}
