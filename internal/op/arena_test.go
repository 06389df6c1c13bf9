package op

import "testing"

// Pieces handed out by an Arena do not overlap, also across its growth, as
// long as they are given back in order.
func TestArena(t *testing.T) {
	var s Arena
	a := s.Get(10)
	fillWith(a, 1)
	mark := s.Mark()
	b := s.Get(1000) // grows
	fillWith(b, 2)
	s.Release(mark)
	c := s.Get(500)
	fillWith(c, 3)
	d := s.Get(5000) // grows again
	fillWith(d, 4)
	for _, x := range []struct {
		of   []float32
		want float32
	}{{a, 1}, {c, 3}, {d, 4}} {
		for i, v := range x.of {
			if v != x.want {
				t.Fatalf("value %d of piece %g is %g", i, x.want, v)
			}
		}
	}
	if cap(c) != len(c) {
		t.Error("a piece can be appended to beyond its end")
	}
}

func fillWith(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
