package conv

import (
	"testing"

	"csnet/internal/kernel"
	"csnet/internal/op/learn/prenorm"
)

// What comes next has been looked up, a stretch of it at least and two at most, and nothing
// twice, whatever the sizes.
func TestLookahead(t *testing.T) {
	for _, c := range []struct{ planes, area, step, band int }{
		{1, 100, 1000, 7}, {3, 100, 30, 10}, {5, 77, 16, 16}, {2, 9001, 1024, 50}, {4, 64, 64, 64},
	} {
		var a lookahead
		a.begin(c.area, c.step)
		lookAt(&a, prenorm.Floats[kernel.Float16](make([]float32, c.planes*c.area)), c.planes)
		lookAt(&a, prenorm.Halves(make([]kernel.BFloat16, c.planes*c.area)), c.planes)
		lookAt(&a, prenorm.Values{}, c.planes)
		if len(a.maps) != 2 {
			t.Errorf("%+v: %d maps", c, len(a.maps))
		}
		for at := 0; at < c.area; at += c.band {
			a.at(at)
			if least, most := min(at+c.step, c.area), min(at+2*c.step, c.area); a.next < least || a.next > most {
				t.Errorf("%+v: at %d looked up to %d, want %d to %d", c, at, a.next, least, most)
			}
		}
	}
}
