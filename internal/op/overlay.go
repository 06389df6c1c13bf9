package op

// seam is rows of a sink that lies where a map from outside does, next to a cut
// between two parts: the part beyond the cut still reads what lies there. They
// wait in memory of their own until all parts are done.
type seam struct {
	part   int // that makes the rows
	lo, hi int
	buf    []float32 // (image, channel, row, column)
}

// Overlay tells whether the map of member i, a sink, may lie where a map from
// outside does that the members read as the inputs list, and nobody later does:
// every row is written when no reader needs what lies there any more. It does lie
// there from then on. What is written is in the cache then, for it was read a
// short while ago, and by the same thread.
func (g *Segment) Overlay(i int, inputs []Reader) bool {
	m := &g.members[i]
	if !m.sink || m.overlaid || g.splitChannels {
		return false
	}
	for _, r := range inputs {
		x := g.members[r.Member].src.in[r.Input]
		if r.Member >= i || x[2] != m.out[2] || x[3] != m.out[3] || m.b > 1 && x[1] != m.c {
			return false
		}
	}
	rows := make([]int, len(g.members))
	for t := 1; t < g.units; t++ {
		if g.needed(rows, t, true); g.unreadOf(inputs, rows) < rows[i] {
			return false
		}
	}
	seams, ok := g.seamsOf(i, inputs)
	m.overlaid, m.seams = ok, seams
	return ok
}

// unreadOf returns the first row of a map from outside that the inputs still
// read when the members are done up to the rows.
func (g *Segment) unreadOf(inputs []Reader, rows []int) int {
	first := g.members[inputs[0].Member].in[inputs[0].Input][2]
	for _, r := range inputs {
		m := &g.members[r.Member]
		if done := rows[r.Member]; done < m.out[2] {
			lo, _ := m.infer.reads(r.Input, done, done)
			first = min(first, lo)
		}
	}
	return first
}

// seamsOf returns the seams of member i over a map that the inputs read, false
// when one is longer than its part.
func (g *Segment) seamsOf(i int, inputs []Reader) ([]seam, bool) {
	m, rows := &g.members[i], make([]int, len(g.members))
	row := func(k int) int { return g.cut(k) * m.rowsPerUnit }
	end := func(lo int) int { return (lo + m.align - 1) / m.align * m.align }
	var seams []seam
	add := func(part, lo, hi int) {
		if lo < hi {
			seams = append(seams, seam{part, lo, hi, make([]float32, m.b*m.c*(hi-lo)*m.out[3])})
		}
	}
	for k := 1; k < g.parts; k++ {
		g.begin(rows, g.cut(k))
		lo := max(g.unreadOf(inputs, rows), 0) / m.align * m.align
		g.needed(rows, g.cut(k), true)
		hi := 0
		for _, r := range inputs {
			_, n := g.members[r.Member].infer.reads(r.Input, rows[r.Member], rows[r.Member])
			hi = max(hi, n)
		}
		hi = min(end(hi), m.out[2])
		if lo < row(k-1) || hi > row(k+1) || len(seams) > 0 && lo < seams[len(seams)-1].hi {
			return nil, false
		}
		add(k-1, lo, row(k))
		add(k, row(k), hi)
	}
	return seams, true
}

// destination returns where rows from at up to end of an image go, end being no
// further than upto, and how far apart the channels are; y is the image.
func (m *member) destination(image int, y []float32, at, upto int) (dst []float32, stride, end int) {
	width := m.out[3]
	for _, e := range m.seams {
		if at < e.lo {
			return y[at*width:], m.hw, min(upto, e.lo)
		}
		if at < e.hi {
			n := (e.hi - e.lo) * width
			return e.buf[image*m.c*n+(at-e.lo)*width:], n, min(upto, e.hi)
		}
	}
	return y[at*width:], m.hw, upto
}

// copySeamsOf puts the seams of an image's part in their place.
func (g *Segment) copySeamsOf(image, part int) {
	for i := range g.members {
		m := &g.members[i]
		for _, e := range m.seams {
			if e.part != part {
				continue
			}
			n := (e.hi - e.lo) * m.out[3]
			for c := range m.c {
				copy(m.y[(image*m.c+c)*m.hw+e.lo*m.out[3]:][:n], e.buf[(image*m.c+c)*n:])
			}
		}
	}
}
