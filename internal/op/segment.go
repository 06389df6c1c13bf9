package op

import (
	"math"
	"slices"

	"csnet/internal/kernel"
)

// Segment is ops that run together in evaluation, some rows at a time: of a map
// that only they read there is a window of rows, which stays in a cache. What is
// in a row does not depend on the cuts.
//
// A clock counts rows of the coarsest map. When it stands at t, every sink has
// the rows that lie above t, and every other map those that follow from that.
type Segment struct {
	env           *Env
	members       []member
	cache         int
	units         int  // the clock's end
	band          int  // units at a time
	stream        bool // its maps leave the caches before anybody reads them
	parts         int  // stretches of an image, shared by threads, or
	splitChannels bool // shares of the channels
	runPart       func(s *scratch, i int)
	copySeams     func(s *scratch, i int) // after all parts; nil: nothing to do
}

// member is an op of a segment.
type member struct {
	*Fused
	src         *Fused   // whose inputs it reads
	from        []int    // of each input map: the member that makes it, or -1
	readers     []Reader // members that read its map
	sink        bool     // its map is written in full,
	overlaid    bool     // where a map from outside lies
	seams       []seam
	align       int
	rowsPerUnit int  // rows in a unit
	windowRows  int  // rows of its window
	ring        bool // which is a ring: see kernel.Band
}

// Reader is an input of a member.
type Reader struct{ Member, Input int }

// NewSegment returns the segment of ops, which are in the order of a run. from
// tells of each op and input map which op makes it, -1 for one outside; sinks
// says whose maps are read outside. cache is how many floats of maps it should
// hold at a time.
func NewSegment(ops []*Fused, from [][]int, sinks []bool, cache int) *Segment {
	g := &Segment{env: ops[0].env, cache: cache, members: make([]member, len(ops))}
	for i, f := range ops {
		m := member{Fused: f, src: f, from: from[i], sink: sinks[i], align: f.infer.align()}
		if f.absorbed != nil {
			m.src = f.absorbed
		}
		for k, j := range m.from {
			if j >= 0 {
				g.members[j].readers = append(g.members[j].readers, Reader{i, k})
			}
		}
		g.members[i] = m
		if u := f.out[2] / m.align; i == 0 || u < g.units {
			g.units = u
		}
	}
	for i := range g.members {
		m := &g.members[i]
		m.rowsPerUnit = m.out[2] / g.units
		m.ring = len(m.readers) > 0 && !m.sink
		for _, r := range m.readers {
			_, ok := g.members[r.Member].infer.(*Depthwise)
			m.ring = m.ring && ok
		}
	}
	g.stream = g.env.streams(int(imageStreamShare * float64(g.outside())))
	g.parts = min(g.env.Threads(), g.units)
	if g.members[0].b >= g.env.Threads() {
		g.parts = 1
	}
	g.splitChannels = g.parts > 1 && g.sharesChannels()
	return g
}

// Whole reports whether every sink has a whole number of rows in a unit.
func (g *Segment) Whole() bool {
	for i := range g.members {
		if m := &g.members[i]; m.sink && m.rowsPerUnit*g.units != m.out[2] {
			return false
		}
	}
	return true
}

// Fits reports whether bands of some units leave no more in the cache than they
// should.
func (g *Segment) Fits(units int) bool { return g.size(min(units, g.units)) <= g.cache }

// Bind makes the ops run together when the last one does.
func (g *Segment) Bind() {
	g.band = g.units
	if len(g.members) > 1 {
		for g.band = 1; g.band < g.units && g.size(2*g.band) <= g.cache; {
			g.band *= 2
		}
	}
	g.size(g.band)
	g.runPart = func(s *scratch, i int) {
		image, k := i/g.parts, i%g.parts
		if g.splitChannels {
			g.run(s, image, 0, g.units, k, g.parts)
			return
		}
		g.run(s, image, g.cut(k), g.cut(k+1), 0, 1)
	}
	for i := range g.members {
		m := &g.members[i]
		if m.segment = g; len(m.seams) > 0 {
			g.copySeams = func(_ *scratch, i int) { g.copySeamsOf(i/g.parts, i%g.parts) }
		}
	}
}

// cut is the unit with which part k of an image begins.
func (g *Segment) cut(k int) int { return g.units * k / g.parts }

// sharesChannels reports whether threads take shares of the channels instead of rows: in
// small maps the rows that two stretches both make, and those that come from
// another core, would be many. Members must read all channels from outside, or
// their own.
func (g *Segment) sharesChannels() bool {
	for i := range g.members {
		m := &g.members[i]
		_, own := m.infer.(*Depthwise)
		_, all := m.infer.(*OctConv)
		for _, j := range m.from {
			if m.out[2] > smallMapRows || j >= 0 && !own || j < 0 && !all {
				return false
			}
		}
	}
	return true
}

// imageStreamShare is by how much less one image's maps, read and written once, take of the
// caches than those that Env.StreamFloats is about: with its default, 22 MB leave them.
const imageStreamShare = 3. / 8

// smallMapRows is how many rows a small map has at most.
const smallMapRows = 28

// prefetchFloats is the size of maps from outside that are brought into the cache
// while their rows are read: as much as some second-level caches.
const prefetchFloats = 512 << 10

// outside is how many floats the maps of an image have that the segment reads or
// writes.
func (g *Segment) outside() int {
	n := 0
	for i := range g.members {
		m := &g.members[i]
		if m.sink {
			n += m.c * m.hw
		}
		for k, j := range m.from {
			if j < 0 {
				n += m.src.in[k].TotalSize() / m.b
			}
		}
	}
	return n
}

// size sets the rows of the windows for a band, and returns how many floats of
// maps the band leaves in the cache.
func (g *Segment) size(band int) int {
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
			first[i] = floorDiv(first[i], m.align) * m.align
			rows = min(after[i]-g.unread(m, func(r int) int { return before[r] }), m.out[2])
			m.windowRows = min(after[i]-first[i], m.out[2]) // the first band begins further up, with whole tiles
		}
		if len(m.readers) > 0 || !m.overlaid && !g.stream {
			n += m.c * m.out[3] * rows
		}
		for k, j := range m.from {
			if j < 0 {
				lo, _ := m.infer.reads(k, before[i], before[i])
				_, hi := m.infer.reads(k, after[i], after[i])
				n += m.src.in[k][1] * m.src.in[k][3] * (hi - lo)
			}
		}
	}
	return n
}

// needed sets the row up to which each member is to be done when the clock stands
// at t, with bounds no further than its map goes.
func (g *Segment) needed(rows []int, t int, bounds bool) {
	for i, m := range slices.Backward(g.members) {
		n := math.MinInt32
		if m.sink {
			n = t * m.rowsPerUnit
		}
		for _, r := range m.readers {
			_, hi := g.members[r.Member].infer.reads(r.Input, rows[r.Member], rows[r.Member])
			n = max(n, hi)
		}
		if n = floorDiv(n+m.align-1, m.align) * m.align; bounds {
			n = min(n, m.out[2])
		}
		rows[i] = n
	}
}

// floorDiv is n/d rounded down, below 0 as well: rows above a map count like others.
func floorDiv(n, d int) int {
	if n < 0 {
		return -((d - 1 - n) / d)
	}
	return n / d
}

// unread returns the first row of m that its readers, done up to the row that
// done gives, still read.
func (g *Segment) unread(m *member, done func(member int) int) int {
	n := m.out[2]
	for _, r := range m.readers {
		at := done(r.Member)
		lo, _ := g.members[r.Member].infer.reads(r.Input, at, at)
		n = min(n, lo)
	}
	return n
}

// begin sets the row that each member begins with when the clock does at unit
// from.
func (g *Segment) begin(rows []int, from int) {
	for i := range slices.Backward(g.members) {
		m := &g.members[i]
		rows[i] = m.out[2]
		if m.sink {
			rows[i] = from * m.rowsPerUnit
		}
		if len(m.readers) > 0 {
			first := g.unread(m, func(r int) int { return rows[r] })
			rows[i] = max(min(rows[i], first), 0) / m.align * m.align
		}
	}
}

// run does the units from up to but not including to of one image, share number
// share of as many of the channels.
func (g *Segment) run(s *scratch, image, from, to, share, shares int) {
	if len(s.windows) < len(g.members) {
		s.windows, s.need = make([]window, len(g.members)), make([]int, len(g.members))
	}
	ws := s.windows
	g.begin(s.need, from)
	for i := range slices.Backward(g.members) {
		m, w := &g.members[i], &ws[i]
		*w = window{first: s.need[i]}
		if len(m.readers) > 0 {
			w.stride = m.windowRows * m.out[3]
			w.buf = s.get(m.c * w.stride)
			if m.ring {
				w.ring = m.windowRows
			}
		}
		w.done = w.first
		w.state.lo, w.state.hi = m.c*share/shares, m.c*(share+1)/shares
		w.state.terms = s.get(m.infer.memory())
	}
	for used, t := s.used, from; t < to; {
		t = min(t+g.band, to)
		g.needed(s.need, t, true)
		for i := range g.members {
			if s.need[i] > ws[i].done {
				g.advance(s, i, image, s.need[i], from, to)
				s.used = used
			}
		}
	}
}

// advance makes the rows of member i up to upto; the units from up to to of the
// sinks are this run's.
func (g *Segment) advance(s *scratch, i, image, upto, from, to int) {
	m, w := &g.members[i], &s.windows[i]
	xs := s.xs[:0]
	for k, j := range m.from {
		x := m.src.mapOf(m.src.xs[k], k, image)
		x.uncached = len(x.x) >= prefetchFloats
		if j >= 0 {
			v := &s.windows[j]
			x = input{x: v.buf, hw: v.stride, first: v.first, ring: v.ring}
		}
		xs = append(xs, x)
	}
	s.xs = xs
	width := m.out[3]
	c := w.state.hi - w.state.lo
	y := m.y[(image*m.c+w.state.lo)*m.hw:][:c*m.hw]
	if c == 0 {
		w.done = upto
		return
	}
	if len(m.readers) == 0 {
		w.state.stream = g.stream && !m.overlaid
		for w.done < upto {
			dst, stride, end := m.destination(image, y, w.done, upto)
			m.infer.rows(dst, stride, xs, &w.state, s, w.done, end)
			w.done = end
		}
		return
	}
	if w.ring == 0 && (upto-w.first)*width > w.stride {
		w.dropAbove(g.unread(m, func(r int) int { return s.windows[r].done }), c, width)
	}
	done := w.done
	if _, ok := m.infer.(*Depthwise); ok && w.ring > 0 {
		w.state.ring = w.ring
		m.infer.rows(w.buf, w.stride, xs, &w.state, s, done, upto)
		w.done = upto
	}
	for w.done < upto {
		at, end := w.locate(w.done, upto)
		m.infer.rows(w.buf[at*width:], w.stride, xs, &w.state, s, w.done, end)
		w.done = end
	}
	for lo, hi := max(done, from*m.rowsPerUnit), min(upto, to*m.rowsPerUnit); m.sink && lo < hi; {
		dst, stride, end := m.destination(image, y, lo, hi)
		kernel.CopyRows(dst, stride, w.buf[(lo-w.first)*width:], w.stride, (end-lo)*width, c)
		lo = end
	}
}

// window holds rows of a member's map up to row done, channels stride apart: those
// from first on or, in a ring, the last ones.
type window struct {
	buf         []float32
	stride      int
	first, done int
	ring        int // rows of the ring: see kernel.Band; 0: none
	state       rowState
}

// locate returns where row y is, and how far the rows up to upto go on from there.
func (w *window) locate(y, upto int) (at, end int) {
	if w.ring == 0 {
		return y - w.first, upto
	}
	at = y % w.ring
	return at, min(upto, y-at+w.ring)
}

// rowState is what an op keeps from one call of rows to the next, for the rows
// below.
type rowState struct {
	lo, hi  int // channels to make
	terms   []float32
	started bool // there was a call
	stream  bool // what it writes leaves the caches
	ring    int  // it writes into a ring of as many rows
}

// dropAbove forgets the rows above first.
func (w *window) dropAbove(first, channels, width int) {
	if first = min(max(first, 0), w.done); first <= w.first {
		return
	}
	if w.done > first {
		kernel.CopyRows(w.buf, w.stride, w.buf[(first-w.first)*width:], w.stride, (w.done-first)*width, channels)
	}
	w.first = first
}
