package infer

import (
	"csnet/internal/op"
	"csnet/internal/op/infer/conv"
)

// Segment is a list of ops that run together, some rows at a time. A map that only they
// read is never held whole: there is a window of some of its rows, which stays in a cache.
// What is in a row does not depend on how the rows are cut.
//
// A clock counts units of rows, one unit being a row or a few of the coarsest map. When
// it stands at t, every sink (a map that others read) has all rows above t, and every
// other map has those that this takes.
type Segment struct {
	env     *Env
	members []member
	floats  int  // of maps that it should hold in the cache at a time
	units   int  // the clock's end
	band    int  // units at a time
	stream  bool // sinks are written past the caches
	parts   int  // parts of an image, one for each thread: stretches of its units
	shares  bool // the parts are shares of the channels instead

	runPart   func(thread, i int)
	copySeams func(thread, i int) // after all parts; nil: nothing to do
}

// member is an op of a segment.
type member struct {
	*Op
	src         *Op      // whose inputs it reads: itself, or the op that it absorbed
	from        []int    // of each input map the member that makes it, or -1: from outside
	readers     []Reader // the inputs of members that read its map
	sink        bool     // its map is read outside the segment, so it is written in full
	overlaid    bool     // a sink that is written over a map from outside
	seams       []seam   // of that
	align       int      // of the convolution
	rowsPerUnit int
	windowRows  int  // rows of its window
	ring        bool // the window is a ring: see depthwise.Band
}

// Reader is an input of a member.
type Reader struct{ Member, Input int }

// NewSegment returns the segment of ops, which are in the order of a run. from tells of
// each op and input map which of the ops makes it, -1 for one outside; sinks says whose
// maps are read outside. floats is how much of the maps the segment should hold in the
// cache at a time.
func NewSegment(ops []*Op, from [][]int, sinks []bool, floats int) *Segment {
	g := &Segment{env: ops[0].env, floats: floats, members: make([]member, len(ops))}
	for i, f := range ops {
		m := member{Op: f, src: f, from: from[i], sink: sinks[i], align: f.conv.Align()}
		if f.absorbed != nil {
			m.src = f.absorbed
		}
		for k, j := range m.from {
			if j >= 0 {
				g.members[j].readers = append(g.members[j].readers, Reader{i, k})
			}
		}
		g.members[i] = m
		if u := f.Out[2] / m.align; i == 0 || u < g.units {
			g.units = u
		}
	}
	for i := range g.members {
		m := &g.members[i]
		m.rowsPerUnit = m.Out[2] / g.units
		m.ring = len(m.readers) > 0 && !m.sink
		for _, r := range m.readers {
			m.ring = m.ring && g.members[r.Member].depthwise()
		}
	}
	g.stream = g.env.Streams(int(op.ImageStreamShare * float64(g.outsideFloats())))
	g.parts = min(g.env.Threads(), g.units)
	if g.members[0].batch >= g.env.Threads() {
		g.parts = 1
	}
	g.shares = g.parts > 1 && g.sharesChannels()
	return g
}

// depthwise reports whether the op is a depthwise convolution, the only kind that reads
// and writes rings.
func (o *Op) depthwise() bool {
	_, ok := o.conv.(*conv.Depthwise)
	return ok
}

// Whole reports whether every sink has a whole number of rows in a unit. Only then can
// the segment run.
func (g *Segment) Whole() bool {
	for i := range g.members {
		if m := &g.members[i]; m.sink && m.rowsPerUnit*g.units != m.Out[2] {
			return false
		}
	}
	return true
}

// Fits reports whether bands of some units hold no more in the cache than they should.
func (g *Segment) Fits(units int) bool { return g.sizeWindows(min(units, g.units)) <= g.floats }

// Bind makes the ops run together when the last one does.
func (g *Segment) Bind() {
	g.band = g.units
	if len(g.members) > 1 {
		for g.band = 1; g.band < g.units && g.sizeWindows(2*g.band) <= g.floats; {
			g.band *= 2
		}
	}
	g.sizeWindows(g.band)
	g.runPart = g.env.task(g.part)
	for i := range g.members {
		m := &g.members[i]
		if m.segment = g; len(m.seams) > 0 {
			g.copySeams = g.env.task(func(_ *scratch, i int) { g.copySeamsOf(i/g.parts, i%g.parts) })
		}
	}
}

// run runs all members on the whole batch.
func (g *Segment) run() {
	n := g.members[0].batch * g.parts
	g.env.Run(n, g.runPart)
	if g.copySeams != nil {
		g.env.Run(n, g.copySeams)
	}
}

// part runs part i%g.parts of image i/g.parts.
func (g *Segment) part(s *scratch, i int) {
	image, k := i/g.parts, i%g.parts
	if g.shares {
		g.runUnits(s, image, 0, g.units, k, g.parts)
		return
	}
	g.runUnits(s, image, g.cut(k), g.cut(k+1), 0, 1)
}

// cut is the unit with which part k of an image begins.
func (g *Segment) cut(k int) int { return g.units * k / g.parts }

// sharesChannels reports whether threads take shares of the channels instead of rows. In
// small maps the rows that two stretches both make, and those that come from the cache of
// another core, would be many. Members must read all channels of maps from outside, or
// only their own.
func (g *Segment) sharesChannels() bool {
	for i := range g.members {
		m := &g.members[i]
		_, all := m.conv.(*conv.Oct)
		for _, j := range m.from {
			if m.Out[2] > op.SmallMapRows || j >= 0 && !m.depthwise() || j < 0 && !all {
				return false
			}
		}
	}
	return true
}

// outsideFloats is how many floats the maps of an image have that the segment reads or
// writes in memory.
func (g *Segment) outsideFloats() int {
	n := 0
	for i := range g.members {
		m := &g.members[i]
		if m.sink {
			n += m.c * m.area
		}
		for k, j := range m.from {
			if j < 0 {
				n += m.src.In[k].TotalSize() / m.batch
			}
		}
	}
	return n
}
