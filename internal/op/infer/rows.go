package infer

import (
	"math"
	"slices"

	"csnet/internal/op"
)

// needed sets rows[i] to the row up to which member i must be done when the clock stands
// at t. With bounds that is no further than its map goes.
func (g *Segment) needed(rows []int, t int, bounds bool) {
	for i, m := range slices.Backward(g.members) {
		n := math.MinInt32
		if m.sink {
			n = t * m.rowsPerUnit
		}
		for _, r := range m.readers {
			_, hi := g.members[r.Member].conv.Reads(r.Input, rows[r.Member], rows[r.Member])
			n = max(n, hi)
		}
		if n = op.FloorDiv(n+m.align-1, m.align) * m.align; bounds {
			n = min(n, m.Out[2])
		}
		rows[i] = n
	}
}

// unread returns the first row of m that its readers still read when they are done up
// to the rows that done gives.
func (g *Segment) unread(m *member, done func(member int) int) int {
	n := m.Out[2]
	for _, r := range m.readers {
		at := done(r.Member)
		lo, _ := g.members[r.Member].conv.Reads(r.Input, at, at)
		n = min(n, lo)
	}
	return n
}

// begin sets rows[i] to the row that member i begins with when the clock begins with
// unit from.
func (g *Segment) begin(rows []int, from int) {
	for i := range slices.Backward(g.members) {
		m := &g.members[i]
		rows[i] = m.Out[2]
		if m.sink {
			rows[i] = from * m.rowsPerUnit
		}
		if len(m.readers) > 0 {
			first := g.unread(m, func(r int) int { return rows[r] })
			rows[i] = max(min(rows[i], first), 0) / m.align * m.align
		}
	}
}

// sizeWindows sets the rows of the windows for bands of band units. It returns how many
// floats of maps such a band leaves in the cache.
func (g *Segment) sizeWindows(band int) int {
	first, before, after := make([]int, len(g.members)), make([]int, len(g.members)), make([]int, len(g.members))
	g.needed(before, 0, false)
	g.needed(after, band, false)
	n := 0
	for i := range slices.Backward(g.members) {
		m := &g.members[i]
		rows := m.rowsPerUnit * band
		m.windowRows = rows
		if len(m.readers) > 0 {
			first[i] = g.unread(m, func(r int) int { return first[r] })
			if m.sink {
				first[i] = min(first[i], 0)
			}
			first[i] = op.FloorDiv(first[i], m.align) * m.align
			rows = min(after[i]-g.unread(m, func(r int) int { return before[r] }), m.Out[2])
			m.windowRows = min(after[i]-first[i], m.Out[2]) // the first band begins further up, with whole tiles
		}
		if len(m.readers) > 0 || !m.overlaid && !g.stream {
			n += m.c * m.Out[3] * rows
		}
		for k, j := range m.from {
			if j < 0 {
				lo, _ := m.conv.Reads(k, before[i], before[i])
				_, hi := m.conv.Reads(k, after[i], after[i])
				n += m.src.In[k][1] * m.src.In[k][3] * (hi - lo)
			}
		}
	}
	return n
}
