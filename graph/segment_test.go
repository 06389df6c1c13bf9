package graph

import (
	"slices"
	"testing"
)

// Blocks of which the cache does not hold the maps run as segments, and their
// outputs lie where their inputs did; where it holds them every step runs alone.
func TestSegments(t *testing.T) {
	s, params := narrow(t, 3, 2)
	over := map[int]int{} // maps that lie where those lie that they were made from
	runs := map[int]int{} // steps that make the map of a segment or their own, by cache
	for _, cache := range []int{1, 1 << 12, 1 << 20} {
		net, err := Build(s, params, Options{Batch: 1, H: 416, W: 8, Threads: 1, Tuning: Tuning{L2Floats: cache}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range net.vm.Plan() {
			if !p.Idle {
				runs[cache]++
			}
			if p.Overlay > 0 {
				over[cache]++
			}
		}
		if cache == 1<<20 && runs[cache] != len(net.vm.Plan()) {
			t.Errorf("a cache that holds all: %d maps of %d steps", runs[cache], len(net.vm.Plan()))
		}
		net.Close()
	}
	if over[1] == 0 || over[1<<12] == 0 || over[1<<20] > 0 {
		t.Errorf("maps over others, by floats of cache: %v", over)
	}
	if runs[1] > runs[1<<12] || runs[1<<12] >= runs[1<<20] {
		t.Errorf("maps kept, by floats of cache: %v", runs)
	}
}

// Pools run with the block before them where that spares it a map much larger than
// the cache, which nobody else reads.
func TestPoolsGoWithTheirMap(t *testing.T) {
	s, params := narrow(t, 2, 1, 1, 1)
	x := make([]float32, 3*192*128)
	for i := range x {
		x[i] = float32(i%89)/89 - 0.5
	}
	size := s.Stages[1].Blocks[1].Out[0] * 192 * 128 // of the map that the pools read
	var want []float32
	for _, c := range []struct {
		cache, threads int
		together       bool
	}{{size, 1, false}, {size / 2, 1, false}, {size/2 - 1, 1, true}, {1, 1, true}, {size/2 - 1, 2, true}, {1, 3, true}} {
		net, err := Build(s, params, Options{Batch: 1, H: 192, W: 128, Threads: c.threads, Tuning: Tuning{L2Floats: c.cache}})
		if err != nil {
			t.Fatal(err)
		}
		pool, with := net.Together("stage2.0.mix.avg0", false), net.Together("stage1.1.dw2.0", false)
		if together := pool == with; together != c.together {
			t.Errorf("%+v: the pool runs with %s, what it reads with %s", c, pool, with)
		}
		if net.Together("stage3.0.mix.avg0", false) == net.Together("stage2.0.dw2.0", false) {
			t.Errorf("%+v: the head reads stage2.0 as well, its pools run with it", c)
		}
		want = sameLogits(t, net, x, want)
		net.Close()
	}
}

// Blocks of a stage run together where their maps leave the outermost cache, if
// their windows, those of all threads together, are not too large.
func TestStagesTogether(t *testing.T) {
	s, params := narrow(t, 3, 2)
	x := make([]float32, 3*768*64)
	for i := range x {
		x[i] = float32(i%83)/83 - 0.5
	}
	size := s.Stages[1].Blocks[0].Out[0] * 768 * 64 // of the largest map of a block of stage 1
	const cache, windows = 1 << 14, 5 << 13         // of a block, of a stage
	var want []float32
	for _, c := range []struct {
		cache, outer, threads int
		together              bool
	}{
		{cache, 3 * size, 1, false}, {cache, 3*size - 1, 1, true},
		{cache, 2 * windows, 1, true}, {cache, 2*windows - 1, 1, false},
		{cache, 4 * windows, 2, true}, {cache, 4*windows - 1, 2, false}, {cache, 6 * windows, 3, true},
		{cache / 8, 2 * windows, 1, false},
	} {
		net, err := Build(s, params, Options{Batch: 1, H: 768, W: 64, Threads: c.threads, Tuning: Tuning{L2Floats: c.cache, L3Floats: c.outer}})
		if err != nil {
			t.Fatal(err)
		}
		if together := net.Together("stage1.0.dw2.0", false) == net.Together("stage1.1.dw2.0", false); together != c.together {
			t.Errorf("%+v: blocks together: %v", c, together)
		}
		if net.Together("stage1.1.dw2.0", false) == net.Together("stage2.0.dw2.0", false) {
			t.Errorf("%+v: blocks of two stages run together", c)
		}
		want = sameLogits(t, net, x, want)
		net.Close()
	}
}

// sameLogits compares the logits of x with want, if there are any, and returns them.
func sameLogits(t *testing.T, net *Net, x, want []float32) []float32 {
	t.Helper()
	got, err := net.Forward(x)
	if err != nil {
		t.Fatal(err)
	}
	if want != nil && !slices.Equal(got, want) {
		t.Errorf("%+v: logits differ", net.opts)
	}
	return slices.Clone(got)
}
