//go:build amd64 && !noasm

package pointwise

import "testing"

// Every page is counted that a float lies in, and no other.
func TestPages(t *testing.T) {
	for _, c := range []struct {
		first   uintptr
		n, want int
	}{
		{0, 1, 1}, {0, 1024, 1}, {0, 1025, 2}, {4092, 1, 1}, {4092, 2, 2}, {4096, 1024, 1},
		{64, 1008, 1}, {64, 1009, 2}, {64, 3 * 1024, 4}, {8192 + 2048, 10 * 1024, 11},
	} {
		if got := pages(c.first, c.n); got != c.want {
			t.Errorf("%d floats from %d on: %d pages, want %d", c.n, c.first, got, c.want)
		}
	}
}
