package graph

import "testing"

// Blocks of which the cache does not hold the maps run as segments, and their
// outputs lie where their inputs did; where it holds them every step runs alone.
func TestSegments(t *testing.T) {
	a := DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.2, []int{3, 2}, []float64{1, 1, 1}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	params, err := s.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	over := map[int]int{} // maps that lie where those lie that they were made from
	runs := map[int]int{} // steps that make the map of a segment or their own, by cache
	for _, cache := range []int{1, 1 << 12, 1 << 20} {
		net, err := Build(s, params, Options{Batch: 1, H: 416, W: 8, Threads: 1, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range net.vm.steps {
			if !st.idle {
				runs[cache]++
			}
			if st.over > 0 {
				over[cache]++
			}
		}
		if cache == 1<<20 && runs[cache] != len(net.vm.steps) {
			t.Errorf("a cache that holds all: %d maps of %d steps", runs[cache], len(net.vm.steps))
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
