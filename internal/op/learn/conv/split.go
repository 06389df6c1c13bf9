package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
	"csnet/internal/op/learn/prenorm"
)

// A group whose coarse maps leave the caches is split: they go by in rows too, those that lie
// beneath the band of the finest map. Of a term, which is upsampled, the band also needs a row
// below; its gradient is complete some rows above. Windows hold such rows from band to band. No
// map is held whole. Nothing is prefetched: a band's memory takes most of the second-level cache.

// coarseFloats is how large all coarse maps are.
func (m *OctGroup) coarseFloats() int {
	n := 0
	for k := range m.convs[0].paths {
		if p := m.path(k, 0); k != m.in {
			n += p.In * p.InH * p.InW
		}
	}
	for j, c := range m.convs {
		if j != m.out {
			n += c.Out * c.H * c.W
		}
	}
	return n
}

// under is how many rows of input k lie beneath a band.
func (m *OctGroup) under(k int) int { return m.rows / m.path(k, m.out).Up }

// windows gets memory in s.windows for the rows of each term that lie beneath a band, and for
// more(k) rows more: number j*inputs + k for that of output j from input k, nil where nothing is
// upsampled. Without all the finest output's terms have none.
func (m *OctGroup) windows(all bool, more func(k int) int, s *Scratch) {
	s.windows = s.windows[:0]
	for j, c := range m.convs {
		for k := range c.paths {
			var w []float32
			if p := &c.paths[k]; p.Up > 1 && (all || j != m.out) {
				w = s.Get(p.Out * (m.under(k) + more(k)) * p.W)
			}
			s.windows = append(s.windows, w)
		}
	}
}

// move moves the last rows of each channel's window of so many rows, those to be kept, to its
// beginning; at the first band there are none. It returns how many floats of a channel are kept,
// and the distance between channels.
func move(window []float32, channels, kept, rows, w int, first bool) (have, stride int) {
	stride = rows * w
	for o := 0; o < channels && !first; o++ {
		z := window[o*stride:][:stride]
		have = copy(z[:kept*w], z[stride-kept*w:])
	}
	return have, stride
}

// coarseRows makes those rows of the coarse outputs that lie beneath rows [r, end) of the
// finest input, which x holds, and upsamples the finest output's terms across to terms.
func (m *OctGroup) coarseRows(xs []prenorm.Map, es []prenorm.Epilogue, x []float32, pitch int, terms []float32, r, end int, s *Scratch) {
	s.outs = s.outs[:0]
	for j, c := range m.convs {
		var z kernel.Planes
		if j != m.out {
			up := m.path(m.in, j).Pool
			z.Pitch = (end - r) / up * c.W
			z.X, z.Stride = es[j].Room(r/up*c.W, z.Pitch, s.Arena)
		}
		s.outs = append(s.outs, z)
	}
	acc := false
	for k := range xs {
		if k != m.in {
			m.coarseInput(k, &xs[k], acc, terms, r, end, s)
			acc = true
		}
	}
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		e, z := &es[j], &s.outs[j]
		m.path(m.in, j).rows(z, x, pitch, end-r, acc, s)
		for o := range c.Out {
			v := z.X[o*z.Stride:][:z.Pitch]
			e.Add(o, v, r == 0)
			e.Store(o, r/m.path(m.in, j).Pool*c.W, v)
		}
	}
}

// coarseInput writes, or with acc adds, what coarse input k gives the coarse outputs' rows, and
// makes those rows of its terms that the band from row r on needs and the one above did not.
func (m *OctGroup) coarseInput(k int, in *prenorm.Map, acc bool, terms []float32, r, end int, s *Scratch) {
	q, mark := m.path(k, m.out), s.Mark()
	base := r / q.Up
	lo, hi := base+1, min(end/q.Up+1, q.H)
	if base == 0 {
		lo = 0
	}
	first, n := lo, (hi-lo)*q.W
	if len(m.convs) > 1 {
		first = base
	}
	var x []float32
	var pitch int
	if first < hi {
		x, pitch = in.Band(q.In, first*q.W, hi*q.W, s.Arena)
	}
	for j := range m.convs {
		p, inner := m.path(k, j), s.Mark()
		switch {
		case j == m.out:
			t := s.Get(1 + p.Out*n + resample.AcrossSlack)
			p.term(kernel.Planes{X: t[1:], Stride: n, Pitch: n}, x, pitch, lo-first, s)
			m.upsampleTerm(terms, k, t, lo, n, r, end)
		case p.Up > 1:
			w := s.windows[j*len(m.convs[j].paths)+k]
			_, stride := move(w, p.Out, 2, m.under(k)+2, p.W, base == 0)
			p.term(kernel.Planes{X: w[(lo-base+1)*p.W:], Stride: stride, Pitch: n}, x, pitch, lo-first, s)
			u := resample.Upsampling{Height: p.H, Width: p.W, Factor: p.Up, From: base * p.Up, To: end / q.Up * p.Up, First: base - 1}
			for o, tmp := 0, s.Get(p.W); o < p.Out; o++ {
				resample.UpsampleRows(s.outs[j].X[o*s.outs[j].Stride:], w[o*stride:][:stride], u, acc, tmp)
			}
		default:
			p.rows(&s.outs[j], x, pitch, (end-r)/q.Up, acc, s)
		}
		s.Release(inner)
	}
	s.Release(mark)
}

// lag is how many rows of input k beneath a band do not yet have their gradient complete: one,
// or as many as a pool takes together.
func (m *OctGroup) lag(k int) int {
	n := 1
	for j := range m.convs {
		n = max(n, m.path(k, j).Pool)
	}
	return n
}

// outLag is how many rows of output j above a band these take.
func (m *OctGroup) outLag(j int) int {
	n := 0
	for k := range m.convs[j].paths {
		if p := m.path(k, j); k != m.in && p.Up == 1 {
			n = max(n, m.lag(k)/p.Pool)
		}
	}
	return n
}

// coarseOutGrads readies in s.outs the rows of the coarse outputs' gradients that rows [r, end)
// of the finest map lie over, and outLag rows above, and takes them to the terms' windows.
func (m *OctGroup) coarseOutGrads(dzs []prenorm.OutGrad, r, end int, s *Scratch) {
	s.outs = s.outs[:0]
	for j, c := range m.convs {
		var g kernel.Planes
		if j != m.out {
			base := r / m.path(m.in, j).Pool
			from := max(base-m.outLag(j), 0)
			g.X, g.Stride = dzs[j].Band(c.Out, from*c.W, end/m.path(m.in, j).Pool*c.W, s.Arena)
			m.termGrads(j, kernel.Planes{X: g.X[(base-from)*c.W:], Stride: g.Stride}, r, end, s)
		}
		s.outs = append(s.outs, g)
	}
}

// termGrads adds to the windows of output j's terms what the rows g of its gradient give them,
// which lie beneath rows [r, end) of the finest map.
func (m *OctGroup) termGrads(j int, g kernel.Planes, r, end int, s *Scratch) {
	for k := range m.convs[j].paths {
		p, q, mark := m.path(k, j), m.path(k, m.out), s.Mark()
		if k == m.in || p.Up == 1 {
			continue
		}
		w, base, rows := s.windows[j*len(m.convs[j].paths)+k], r/q.Up, m.under(k)+m.lag(k)+1
		have, stride := move(w, p.Out, m.lag(k)+1, rows, p.W, r == 0)
		for o := range p.Out {
			clear(w[o*stride+have : (o+1)*stride])
		}
		u := resample.Upsampling{Height: p.H, Width: p.W, Factor: p.Up, From: base * p.Up, To: end / q.Up * p.Up, First: base - m.lag(k)}
		resample.UpsampleGradRows(&kernel.Planes{X: w, Stride: stride}, &g, u, p.Out, s.Get(p.Out*(p.W+3)*p.Up))
		s.Release(mark)
	}
}

// coarseInputGrads gives the gradients of the paths from the coarse input k, of those rows for
// which all is complete with rows [r, end) of the finest map. s.outs and the windows hold the
// outputs' gradients.
func (m *OctGroup) coarseInputGrads(k int, parts [][]float32, dx *prenorm.InGrad, in *prenorm.Map, r, end int, s *Scratch) {
	q, lag, mark := m.path(k, m.out), m.lag(k), s.Mark()
	base, to := r/q.Up, end/q.Up-lag
	if end == m.h {
		to = q.H
	}
	from := max(base-lag, 0)
	at, w := from*q.W, (to-from)*q.W
	if w <= 0 {
		return
	}
	x, pitch := in.Band(q.In, at, at+w, s.Arena)
	var d []float32
	if dx.Wanted() {
		d = s.Get(q.In * w)
	}
	acc := false
	for i := range m.convs {
		j := (m.out + 1 + i) % len(m.convs) // the finest output's term comes last
		p := m.path(k, j)
		var g kernel.Planes
		if p.Up > 1 {
			rows := m.under(k) + lag + 1
			g = kernel.Planes{X: s.windows[j*len(m.convs[j].paths)+k][(from+lag-base)*p.W:], Stride: rows * p.W, Pitch: w}
		} else {
			g = s.outs[j]
			above := max(r/m.path(m.in, j).Pool-m.outLag(j), 0)
			g.X, g.Pitch = g.X[(from/p.Pool-above)*p.W:], w/p.Pool/p.Pool
		}
		p.rowGrads(parts[j][m.at(k, j):][:p.Size()], d, x, pitch, to-from, &g, acc, s)
		acc = true
	}
	for c := 0; c < q.In && d != nil; c++ {
		dx.Deliver(c, at, d[c*w:][:w], prenorm.Values{})
	}
	s.Release(mark)
}
