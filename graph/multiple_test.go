package graph_test

import (
	"testing"

	"csnet/graph"
	"csnet/model"
)

// The multiple reaches down to every map that is made on the way.
func TestMultiple(t *testing.T) {
	for _, c := range []struct {
		blocks []int
		mult   []float64
		split  []float64
		want   int
	}{
		{[]int{3, 4, 6, 4}, []float64{1, 1, 2, 4, 4}, []float64{1, 1}, 16},
		{[]int{3, 4, 6, 4}, []float64{1, 1, 2, 4, 4}, []float64{1}, 8},
		{[]int{3, 4, 6, 4}, []float64{1, 1, 2, 4, 4}, []float64{1, 1, 1, 1}, 64},
		{[]int{1, 1}, []float64{1, 1, 2}, []float64{1, 1}, 4}, // stage 2 halves two octaves and leaves one
	} {
		a := model.DefaultArch()
		a.Blocks, a.Multipliers, a.Split = c.blocks, c.mult, c.split
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Multiple(); got != c.want {
			t.Errorf("blocks %v, split %v: multiple %d, want %d", c.blocks, c.split, got, c.want)
		}
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		net, err := graph.Build(s, p, graph.Options{Batch: 1, H: c.want, W: 3 * c.want})
		if err != nil {
			t.Errorf("blocks %v, split %v: %v", c.blocks, c.split, err)
			continue
		}
		net.Close()
	}
}
