package data

import (
	"slices"
	"testing"
)

// Loaders of parts of every batch give what one of all gives, whatever the parts.
func TestLoaderShares(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 14)
	whole := epochOf(t, newLoader(t, pairs, 2, 7), 1, 1)
	for _, cuts := range [][]int{{0, 1, 3}, {0, 1, 2, 3}, {0, 3}} {
		for k := 1; k < len(cuts); k++ {
			from, to := cuts[k-1], cuts[k]
			l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 3, Seed: 7, Workers: 2, Augment: DefaultConfig().Augment, From: from, To: to})
			if err != nil {
				t.Fatal(err)
			}
			for i, b := range epochOf(t, l, 1, 1) {
				w, px := whole[i], 16*16
				if b.N != to-from || !slices.Equal(b.X, w.X[from*3*px:to*3*px]) || !slices.Equal(b.Y, w.Y[from*px:to*px]) || !slices.Equal(b.Stems, w.Stems[from:to]) {
					t.Errorf("places %d to %d of batch %d are not those of the whole", from, to, i)
				}
			}
		}
	}
	for _, bad := range [][2]int{{-1, 2}, {2, 2}, {0, 4}, {3, 3}} {
		if _, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 3, From: bad[0], To: bad[1]}); err == nil {
			t.Errorf("places %v of 3 were taken", bad)
		}
	}
}
