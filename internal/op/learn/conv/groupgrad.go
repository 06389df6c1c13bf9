package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
	"csnet/internal/op/learn/prenorm"
)

// Backward adds the weights' gradients of one image to parts, one per convolution, and
// gives the inputs' gradients to dxs.
func (m *OctGroup) Backward(parts [][]float32, dxs []prenorm.InGrad, xs []prenorm.Map, dzs []prenorm.OutGrad, s *Scratch) {
	acts, maps := xs, s.planes[:0]
	if !m.split {
		acts = m.wholeInputs(xs, s)
	}
	for j, c := range m.convs {
		var d []float32
		if j != m.out && !m.split && c.direct < 0 {
			d = dzs[j].Whole(c.Out, s.Arena)
		}
		maps = append(maps, d)
	}
	// Gradients of the coarse inputs, and of the terms that they give the finest output.
	for k := range xs {
		maps = append(maps, m.wholeGrad(dxs[k], k, s))
	}
	for k := range xs {
		maps = append(maps, m.termGrad(k, s))
	}
	s.planes = maps
	nc, nk := len(m.convs), len(xs)
	dz, to, ups := maps[:nc], maps[nc:nc+nk], maps[nc+nk:]
	if m.split {
		m.windows(true, func(k int) int { return m.lag(k) + 1 }, s)
	} else {
		m.coarseGrads(parts, to, acts, dzs, dz, s)
	}
	mark := s.Mark()
	m.lookAhead(xs, s)
	for k := range dxs {
		if k == m.in || m.split {
			lookAt(&s.ahead, dxs[k].D, m.convs[0].paths[k].In)
		}
	}
	for j, c := range m.convs {
		if j == m.out || m.split {
			lookAt(&s.ahead, dzs[j].G, c.Out)
			lookAt(&s.ahead, dzs[j].Z, c.Out)
		}
	}
	for r := 0; r < m.h; r += m.rows {
		s.ahead.at(r * m.w)
		m.fineGrads(parts, dxs, xs, dzs, dz, ups, r, min(r+m.rows, m.h), s)
		s.Release(mark)
	}
	for k, g := range ups {
		if g != nil {
			p := m.path(k, m.out)
			p.grads(parts[m.out][m.at(k, m.out):][:p.Size()], to[k], nc > 1, acts[k], g, s)
		}
	}
	for k, d := range to {
		switch {
		case d == nil:
		case m.avg:
			m.avgPoolGrad(dxs[k], d, m.convs[0].paths[k].InW, s)
		default:
			dxs[k].DeliverAll(d)
		}
	}
}

// avgPoolGrad takes d back through the average pool of planes w wide.
func (m *OctGroup) avgPoolGrad(dx prenorm.InGrad, d []float32, w int, s *Scratch) {
	n, band, mark := dx.In.Area, averageRows(w)*w, s.Mark()
	buf := s.Get(band)
	dx.D.Touch()
	for c := range dx.D.Len() / n {
		for at := 0; at < n; at += band {
			end := min(at+band, n)
			if dx.Direct() {
				buf = dx.D.F()[c*n+at:]
			}
			to := buf[:end-at]
			resample.AvgPool2Grad(to, d[(c*n+at)/4:][:len(to)/4], len(to)/w, w, false)
			dx.Deliver(c, at, to, prenorm.Values{})
		}
	}
	s.Release(mark)
}

// at is where the gradient of the weights from input k to output j begins in the part of
// output j.
func (m *OctGroup) at(k, j int) int {
	n := 0
	for i := range k {
		n += m.path(i, j).Size()
	}
	return n
}

// wholeGrad returns memory for the whole gradient of input k, average-pooled where that
// comes first; nil where it goes by in bands or nobody wants it.
func (m *OctGroup) wholeGrad(dx prenorm.InGrad, k int, s *Scratch) []float32 {
	switch {
	case k == m.in || m.split || !dx.Wanted():
		return nil
	case m.avg:
		return s.Get(dx.D.Len() / 4)
	case dx.Direct():
		return dx.D.F()
	}
	return s.Get(dx.D.Len())
}

// termGrad returns memory, cleared, for the gradient of the term that input k gives the finest
// output, nil where it gives none or the group is split.
func (m *OctGroup) termGrad(k int, s *Scratch) []float32 {
	if k == m.in || m.out < 0 || m.split {
		return nil
	}
	p := m.path(k, m.out)
	g := s.Get(p.Out * p.H * p.W)
	clear(g)
	return g
}

// coarseGrads gives the gradients of the paths between coarse maps. dz holds the gradients of
// the outputs, but of those that go by in bands.
func (m *OctGroup) coarseGrads(parts, to [][]float32, acts []prenorm.Map, dzs []prenorm.OutGrad, dz [][]float32, s *Scratch) {
	first := true
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		mark := s.Mark()
		if c.direct >= 0 {
			c.bandGrads(parts[j][m.at(c.direct, j):][:c.paths[c.direct].Size()], to, acts, &dzs[j], !first, s)
		}
		for k := range acts {
			if k == m.in || k == c.direct {
				continue
			}
			p, inner := m.path(k, j), s.Mark()
			g := dz[j]
			switch {
			case c.direct >= 0:
				g = s.windows[k]
			case p.Up > 1:
				g = s.Get(c.Out * p.H * p.W)
				resample.UpsampleGrad(g, dz[j], p.H, p.W, p.Up, c.Out, s.Get(c.Out*(p.W+3)*p.Up))
			}
			p.grads(parts[j][m.at(k, j):][:p.Size()], to[k], !first, acts[k], g, s)
			s.Release(inner)
		}
		s.Release(mark)
		first = false
	}
}

// prefetchGrads readies the prefetch of what fineGrads reads of the band from row r on, unless
// the group is split.
func (m *OctGroup) prefetchGrads(xs []prenorm.Map, dzs []prenorm.OutGrad, r int, a *prefetcher) {
	from, n, steps := r*m.w, (min(r+m.rows, m.h)-r)*m.w, 2*len(m.convs)
	a.clear()
	if m.split {
		return
	}
	if m.out >= 0 {
		o, c := &dzs[m.out], m.convs[m.out].Out
		addPrefetch(a, o.G, c, o.Area, from, n)
		addPrefetch(a, o.Z, c, o.Area, from, n)
		steps += 2
	}
	if m.in >= 0 {
		c := m.convs[0].paths[m.in].In
		addPrefetch(a, xs[m.in].Z, c, xs[m.in].Area, from, n)
		steps += c * len(m.convs)
	}
	a.begin(steps)
}

// fineGrads does rows [r, end) of the finest map, and those of coarse maps where the group is
// split.
func (m *OctGroup) fineGrads(parts [][]float32, dxs []prenorm.InGrad, xs []prenorm.Map, dzs []prenorm.OutGrad, dz, ups [][]float32, r, end int, s *Scratch) {
	from, n := r*m.w, (end-r)*m.w
	m.prefetchGrads(xs, dzs, end, &s.prefetch)
	m.outGrads(dzs, dz, r, end, s)
	if m.out >= 0 {
		g := &s.outs[m.out]
		g.X, g.Stride = dzs[m.out].Band(m.convs[m.out].Out, from, from+n, s.Arena)
		s.prefetch.step()
		if m.split {
			m.termGrads(m.out, *g, r, end, s)
		} else {
			m.convs[m.out].upsampleGrads(g, ups, r, end, s)
		}
		s.prefetch.step()
	}
	if m.in < 0 {
		return
	}
	cin := m.convs[0].paths[m.in].In
	x, xp := xs[m.in].Band(cin, from, from+n, s.Arena)
	var d []float32
	if dxs[m.in].Wanted() {
		d = s.Get(cin * n)
	}
	for i := range m.convs {
		j := (max(m.out, 0) + i) % len(m.convs) // the finest output first
		p, g := m.path(m.in, j), s.outs[j]
		g.Pitch = n / p.Pool / p.Pool
		if m.split && j != m.out {
			g.X = g.X[min(r/p.Pool, m.outLag(j))*m.convs[j].W:] // after the rows above
		}
		p.rowGrads(parts[j][m.at(m.in, j):][:p.Size()], d, x, xp, end-r, &g, i > 0, s)
		s.prefetch.step()
	}
	for i := 0; i < cin && d != nil; i++ {
		s.prefetch.step()
		dxs[m.in].Deliver(i, from, d[i*n:][:n], prenorm.Values{})
	}
	for k := range xs {
		if m.split && k != m.in {
			m.coarseInputGrads(k, parts, &dxs[k], &xs[k], r, end, s)
		}
	}
}

// outGrads readies in s.outs the rows of the coarse outputs' gradients that rows [r, end) of
// the finest map lie over: of dz, which holds them whole, unless the group is split.
func (m *OctGroup) outGrads(dzs []prenorm.OutGrad, dz [][]float32, r, end int, s *Scratch) {
	if m.split {
		m.coarseOutGrads(dzs, r, end, s)
		return
	}
	s.outs = s.outs[:0]
	for j, c := range m.convs {
		var g kernel.Planes
		if j != m.out && m.in >= 0 {
			g.X, g.Stride = dz[j][r/m.path(m.in, j).Pool*c.W:], c.H*c.W
		}
		s.outs = append(s.outs, g)
	}
}
