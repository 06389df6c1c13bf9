package vm

import (
	"cmp"
	"slices"
)

// span is a stretch of time during which a buffer holds something: steps from
// to to, both included.
type span struct{ from, to int }

// buffer is the memory of an output or a gradient.
type buffer struct {
	size  int // floats
	spans []span
	at    int // offset, set by place
}

// align is what offsets are multiples of, in floats: one cache line.
const align = 16

// place sets the offsets of the buffers so that two whose spans meet do not overlap, large
// ones first, each as low as it fits, and returns the arena's size in floats.
func place(bufs []*buffer) int {
	order := slices.Clone(bufs)
	slices.SortStableFunc(order, func(a, b *buffer) int { return cmp.Compare(b.size, a.size) })
	total := 0
	var placed []*buffer // by offset
	for _, b := range order {
		if b.size == 0 {
			continue
		}
		at := 0
		for _, p := range placed {
			if p.meets(b) && at < p.at+p.size && p.at < at+b.size {
				at = (p.at + p.size + align - 1) / align * align
			}
		}
		b.at = at
		total = max(total, at+b.size)
		i, _ := slices.BinarySearchFunc(placed, at, func(p *buffer, at int) int { return cmp.Compare(p.at, at) })
		placed = slices.Insert(placed, i, b)
	}
	return total
}

func (b *buffer) meets(o *buffer) bool {
	for _, s := range b.spans {
		for _, t := range o.spans {
			if s.from <= t.to && t.from <= s.to {
				return true
			}
		}
	}
	return false
}
