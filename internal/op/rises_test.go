package op

import (
	"testing"

	"csnet/internal/kernel"
)

// Rows start from the two rows of each path that a bilinear upsampling puts them
// between, with its factors, however the groups before were cut.
func TestRisesStart(t *testing.T) {
	for _, up := range [][]int{{2}, {4}, {2, 4}, {2, 4, 8}} {
		most := up[len(up)-1]
		h, w := 6*most, 3
		r := newRises(up, 2*most, w)
		z, s := make([]float32, r.stride), &scratch{}
		made := make([]int, len(up)) // rows of each path that z has had
		for from := 0; from < h; {
			to := min(from+(1+from/most%2)*most, h)
			for k, f := range up {
				for end := min(to/f+1, h/f); made[k] < end; made[k]++ {
					for i := range w { // divided by 2f, as all rows
						z[r.slot(k, made[k])+i] = float32(100*made[k]+10*k+i+1) / float32(2*f)
					}
				}
				if from == 0 {
					r.repeat(z, k, 0, -1, 1)
				}
				if to == h {
					r.repeat(z, k, h/f-1, h/f, 1)
				}
			}
			var a kernel.Act
			r.start(&a, z, from, to, s)
			for y := from; y < to; y++ {
				terms := len(a.ZOff) / a.Phases
				for i := range w {
					var got, want float64
					for k := (y - from) * terms; k < (y-from+1)*terms; k++ {
						got += float64(a.ZW[k]) * float64(a.Z[int(a.ZOff[k])+i])
					}
					for k, f := range up {
						at := (float64(y)+0.5)/float64(f) - 0.5 // align_corners=False
						above := int(at+1) - 1
						value := func(row int) float64 { return float64(100*min(max(row, 0), h/f-1) + 10*k + i + 1) }
						want += (float64(above+1)-at)*value(above) + (at-float64(above))*value(above+1)
					}
					if d := got - want; d > 1e-3 || d < -1e-3 {
						t.Fatalf("up %v, rows %d to %d: row %d column %d begins with %v, want %v", up, from, to, y, i, got, want)
					}
				}
			}
			from = to
		}
	}
}
