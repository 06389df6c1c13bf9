package op

import "csnet/internal/kernel"

// mixer runs, in training, gOctConvs that read the same octaves: all outputs
// together, so that an input comes from memory once. Of pointwise convs the
// finest map goes by in bands of rows; the others, a quarter of it and less,
// and all maps of other convs, are held whole.
type mixer struct {
	convs   []*OctConv
	avg     bool // inputs are average-pooled 2x2 first
	h, w    int  // of the finest map among inputs and outputs, if it goes by in bands, else 0
	in, out int  // numbers of the input and the output of this size, -1 without
	rows    int  // of a band
	lifts   lifts
}

// mixFloats is about how much of the finest inputs and outputs a band holds: a
// part of the second-level cache.
const mixFloats = 48 << 10

func newMixer(convs ...*OctConv) *mixer {
	m := &mixer{convs: convs, avg: convs[0].paths[0].avg, in: -1, out: -1}
	if !convs[0].pointwise() {
		return m
	}
	least := convs[0].h
	for _, c := range convs {
		m.h, m.w, least = max(m.h, c.h), max(m.w, c.w), min(least, c.h)
	}
	for _, p := range convs[0].paths {
		m.h, m.w, least = max(m.h, p.hi), max(m.w, p.wi), min(least, p.hi)
	}
	channels := 0
	for k, p := range convs[0].paths {
		if p.hi == m.h {
			m.in = k
			channels += p.cin
		}
	}
	for j, c := range convs {
		if c.h == m.h {
			m.out = j
			channels += c.cout
		}
	}
	unit := m.h / least
	m.rows = min(max(mixFloats/(channels*m.w)/unit, 1)*unit, m.h)
	if m.out >= 0 {
		m.planLifts()
	}
	return m
}

// path is that from input k to output j.
func (m *mixer) path(k, j int) *path { return &m.convs[j].paths[k] }

// whole returns the inputs that do not go by in bands, norm and PReLU applied,
// average-pooled where that comes first.
func (m *mixer) whole(xs []input, s *scratch) []input {
	acts := s.acts[:0]
	for k, x := range xs {
		p := &m.convs[0].paths[k]
		switch {
		case k == m.in:
		case m.avg:
			x = p.averaged(x, s)
		default:
			x = x.applied(p.cin, s)
		}
		acts = append(acts, x)
	}
	s.acts = acts
	return acts
}

// forward makes all outputs of one image.
func (m *mixer) forward(xs []input, es []epilogue, s *scratch) {
	acts, maps := m.whole(xs, s), s.maps[:0]
	for j, c := range m.convs {
		z := es[j].z
		if j != m.out {
			if es[j].far {
				z = s.get(c.cout * c.h * c.w)
			}
			c.sum(z, acts, m.in, s)
		}
		maps = append(maps, z)
	}
	// The coarse terms of the finest output, to be upsampled.
	for k := range acts {
		if k == m.in || m.out < 0 {
			maps = append(maps, nil)
			continue
		}
		maps = append(maps, m.term(k, acts[k], s))
	}
	s.maps = maps
	terms, used := maps[len(m.convs):], s.used
	for r := 0; r < m.h; r += m.rows {
		end := min(r+m.rows, m.h)
		var x []float32
		var pitch int
		s.ahead.clear()
		if m.in >= 0 {
			n := m.convs[0].paths[m.in].cin
			s.ahead.add(xs[m.in].x, n, xs[m.in].hw, end*m.w, (min(end+m.rows, m.h)-end)*m.w)
			s.ahead.begin(m.forwardSteps())
			x, pitch = xs[m.in].band(n, r*m.w, end*m.w, s)
			m.pooledTerms(maps, x, pitch, r, end, len(xs) > 1, s)
		}
		if m.out >= 0 {
			m.fineRows(es[m.out], terms, x, pitch, r, end, s)
		}
		s.used = used
	}
	for j, e := range es {
		if j == m.out {
			e.closeAll()
			continue
		}
		n := e.hw
		for c := range e.c {
			z := maps[j][c*n:][:n]
			e.take(c, z)
			if e.far {
				kernel.Stream(e.z[c*n:][:n], z)
			}
		}
	}
}

// forwardSteps is how many steps a band of the finest maps takes.
func (m *mixer) forwardSteps() int {
	n := 2 * len(m.convs)
	if m.out >= 0 {
		n += m.convs[m.out].cout
	}
	return n
}

// pooledTerms adds to the coarser outputs what rows from r up to end of the
// finest input give them; without acc they are the first.
func (m *mixer) pooledTerms(maps [][]float32, x []float32, pitch, r, end int, acc bool, s *scratch) {
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		p, used := m.path(m.in, j), s.used
		n := (end - r) / p.down * c.w
		y := p.pool(x, pitch, end-r, m.w, s)
		s.ahead.step()
		kernel.Dense(maps[j][r/p.down*c.w:], c.h*c.w, n, y, n, s.pitch(p.cin, n), p.fwd, c.cout, c.cout, n, 1, acc)
		s.ahead.step()
		s.used = used
	}
}

// pool returns rows of the channels of x, pitch apart, max-pooled.
func (p *path) pool(x []float32, pitch, rows, w int, s *scratch) []float32 {
	n := rows / p.down * (w / p.down)
	y := s.get(p.cin * n)
	kernel.MaxPoolRows(y, n, w/p.down, x, pitch, w, w/p.down, rows/p.down, p.cin, p.down)
	return y
}

// fineRows makes rows from r up to end of the finest output from its coarse
// terms and rows x of the finest input.
func (m *mixer) fineRows(e epilogue, terms [][]float32, x []float32, pitch, r, end int, s *scratch) {
	from, n := r*m.w, (end-r)*m.w
	d, ds := e.z[from:], e.hw
	if e.far {
		d, ds = s.get(e.c*n), n
	}
	c, l := m.convs[m.out], &m.lifts
	var off []int32
	var w []float32
	if x != nil {
		p := m.path(m.in, m.out)
		off, w = s.pitch(p.cin, pitch), p.fwd
	}
	if l.factor == 0 {
		kernel.Dense(d, ds, n, x, n, off, w, c.cout, c.cout, n, 1, false)
	} else {
		z := m.lift(terms, r, end, s)
		s.ahead.step()
		a := kernel.Act{Z: z, ZS: l.stride, ZP: l.down, ZOff: l.start.off, ZW: l.start.w, Phases: l.factor}
		kernel.DenseAct(d, ds, m.w, x, m.w, off, w, c.cout, c.cout, m.w, end-r, &a)
	}
	for o := range e.c {
		z := d[o*ds:][:n]
		s.ahead.step()
		e.part(o, z, r == 0)
		if e.far {
			kernel.Stream(e.z[o*e.hw+from:][:n], z)
		}
	}
}
