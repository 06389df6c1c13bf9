package op

import "csnet/internal/kernel"

// trainTerms is how a mixer brings coarse terms up to the finest output: upsampled
// across into rows of a buffer, and down by the next conv, whose sums start
// between two of the rows; and back.
type trainTerms struct {
	factor   int      // the largest up factor
	at       []int    // of each input's rows in the buffer, of one output
	pitch    []int    // between these rows
	stride   int      // between outputs in the buffer
	rowPitch int      // between the rows that two outputs factor rows apart start from
	starts   rowStart // what each of factor rows starts from, one after the other
}

// planTerms sets how coarse terms come to bands of m.rows rows. Row y = M*up + p
// of an upsampled map, j = p + up/2, lies between the coarse rows M + j/up - 1
// and the one below, with t = (j%up + 0.5)/up for the latter; the buffer begins
// with the row above the band.
func (m *octTrain) planTerms() {
	l := &m.terms
	least := m.h
	for k := range m.convs[m.out].paths {
		if k != m.in {
			up := m.path(k, m.out).up
			l.factor, least = max(l.factor, up), min(least, up)
		}
	}
	if l.factor == 0 {
		return
	}
	l.rowPitch = l.factor / least * m.w
	phases := make([]rowStart, l.factor)
	for k := range m.convs[m.out].paths {
		up := m.path(k, m.out).up
		pitch := up / least * m.w
		l.at, l.pitch = append(l.at, l.stride), append(l.pitch, pitch)
		if k == m.in {
			continue
		}
		for y := range phases {
			j := y%up + up/2
			t := (float32(j%up) + 0.5) / float32(up)
			at := l.stride + (y/up+j/up)*pitch
			ph := &phases[y]
			ph.off, ph.w = append(ph.off, int32(at), int32(at+pitch)), append(ph.w, 1-t, t)
		}
		l.stride += (m.rows/up + 2) * pitch
	}
	l.starts = joinStarts(phases)
}

// coarseTerm convolves coarse input k for the finest output, for kernel.Across.
func (m *octTrain) coarseTerm(k int, in input, s *scratch) []float32 {
	p := m.path(k, m.out)
	n := p.h * p.w
	t := s.get(1 + p.cout*n + kernel.AcrossSlack)
	kernel.Dense(t[1:], n, p.w, in.x, p.w, s.pitch(p.cin, in.hw), p.fwd, p.cout, p.cout, p.w, p.h, false)
	return t
}

// upsampleTerms upsamples across what rows from r up to end of the finest output need of
// the terms.
func (m *octTrain) upsampleTerms(terms [][]float32, r, end int, s *scratch) []float32 {
	l := &m.terms
	cout := m.convs[m.out].cout
	z := s.get(cout * l.stride)
	for k, t := range terms {
		if t == nil {
			continue
		}
		p, pitch := m.path(k, m.out), l.pitch[k]
		base, n := r/p.up, (end-r)/p.up
		lo, hi := max(base-1, 0), min(base+n+1, p.h)
		kernel.Across(z[l.at[k]+(lo-base+1)*pitch:], l.stride, pitch, t[lo*p.w:], p.h*p.w, p.w, p.w, p.up, hi-lo, cout)
		for o := range cout {
			rows := z[o*l.stride+l.at[k]:]
			slot := func(row int) []float32 { return rows[(row-base+1)*pitch:][:m.w] }
			if base == 0 {
				copy(slot(-1), slot(0))
			}
			if base+n == p.h {
				copy(slot(p.h), slot(p.h-1))
			}
		}
	}
	return z
}

// upsampleGrads adds to ups, the gradients of the coarse terms, what rows from r up to
// end of the finest output's gradient g give.
func (m *octTrain) upsampleGrads(g []float32, gp int, ups [][]float32, r, end int, s *scratch) {
	used := s.used
	for k, up := range ups {
		if up == nil {
			continue
		}
		p := m.path(k, m.out)
		kernel.UpsampleGradRows(up, p.h*p.w, g, gp, p.h, p.w, p.up, r, end, p.cout, s.get(p.cout*(p.w+3)*p.up))
		s.used = used
	}
}

// rowStart is what row number i of factor rows starts from.
type rowStart struct {
	off []int32
	w   []float32
}

// joinStarts is the phases one after the other.
func joinStarts(phases []rowStart) rowStart {
	var all rowStart
	for _, ph := range phases {
		all.off, all.w = append(all.off, ph.off...), append(all.w, ph.w...)
	}
	return all
}
