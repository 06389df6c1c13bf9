package conv

import (
	"testing"

	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
)

// Sums of rows begin with the two rows of each path that a bilinear upsampling puts them
// between, with its factors, however the groups are cut.
func TestUpsampledTermsStart(t *testing.T) {
	for _, up := range [][]int{{2}, {4}, {2, 4}, {2, 4, 8}} {
		most := up[len(up)-1]
		h, w, outputs := 16*most, 2*most, 2
		r := newUpsampledTerms(up, 2*most, w)
		z, s := make([]float32, outputs*r.stride), &Scratch{}
		made := make([]int, len(up)) // rows of each path that z has had
		for from := 0; from < h; {
			to := min(from+(1+from/most%2)*most, h)
			for k, f := range up {
				end := min(to/f+1, h/f)
				putRows(&r, z, k, made[k], end, outputs)
				if made[k] = end; from == 0 {
					r.repeatEdge(z, k, 0, -1, outputs)
				}
				if to == h {
					r.repeatEdge(z, k, h/f-1, h/f, outputs)
				}
			}
			var a dense.Act
			r.start(&a, z, from, to, s)
			for y := from; y < to; y++ {
				for o := range outputs {
					checkStart(t, &a, &r, o, y-from, y, h)
				}
			}
			from = to
		}
	}
}

// risen is what all of row y of coarse path k holds, of output o.
func risen(k, o, y int) float64 { return float64(1000*o + 100*y + 10*k + 1) }

// putRows puts rows lo up to hi of path k into z, divided by 2f as all rows.
func putRows(r *upsampledTerms, z []float32, k, lo, hi, outputs int) {
	f := r.ups[k]
	n := r.w / f
	plane := (hi - lo) * n
	rows := make([]float32, 1+outputs*plane+resample.AcrossSlack)
	for i := range outputs * plane {
		rows[1+i] = float32(risen(k, i/plane, lo+i%plane/n) / float64(2*f))
	}
	r.upsample(z, k, rows, plane, n, lo, hi, outputs)
}

// checkStart compares what row number at of a group starts from, row y of h, with
// a bilinear upsampling down.
func checkStart(t *testing.T, a *dense.Act, r *upsampledTerms, o, at, y, h int) {
	t.Helper()
	terms := len(a.ZOff) / a.Phases
	for i := range r.w {
		var got, want float64
		for k := at * terms; k < (at+1)*terms; k++ {
			got += float64(a.ZW[k]) * float64(a.Z.X[int(a.ZOff[k])+o*a.Z.Stride+i])
		}
		for k, f := range r.ups {
			where := (float64(y)+0.5)/float64(f) - 0.5 // align_corners=False
			above := int(where+1) - 1
			value := func(row int) float64 { return risen(k, o, min(max(row, 0), h/f-1)) }
			want += (float64(above+1)-where)*value(above) + (where-float64(above))*value(above+1)
		}
		if d := got - want; d > 1e-2 || d < -1e-2 {
			t.Fatalf("up %v, output %d, row %d, column %d begins with %v, want %v", r.ups, o, y, i, got, want)
		}
	}
}
