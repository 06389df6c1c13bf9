package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/kernel/resample"
)

// upsampledTerms holds rows of the coarse terms of an Oct, upsampled across. Down the
// columns the sums of the direct paths do the upsampling: each of their rows begins
// between two rows held here. The rows of each coarse path are a ring, in which those
// that the next group of rows needs as well stay where they are.
//
// Rows of a path with factor f are held divided by 2f. What the sums multiply them with
// is an odd whole number then and often 1, which costs nothing.
type upsampledTerms struct {
	w       int         // of a row
	ups     []int       // upsampling factor of each coarse path
	at      []int       // where its ring begins, of output 0
	ring    []int       // rows of its ring
	stride  int         // between outputs
	starts  []startTerm // of the rows of a group, one row after the other
	factors []float32   // of the starts
}

// startTerm is one of the rows that a sum begins with: of a path, the row that lies
// after floats behind the row above the group.
type startTerm struct{ path, after int }

// newUpsampledTerms returns the terms of paths with the upsampling factors ups, for
// groups of so many rows of w floats.
func newUpsampledTerms(ups []int, group, w int) upsampledTerms {
	r := upsampledTerms{w: w, ups: ups}
	for _, f := range ups {
		r.at = append(r.at, r.stride)
		r.ring = append(r.ring, group/f+2)
		r.stride += (group/f + 2) * w
	}
	for y := range group {
		r.addStart(y)
	}
	return r
}

// addStart adds the terms that row y of a group begins with. Row y = M*f + p of a map
// upsampled by f, with j = p + f/2, lies between the coarse rows M + j/f - 1 and the one
// below, which has the share t = (j%f + 0.5)/f. Terms with the factor 1 come first.
func (r *upsampledTerms) addStart(y int) {
	from := len(r.starts)
	add := func(term startTerm, w int) {
		at := len(r.starts)
		if w == 1 {
			at = from
		}
		r.starts, r.factors = slices.Insert(r.starts, at, term), slices.Insert(r.factors, at, float32(w))
	}
	for k, f := range r.ups {
		j := y%f + f/2
		t, below := 2*(j%f)+1, y/f+j/f
		add(startTerm{k, below * r.w}, 2*f-t)
		add(startTerm{k, (below + 1) * r.w}, t)
	}
}

// rowAt is where row y of coarse path k lies, of output 0.
func (r *upsampledTerms) rowAt(k, y int) int { return r.at[k] + (y+1)%r.ring[k]*r.w }

// upsample upsamples rows [lo, hi) of path k across, into z. t holds them: outputs lie
// plane floats apart, rows are n wide.
func (r *upsampledTerms) upsample(z []float32, k int, t []float32, plane, n, lo, hi, outputs int) {
	for lo < hi {
		end := min(hi, lo+r.ring[k]-(lo+1)%r.ring[k])
		resample.Across(&kernel.Planes{X: z[r.rowAt(k, lo):], Stride: r.stride, Pitch: r.w}, &kernel.Planes{X: t, Stride: plane, Pitch: n}, n, r.ups[k], end-lo, outputs)
		t = t[(end-lo)*n:]
		lo = end
	}
}

// repeatEdge copies row y of path k, the outermost of the map, to the place of the row
// beyond the edge.
func (r *upsampledTerms) repeatEdge(z []float32, k, y, beyond, outputs int) {
	pointwise.CopyRows(kernel.Rows(z[r.rowAt(k, beyond):], r.stride), kernel.Rows(z[r.rowAt(k, y):], r.stride), r.w, outputs)
}

// start makes the sums of rows [from, to) begin with the rows of z.
func (r *upsampledTerms) start(a *dense.Act, z []float32, from, to int, s *Scratch) {
	n, paths := (to-from)*2*len(r.ups), len(r.ups)
	if len(s.starts) < n+2*paths {
		s.starts = make([]int32, n+2*paths)
	}
	off, first, end := s.starts[:n], s.starts[n:][:paths], s.starts[n+paths:][:paths]
	for k, f := range r.ups {
		first[k], end[k] = int32(r.rowAt(k, from/f-1)), int32(r.at[k]+r.ring[k]*r.w)
	}
	for i, t := range r.starts[:n] {
		at := first[t.path] + int32(t.after)
		if e := end[t.path]; at >= e {
			at -= int32(r.ring[t.path] * r.w)
		}
		off[i] = at
	}
	a.Z, a.ZOff, a.ZW, a.Phases = kernel.Planes{X: z, Stride: r.stride}, off, r.factors[:n], to-from
}
