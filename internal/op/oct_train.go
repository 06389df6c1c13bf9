package op

import "csnet/internal/kernel"

// octTrain runs, in training, gOctConvs that read the same octaves: all outputs
// together, so that an input comes from memory once. Of pointwise convs the
// finest map goes by in bands of rows; the others, a quarter of it and less,
// and all maps of other convs, are held whole.
type octTrain struct {
	convs   []*OctConv
	avg     bool // inputs are average-pooled 2x2 first
	h, w    int  // of the finest map among inputs and outputs, if it goes by in bands, else 0
	in, out int  // numbers of the input and the output of this size, -1 without
	rows    int  // of a band
	terms   trainTerms
}

// octBandFloats is about how much of the finest inputs and outputs a band holds: a
// part of the second-level cache.
const octBandFloats = 48 << 10

func newOctTrain(convs ...*OctConv) *octTrain {
	m := &octTrain{convs: convs, avg: convs[0].paths[0].avg, in: -1, out: -1}
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
	m.rows = min(max(octBandFloats/(channels*m.w)/unit, 1)*unit, m.h)
	if m.out >= 0 {
		m.planTerms()
	}
	return m
}

// path is that from input k to output j.
func (m *octTrain) path(k, j int) *path { return &m.convs[j].paths[k] }

// wholeInputs returns the inputs that do not go by in bands, norm and PReLU applied,
// average-pooled where that comes first.
func (m *octTrain) wholeInputs(xs []input, s *scratch) []input {
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
func (m *octTrain) forward(xs []input, es []trainEpilogue, s *scratch) {
	acts, maps := m.wholeInputs(xs, s), s.maps[:0]
	for j, c := range m.convs {
		z := es[j].z
		if j != m.out {
			if es[j].stream {
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
		maps = append(maps, m.coarseTerm(k, acts[k], s))
	}
	s.maps = maps
	terms, used := maps[len(m.convs):], s.used
	for r := 0; r < m.h; r += m.rows {
		end := min(r+m.rows, m.h)
		var x []float32
		var pitch int
		s.prefetch.clear()
		if m.in >= 0 {
			n := m.convs[0].paths[m.in].cin
			s.prefetch.add(xs[m.in].x, n, xs[m.in].hw, end*m.w, (min(end+m.rows, m.h)-end)*m.w)
			s.prefetch.begin(m.forwardSteps())
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
			e.finishAll()
			continue
		}
		n := e.hw
		for c := range e.c {
			z := maps[j][c*n:][:n]
			e.whole(c, z)
			if e.stream {
				kernel.Stream(e.z[c*n:][:n], z)
			}
		}
	}
}

// forwardSteps is how many steps a band of the finest maps takes.
func (m *octTrain) forwardSteps() int {
	n := 2 * len(m.convs)
	if m.out >= 0 {
		n += m.convs[m.out].cout
	}
	return n
}

// pooledTerms adds to the coarser outputs what rows from r up to end of the
// finest input give them; without acc they are the first.
func (m *octTrain) pooledTerms(maps [][]float32, x []float32, pitch, r, end int, acc bool, s *scratch) {
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		p, used := m.path(m.in, j), s.used
		n := (end - r) / p.pool * c.w
		y := p.maxPool(x, pitch, end-r, m.w, s)
		s.prefetch.step()
		kernel.Dense(maps[j][r/p.pool*c.w:], c.h*c.w, n, y, n, s.pitch(p.cin, n), p.fwd, c.cout, c.cout, n, 1, acc)
		s.prefetch.step()
		s.used = used
	}
}

// maxPool returns rows of the channels of x, pitch apart, max-pooled.
func (p *path) maxPool(x []float32, pitch, rows, w int, s *scratch) []float32 {
	n := rows / p.pool * (w / p.pool)
	y := s.get(p.cin * n)
	kernel.MaxPoolRows(y, n, w/p.pool, x, pitch, w, w/p.pool, rows/p.pool, p.cin, p.pool)
	return y
}

// fineRows makes rows from r up to end of the finest output from its coarse
// terms and rows x of the finest input.
func (m *octTrain) fineRows(e trainEpilogue, terms [][]float32, x []float32, pitch, r, end int, s *scratch) {
	from, n := r*m.w, (end-r)*m.w
	d, ds := e.z[from:], e.hw
	if e.stream {
		d, ds = s.get(e.c*n), n
	}
	c, l := m.convs[m.out], &m.terms
	var off []int32
	var w []float32
	if x != nil {
		p := m.path(m.in, m.out)
		off, w = s.pitch(p.cin, pitch), p.fwd
	}
	if l.factor == 0 {
		kernel.Dense(d, ds, n, x, n, off, w, c.cout, c.cout, n, 1, false)
	} else {
		z := m.upsampleTerms(terms, r, end, s)
		s.prefetch.step()
		a := kernel.Act{Z: z, ZS: l.stride, ZP: l.rowPitch, ZOff: l.starts.off, ZW: l.starts.w, Phases: l.factor}
		kernel.DenseAct(d, ds, m.w, x, m.w, off, w, c.cout, c.cout, m.w, end-r, &a)
	}
	for o := range e.c {
		z := d[o*ds:][:n]
		s.prefetch.step()
		e.add(o, z, r == 0)
		if e.stream {
			kernel.Stream(e.z[o*e.hw+from:][:n], z)
		}
	}
}
