package infer

// seam is some rows of a sink that is written over a map from outside. They lie next to
// a cut between two parts of the image, where the part beyond the cut still reads that
// map. So they wait in memory of their own until all parts are done.
type seam struct {
	part   int // that makes the rows
	lo, hi int
	buf    []float32 // (image, channel, row, column)
}

// Overlay decides whether the map of member i, a sink, can be written to the memory of a
// map from outside that the given inputs read, and nobody later does: that is when no
// reader needs a row any more at the time it is overwritten. If so the map is written there
// from then on. It saves memory traffic, because what is written over was read a short
// while ago by the same thread and is still in the cache.
func (g *Segment) Overlay(i int, inputs []Reader) bool {
	m := &g.members[i]
	if !m.sink || m.overlaid || g.shares {
		return false
	}
	for _, r := range inputs {
		x := g.members[r.Member].src.In[r.Input]
		if r.Member >= i || x[2] != m.Out[2] || x[3] != m.Out[3] || m.batch > 1 && x[1] != m.c {
			return false
		}
	}
	rows := make([]int, len(g.members))
	for t := 1; t < g.units; t++ {
		if g.needed(rows, t, true); g.unreadOutside(inputs, rows) < rows[i] {
			return false
		}
	}
	seams, ok := g.seamsOf(i, inputs)
	m.overlaid, m.seams = ok, seams
	return ok
}

// unreadOutside returns the first row of a map from outside that the inputs still read
// when the members are done up to the given rows.
func (g *Segment) unreadOutside(inputs []Reader, rows []int) int {
	first := g.members[inputs[0].Member].In[inputs[0].Input][2]
	for _, r := range inputs {
		m := &g.members[r.Member]
		if done := rows[r.Member]; done < m.Out[2] {
			lo, _ := m.conv.Reads(r.Input, done, done)
			first = min(first, lo)
		}
	}
	return first
}

// seamsOf returns the seams of member i over a map that the inputs read. It returns false
// where a seam is longer than its part.
func (g *Segment) seamsOf(i int, inputs []Reader) ([]seam, bool) {
	m, rows := &g.members[i], make([]int, len(g.members))
	row := func(k int) int { return g.cut(k) * m.rowsPerUnit }
	end := func(lo int) int { return (lo + m.align - 1) / m.align * m.align }
	var seams []seam
	add := func(part, lo, hi int) {
		if lo < hi {
			seams = append(seams, seam{part, lo, hi, make([]float32, m.batch*m.c*(hi-lo)*m.Out[3])})
		}
	}
	for k := 1; k < g.parts; k++ {
		g.begin(rows, g.cut(k))
		lo := max(g.unreadOutside(inputs, rows), 0) / m.align * m.align
		g.needed(rows, g.cut(k), true)
		hi := 0
		for _, r := range inputs {
			_, n := g.members[r.Member].conv.Reads(r.Input, rows[r.Member], rows[r.Member])
			hi = max(hi, n)
		}
		hi = min(end(hi), m.Out[2])
		if lo < row(k-1) || hi > row(k+1) || len(seams) > 0 && lo < seams[len(seams)-1].hi {
			return nil, false
		}
		add(k-1, lo, row(k))
		add(k, row(k), hi)
	}
	return seams, true
}

// destination returns where rows [at, end) of an image are written and how far apart the
// channels lie there; end is no further than upto. y is the image of the map.
func (m *member) destination(image int, y []float32, at, upto int) (dst []float32, stride, end int) {
	width := m.Out[3]
	for _, e := range m.seams {
		if at < e.lo {
			return y[at*width:], m.area, min(upto, e.lo)
		}
		if at < e.hi {
			n := (e.hi - e.lo) * width
			return e.buf[image*m.c*n+(at-e.lo)*width:], n, min(upto, e.hi)
		}
	}
	return y[at*width:], m.area, upto
}

// copySeamsOf copies the seams of one part of an image to their place.
func (g *Segment) copySeamsOf(image, part int) {
	for i := range g.members {
		m := &g.members[i]
		for _, e := range m.seams {
			if e.part != part {
				continue
			}
			n := (e.hi - e.lo) * m.Out[3]
			for c := range m.c {
				copy(m.Y[(image*m.c+c)*m.area+e.lo*m.Out[3]:][:n], e.buf[(image*m.c+c)*n:])
			}
		}
	}
}
