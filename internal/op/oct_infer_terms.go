package op

import (
	"slices"

	"csnet/internal/kernel"
)

// inferTerms holds rows of an OctConv's coarse terms, upsampled across, in evaluation:
// down they are by the next conv, whose sums start between two of the rows. The
// rows of each coarse path are a ring, in which those that the next group of rows
// needs as well stay where they are.
//
// The rows of a path that goes up by f are held divided by 2f: what they are
// taken times on the way down is odd then, and often 1, which takes nothing.
type inferTerms struct {
	w       int         // of a row
	up      []int       // of each coarse path
	at      []int       // of its ring
	ring    []int       // rows of the ring
	stride  int         // between outputs
	starts  []startTerm // of the rows of a group, one after the other
	factors []float32   // of the terms
}

// startTerm is what a row starts from: of a path, the row that would lie so many
// floats after the one above the group.
type startTerm struct{ path, after int }

// newInferTerms returns the rises of paths that go up by as much as up says to groups
// of rows of w.
func newInferTerms(up []int, group, w int) inferTerms {
	r := inferTerms{w: w, up: up}
	for _, f := range up {
		r.at = append(r.at, r.stride)
		r.ring = append(r.ring, group/f+2)
		r.stride += (group/f + 2) * w
	}
	for y := range group {
		r.addStart(y)
	}
	return r
}

// addStart adds the terms of row y of a group. Row y = M*f + p of a map upsampled
// by f, j = p + f/2, lies between the coarse rows M + j/f - 1 and the one below,
// with t = (j%f + 0.5)/f for the latter. Those with the factor 1 come first.
func (r *inferTerms) addStart(y int) {
	from := len(r.starts)
	add := func(term startTerm, w int) {
		at := len(r.starts)
		if w == 1 {
			at = from
		}
		r.starts, r.factors = slices.Insert(r.starts, at, term), slices.Insert(r.factors, at, float32(w))
	}
	for k, f := range r.up {
		j := y%f + f/2
		t, below := 2*(j%f)+1, y/f+j/f
		add(startTerm{k, below * r.w}, 2*f-t)
		add(startTerm{k, (below + 1) * r.w}, t)
	}
}

// rowAt is where row y of coarse path k lies, of output 0.
func (r *inferTerms) rowAt(k, y int) int { return r.at[k] + (y+1)%r.ring[k]*r.w }

// upsample upsamples across rows lo up to hi, which t holds plane floats apart, of path
// k, n wide, into z.
func (r *inferTerms) upsample(z []float32, k int, t []float32, plane, n, lo, hi, outputs int) {
	for lo < hi {
		end := min(hi, lo+r.ring[k]-(lo+1)%r.ring[k])
		kernel.Across(z[r.rowAt(k, lo):], r.stride, r.w, t, plane, n, n, r.up[k], end-lo, outputs)
		t = t[(end-lo)*n:]
		lo = end
	}
}

// repeatEdge copies row y of path k, the outermost of the map, to where the one beyond
// lies.
func (r *inferTerms) repeatEdge(z []float32, k, y, beyond, outputs int) {
	kernel.CopyRows(z[r.rowAt(k, beyond):], r.stride, z[r.rowAt(k, y):], r.stride, r.w, outputs)
}

// startFrom sets what the sums of rows from up to to start from, the rows of z.
func (r *inferTerms) startFrom(a *kernel.Act, z []float32, from, to int, s *scratch) {
	n, paths := (to-from)*2*len(r.up), len(r.up)
	if len(s.starts) < n+2*paths {
		s.starts = make([]int32, n+2*paths)
	}
	off, first, end := s.starts[:n], s.starts[n:][:paths], s.starts[n+paths:][:paths]
	for k, f := range r.up {
		first[k], end[k] = int32(r.rowAt(k, from/f-1)), int32(r.at[k]+r.ring[k]*r.w)
	}
	for i, t := range r.starts[:n] {
		at := first[t.path] + int32(t.after)
		if e := end[t.path]; at >= e {
			at -= int32(r.ring[t.path] * r.w)
		}
		off[i] = at
	}
	a.Z, a.ZS, a.ZP, a.ZOff, a.ZW, a.Phases = z, r.stride, 0, off, r.factors[:n], to-from
}
