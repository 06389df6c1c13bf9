package data

import (
	"math/rand/v2"
	"testing"
)

// TestEnlarger: rows in any order are those of Resize.
func TestEnlarger(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range [][4]int{{7, 5, 40, 31}, {3, 3, 3, 3}, {1, 1, 9, 4}, {8, 6, 5, 2}} {
		src := make([]float32, c[0]*c[1])
		for i := range src {
			src[i] = r.Float32()*1.2 - 0.1
		}
		want := make([]float32, c[2]*c[3])
		Resize(want, c[2], c[3], src, c[0], c[1], 1)
		e := NewEnlarger(src, c[0], c[1], c[2], c[3])
		floats, bytes := make([]float32, c[2]), make([]uint8, c[2])
		for range 3 * c[3] {
			y := r.IntN(c[3])
			e.Floats(floats, y)
			e.Bytes(bytes, y)
			for x, v := range want[y*c[2] : (y+1)*c[2]] {
				if floats[x] != v || bytes[x] != uint8(min(max(v*255, 0), 255)) {
					t.Fatalf("%v (%d,%d): %g and %d, want %g", c, x, y, floats[x], bytes[x], v)
				}
			}
		}
	}
}
