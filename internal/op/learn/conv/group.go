package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// OctGroup runs the output octaves of a gOctConv, which read the same input octaves, all
// together, so that an input comes from memory once. Where the convolutions are pointwise
// the finest map goes by in bands of rows; the other maps, a quarter of it and less, and
// all maps of other convolutions, are held whole.
type OctGroup struct {
	convs   []*Oct
	avg     bool // inputs are average-pooled 2x2 first
	h, w    int  // of the finest map among inputs and outputs, where it goes by in bands, else 0
	in, out int  // numbers of the input and the output of this size, -1: none
	rows    int  // of a band
	split   bool // coarse maps go by in rows too
	terms   groupTerms
}

// NewOctGroup returns the group of convs, which read the same octaves; CanJoin says of two
// whether they go together.
func NewOctGroup(convs ...*Oct) *OctGroup {
	m := &OctGroup{convs: convs, avg: convs[0].paths[0].Avg, in: -1, out: -1}
	if !convs[0].Pointwise() {
		return m
	}
	least := convs[0].H
	for _, c := range convs {
		m.h, m.w, least = max(m.h, c.H), max(m.w, c.W), min(least, c.H)
	}
	for _, p := range convs[0].paths {
		m.h, m.w, least = max(m.h, p.InH), max(m.w, p.InW), min(least, p.InH)
	}
	channels := 0
	for k, p := range convs[0].paths {
		if p.InH == m.h {
			m.in = k
			channels += p.In
		}
	}
	for j, c := range convs {
		if c.H == m.h {
			m.out = j
			channels += c.Out
		}
	}
	unit := m.h / least
	m.rows = min(max(op.OctBandFloats/(channels*m.w)/unit, 4)*unit, m.h)
	if m.out >= 0 {
		m.planTerms()
	}
	m.split = m.coarseFloats() > op.L2Floats && m.in >= 0 && m.out >= 0
	return m
}

// path is the path from input k to output j.
func (m *OctGroup) path(k, j int) *path { return &m.convs[j].paths[k] }

// wholeInputs returns the inputs that do not go by in bands as path's methods take them:
// with norm and PReLU applied, and average-pooled where that comes first.
func (m *OctGroup) wholeInputs(xs []prenorm.Map, s *Scratch) []prenorm.Map {
	acts := s.maps[:0]
	for k, x := range xs {
		p := &m.convs[0].paths[k]
		switch {
		case k == m.in:
		case m.avg:
			x = p.averaged(x, s)
		default:
			x = x.Applied(p.In, s.Arena)
		}
		acts = append(acts, x)
	}
	s.maps = acts
	return acts
}

// coarseMaps returns what is made whole before the bands: the coarse outputs, which still lack
// what the finest input gives them, and the coarse terms of the finest output, to be upsampled.
func (m *OctGroup) coarseMaps(xs []prenorm.Map, es []prenorm.Epilogue, s *Scratch) [][]float32 {
	acts, maps := xs, s.planes[:0]
	if !m.split {
		acts = m.wholeInputs(xs, s)
	}
	for j, c := range m.convs {
		var z []float32
		if j != m.out && !m.split {
			if z = es[j].Z.F(); !es[j].Direct() {
				z = s.Get(c.Out * c.H * c.W)
			}
			c.sum(z, acts, m.in, s)
		}
		maps = append(maps, z)
	}
	for k := range acts {
		var t []float32
		if k != m.in && m.out >= 0 && !m.split {
			t = m.coarseTerm(k, &acts[k], s)
		}
		maps = append(maps, t)
	}
	s.planes = maps
	return maps
}

// Forward makes all outputs of one image; es says where each goes and what follows it.
func (m *OctGroup) Forward(xs []prenorm.Map, es []prenorm.Epilogue, s *Scratch) {
	maps := m.coarseMaps(xs, es, s)
	terms, upsampled := maps[len(m.convs):], []float32(nil)
	if m.terms.factor > 0 {
		upsampled = s.Get(m.convs[m.out].Out * m.terms.stride)
	}
	if m.split {
		m.windows(false, func(int) int { return 2 }, s)
	}
	mark := s.Mark()
	m.lookAhead(xs, s)
	for j := range es {
		if j == m.out || m.split {
			lookAt(&s.ahead, es[j].Z, es[j].C)
		}
	}
	for r := 0; r < m.h; r += m.rows {
		end := min(r+m.rows, m.h)
		s.ahead.at(r * m.w)
		var x []float32
		var pitch int
		s.prefetch.clear()
		if m.in >= 0 {
			n := m.convs[0].paths[m.in].In
			if !m.split {
				addPrefetch(&s.prefetch, xs[m.in].Z, n, xs[m.in].Area, end*m.w, (min(end+m.rows, m.h)-end)*m.w)
				s.prefetch.begin(m.forwardSteps())
			}
			x, pitch = xs[m.in].Band(n, r*m.w, end*m.w, s.Arena)
			if m.split {
				m.coarseRows(xs, es, x, pitch, upsampled, r, end, s)
			} else {
				m.pooledTerms(maps, x, pitch, r, end, len(xs) > 1, s)
			}
		}
		if m.out >= 0 {
			if m.terms.factor > 0 && !m.split {
				m.upsampleTerms(upsampled, terms, r, end)
			}
			m.fineRows(&es[m.out], upsampled, x, pitch, r, end, s)
		}
		s.Release(mark)
	}
	for j, e := range es {
		if j == m.out || m.split {
			e.FinishAll()
			continue
		}
		e.StoreAll(maps[j])
	}
}

// lookAhead readies the lookahead for bands: for those inputs that go by in them.
func (m *OctGroup) lookAhead(xs []prenorm.Map, s *Scratch) {
	s.ahead.begin(m.h*m.w, max(op.OctLookaheadFloats, m.rows*m.w))
	for k := range xs {
		if k == m.in || m.split {
			lookAt(&s.ahead, xs[k].Z, m.convs[0].paths[k].In)
		}
	}
}

// forwardSteps is how many steps a band of the finest maps takes.
func (m *OctGroup) forwardSteps() int {
	n := 2 * len(m.convs)
	if m.out >= 0 {
		n += m.convs[m.out].Out
	}
	return n
}

// pooledTerms adds to the coarser outputs what rows [r, end) of the finest input give them.
// Without acc nothing is there yet and they are written.
func (m *OctGroup) pooledTerms(maps [][]float32, x []float32, pitch, r, end int, acc bool, s *Scratch) {
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		p := m.path(m.in, j)
		at, n := r/p.Pool*c.W, (end-r)/p.Pool*c.W
		p.rows(&kernel.Planes{X: maps[j][at:], Stride: c.H * c.W, Pitch: n}, x, pitch, end-r, acc, s)
		s.prefetch.step()
	}
}

// fineRows makes rows [r, end) of the finest output from its coarse terms z, upsampled across,
// and rows x of the finest input.
func (m *OctGroup) fineRows(e *prenorm.Epilogue, z, x []float32, pitch, r, end int, s *Scratch) {
	from, n := r*m.w, (end-r)*m.w
	d, ds := e.Room(from, n, s.Arena)
	c, l := m.convs[m.out], &m.terms
	var off []int32
	var w []float32
	if x != nil {
		p := m.path(m.in, m.out)
		off, w = s.ChannelOffsets(p.In, pitch), p.fwd
	}
	if l.factor == 0 {
		dense.Conv(&kernel.Planes{X: d, Stride: ds, Pitch: n}, kernel.Rows(x, n), off, kernel.Packed(w, c.Out), n, 1, false)
	} else {
		s.prefetch.step()
		a := dense.Act{Z: kernel.Planes{X: z, Stride: l.stride, Pitch: l.rowPitch}, ZOff: l.starts.off, ZW: l.starts.w, Phases: l.factor}
		dense.ConvAct(&kernel.Planes{X: d, Stride: ds, Pitch: m.w}, kernel.Rows(x, m.w), off, kernel.Packed(w, c.Out), m.w, end-r, &a)
	}
	for o := range e.C {
		z := d[o*ds:][:n]
		s.prefetch.step()
		e.Add(o, z, r == 0)
		e.Store(o, from, z)
	}
}

// CanJoin reports whether c and o, which read the same octaves, can run as a group.
func (c *Oct) CanJoin(o *Oct) bool {
	return c.group != nil && o.group != nil && c.group.avg == o.group.avg && c.Pointwise() == o.Pointwise()
}
