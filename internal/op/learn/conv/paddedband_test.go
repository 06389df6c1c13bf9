package conv

import (
	"testing"

	"csnet/internal/op"
)

// A padded band holds every row of the plane and zeros around, whether they were moved from
// the band above or made: planes of one band and of several, with last ones of a few rows.
func TestPaddedBand(t *testing.T) {
	for _, size := range [][2]int{{40, 112}, {9, 500}, {17, 500}, {20, 300}, {224, 224}, {7, 7}} {
		d := NewDepthwise(op.Depthwise{C: 3, H: size[0], W: size[1], Scale: 1})
		for halo := 1; halo <= 2; halo++ {
			checkBands(t, d, halo)
		}
	}
}

// valueAt is what a plane of the test holds.
func valueAt(d *Depthwise, c, y, x int) float32 {
	if x < 0 || x >= d.W || y < 0 || y >= d.H {
		return 0
	}
	return float32((c*d.H+y)*d.W + x + 1)
}

// checkBands fills bands of d's planes and looks at them.
func checkBands(t *testing.T, d *Depthwise, halo int) {
	t.Helper()
	e := op.NewEnv(1)
	defer e.Close()
	rows, made := d.bandRows(), 0
	b := d.newBand(rows, halo, e.Arena(0))
	for c := range d.C {
		for r := 0; r < d.H; r += rows {
			end := min(r+rows, d.H)
			b.fill(d, c, r, end, func(dst []float32, lo, hi int) {
				made += hi - lo
				for y := lo; y < hi; y++ {
					for x := range d.W {
						dst[(y-lo)*d.pitch()+x] = valueAt(d, c, y, x)
					}
				}
			})
			for y := r - halo; y < end+halo; y++ {
				for x, got := range b.rows(d, y)[:d.W+2] {
					if want := valueAt(d, c, y, x-1); got != want {
						t.Fatalf("%d x %d, halo %d, rows [%d, %d) of channel %d: %v at (%d, %d), want %v", d.H, d.W, halo, r, end, c, got, y, x-1, want)
					}
				}
			}
		}
	}
	if made != d.C*d.H {
		t.Errorf("%d x %d, halo %d: %d rows made, of %d", d.H, d.W, halo, made, d.C*d.H)
	}
}
