package op

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"csnet/internal/dist"
)

// SumImages sums in float64, image by image, whatever the number of sums, and reads nothing
// between the parts.
func TestSumImages(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 7, 256, 257, 700} {
		const images, gap = 5, 3
		parts := make([]float32, images*(n+gap))
		for i := range parts {
			parts[i] = float32(math.Exp(8*rng.NormFloat64()) * rng.NormFloat64())
			if i%(n+gap) >= n {
				parts[i] = float32(math.NaN())
			}
		}
		got := make([]float32, n)
		SumImages(got, parts, n+gap, images)
		for k := range got {
			var s float64
			for i := range images {
				s += float64(parts[i*(n+gap)+k])
			}
			if got[k] != float32(s) {
				t.Fatalf("sum %d of %d is %v, want %v", k, n, got[k], float32(s))
			}
		}
	}
}

// However images and sums are cut over ranks, a deferred sum is that of one process
// that has all images: in their order, in float64.
func TestSettle(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, ranks := range []int{1, 2, 3, 4} {
		sizes := []int{1 + rng.IntN(3), 1 + rng.IntN(20), 1 + rng.IntN(7)}
		const own = 2
		images := own * ranks
		parts := make([][]float32, len(sizes))
		want := make([][]float32, len(sizes))
		for k, n := range sizes {
			for range images * n {
				parts[k] = append(parts[k], float32(math.Exp(8*rng.NormFloat64())*rng.NormFloat64()))
			}
			for i := range n {
				var s float64
				for b := range images {
					s += float64(parts[k][b*n+i])
				}
				want[k] = append(want[k], float32(s))
			}
		}
		var wg sync.WaitGroup
		for r, c := range dist.NewLocal(ranks) {
			wg.Go(func() {
				e := &Env{Group: dist.NewGroup(c, dist.Options{})}
				for range 2 { // the second step finds the memory of the first
					got := make([][]float32, len(sizes))
					for k, n := range sizes {
						if !e.Defer(parts[k][r*own*n:(r+1)*own*n], n, func(s []float32) { got[k] = slices.Clone(s) }) {
							t.Error("nothing is deferred")
						}
					}
					if err := e.Settle(); err != nil {
						t.Error(err)
					}
					for k := range want {
						if !slices.Equal(got[k], want[k]) {
							t.Errorf("rank %d of %d: sum %d is %v, want %v", r, ranks, k, got[k], want[k])
						}
					}
				}
			})
		}
		wg.Wait()
	}
	var alone Env
	if alone.Defer(nil, 1, nil) || alone.Settle() != nil || alone.Images(3) != 3 {
		t.Error("one process alone defers sums")
	}
}
