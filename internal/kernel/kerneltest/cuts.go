package kerneltest

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Cuts calls f for parts of a map of rows x n that make up the whole, cut anyhow: up
// to most rows at a time, in up to three pieces.
func Cuts(r *rand.Rand, rows, n, most int, f func(row, rows, col, cols int)) {
	for y := 0; y < rows; {
		tall := min(rows-y, 1+r.IntN(most))
		for x := 0; x < n; {
			wide := n - x
			if r.IntN(3) > 0 {
				wide = 1 + r.IntN(wide)
			}
			f(y, tall, x, wide)
			x += wide
		}
		y += tall
	}
}

// SameBits fails unless got and want are equal to the bit; a NaN equals any other.
func SameBits(t testing.TB, what string, got, want []float32) {
	t.Helper()
	for i, v := range want {
		if math.Float32bits(got[i]) != math.Float32bits(v) && (got[i] == got[i] || v == v) {
			t.Fatalf("%s: [%d] = %v, want %v", what, i, got[i], v)
		}
	}
}
