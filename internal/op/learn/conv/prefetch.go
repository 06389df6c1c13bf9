package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op/learn/prenorm"
)

// prefetcher brings what the next band of an OctGroup reads into the cache, some of it after
// each step of the band before: memory would otherwise wait while kernels compute, and
// kernels for memory.
type prefetcher struct {
	parts [][]float32
	at    int // the part in work
	quota int // floats a step
}

// addPrefetch adds n values, from number from on, of each of some channels of x that lie
// stride apart.
func addPrefetch[H kernel.Half](a *prefetcher, x prenorm.Stored[H], channels, stride, from, n int) {
	for c := 0; c < channels && n > 0 && !x.Nil(); c++ {
		a.parts = append(a.parts, x.Cut(c*stride+from, n).Memory())
	}
}

// begin sets how many steps there will be for what was added.
func (a *prefetcher) begin(steps int) {
	n := 0
	for _, p := range a.parts {
		n += len(p)
	}
	a.quota = n/steps + 1
}

// step prefetches some more.
func (a *prefetcher) step() {
	for left := a.quota; left > 0 && a.at < len(a.parts); {
		p := a.parts[a.at]
		n := min(left, len(p))
		pointwise.Prefetch(p[:n])
		if p = p[n:]; len(p) == 0 {
			a.at++
		} else {
			a.parts[a.at] = p
		}
		left -= n
	}
}

// clear forgets what is left.
func (a *prefetcher) clear() { a.parts, a.at = a.parts[:0], 0 }

// lookahead has the addresses of what a convolution will read and write of maps in memory
// looked up some time before it comes there (pointwise.Touch), a stretch of all maps at once,
// for the processor looks several up together.
type lookahead struct {
	maps []mapMemory
	step int // values of each plane in a stretch
	area int // values of a plane
	next int // value of each plane with which the next stretch begins
}

// mapMemory is where the planes of one image of a map lie.
type mapMemory struct {
	floats []float32
	planes int
}

// begin readies it for planes of area values, step in a stretch.
func (a *lookahead) begin(area, step int) {
	a.maps, a.area, a.step, a.next = a.maps[:0], area, step, 0
}

// lookAt adds the map x of so many planes, unless there is none.
func lookAt[H kernel.Half](a *lookahead, x prenorm.Stored[H], planes int) {
	if !x.Nil() {
		a.maps = append(a.maps, mapMemory{x.Memory(), planes})
	}
}

// at says that the convolution has come to value number at of each plane.
func (a *lookahead) at(at int) {
	for a.next < a.area && a.next <= at+a.step {
		end := min(a.next+a.step, a.area)
		for _, m := range a.maps {
			m.touch(a.next, end, a.area)
		}
		a.next = end
	}
}

// touch has values [from, to) of each plane of area values looked up.
func (m *mapMemory) touch(from, to, area int) {
	if to-from == area {
		pointwise.Touch(m.floats)
		return
	}
	for p := range m.planes {
		plane := m.floats[len(m.floats)*p/m.planes : len(m.floats)*(p+1)/m.planes]
		pointwise.Touch(plane[len(plane)*from/area : len(plane)*to/area])
	}
}
