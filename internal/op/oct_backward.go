package op

import "csnet/internal/kernel"

// backward adds the weight gradients of one image to parts, one per conv, and
// writes the input gradients to dxs.
func (m *octTrain) backward(parts [][]float32, dxs []gradient, xs []input, dzs []outGrad, s *scratch) {
	acts, maps := m.wholeInputs(xs, s), s.maps[:0]
	for j, c := range m.convs {
		var d []float32
		if j != m.out {
			d = dzs[j].whole(c.cout, s)
		}
		maps = append(maps, d)
	}
	// Gradients of the coarse inputs, and of the finest output brought to their size.
	for k := range xs {
		maps = append(maps, m.wholeGrad(dxs[k], k, s))
	}
	for k := range xs {
		var g []float32
		if k != m.in && m.out >= 0 {
			p := m.path(k, m.out)
			g = s.get(p.cout * p.h * p.w)
			clear(g)
		}
		maps = append(maps, g)
	}
	s.maps = maps
	nc, nk := len(m.convs), len(xs)
	dz, to, ups := maps[:nc], maps[nc:nc+nk], maps[nc+nk:]
	m.coarseGrads(parts, to, acts, dz, s)
	used := s.used
	for r := 0; r < m.h; r += m.rows {
		m.fineGrads(parts, dxs, xs, dzs, dz, ups, r, min(r+m.rows, m.h), s)
		s.used = used
	}
	for k, g := range ups {
		if g != nil {
			p := m.path(k, m.out)
			p.grads(parts[m.out][m.at(k, m.out):][:p.size()], gradient{d: to[k], store: nc == 1}, acts[k], g, s)
		}
	}
	for k, d := range to {
		switch {
		case d == nil:
		case m.avg:
			m.avgPoolGrad(dxs[k], d, m.convs[0].paths[k].wi, s)
		default:
			dxs[k].deliverAll(d)
		}
	}
}

// avgPoolGrad takes d back through the average pool of planes w wide.
func (m *octTrain) avgPoolGrad(dx gradient, d []float32, w int, s *scratch) {
	n, used := dx.in.hw, s.used
	buf := s.get(n)
	for c := range len(dx.d) / n {
		if !dx.stream && dx.store {
			buf = dx.d[c*n:][:n]
		}
		kernel.AvgPool2Grad(buf, d[c*n/4:][:n/4], n/w, w, false)
		dx.deliver(c, 0, buf)
	}
	s.used = used
}

// at is where the gradient of the weights from input k to output j begins in
// the output's part.
func (m *octTrain) at(k, j int) int {
	n := 0
	for i := range k {
		n += m.path(i, j).size()
	}
	return n
}

// wholeGrad returns where the gradient of input k, average-pooled where that comes
// first, is made whole; nil where it goes by in bands or nobody wants it.
func (m *octTrain) wholeGrad(dx gradient, k int, s *scratch) []float32 {
	switch {
	case k == m.in || dx.d == nil:
		return nil
	case m.avg:
		return s.get(len(dx.d) / 4)
	case dx.stream || !dx.store:
		return s.get(len(dx.d))
	}
	return dx.d
}

// coarseGrads does the paths between coarse maps.
func (m *octTrain) coarseGrads(parts, to [][]float32, acts []input, dz [][]float32, s *scratch) {
	first := true
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		for k := range acts {
			if k == m.in {
				continue
			}
			p, used := m.path(k, j), s.used
			g := dz[j]
			if p.up > 1 {
				g = s.get(c.cout * p.h * p.w)
				kernel.UpsampleGrad(g, dz[j], p.h, p.w, p.up, c.cout, s.get(c.cout*(p.w+3)*p.up))
			}
			p.grads(parts[j][m.at(k, j):][:p.size()], gradient{d: to[k], store: first}, acts[k], g, s)
			s.used = used
		}
		first = false
	}
}

// prefetchGrads readies what fineGrads reads of the band from row r on to be brought
// in.
func (m *octTrain) prefetchGrads(xs []input, dzs []outGrad, r int, a *prefetcher) {
	from, n, steps := r*m.w, (min(r+m.rows, m.h)-r)*m.w, 2*len(m.convs)
	a.clear()
	if m.out >= 0 {
		o, c := &dzs[m.out], m.convs[m.out].cout
		a.add(o.g, c, o.hw, from, n)
		a.add(o.z, c, o.hw, from, n)
		steps += 2
	}
	if m.in >= 0 {
		c := m.convs[0].paths[m.in].cin
		a.add(xs[m.in].x, c, xs[m.in].hw, from, n)
		steps += c * len(m.convs)
	}
	a.begin(steps)
}

// fineGrads does rows from r up to end of the finest map.
func (m *octTrain) fineGrads(parts [][]float32, dxs []gradient, xs []input, dzs []outGrad, dz, ups [][]float32, r, end int, s *scratch) {
	from, n := r*m.w, (end-r)*m.w
	var g, x, d []float32
	var gp, xp int
	m.prefetchGrads(xs, dzs, end, &s.prefetch)
	if m.out >= 0 {
		g, gp = dzs[m.out].band(m.convs[m.out].cout, from, from+n, s)
		s.prefetch.step()
		m.upsampleGrads(g, gp, ups, r, end, s)
		s.prefetch.step()
	}
	if m.in < 0 {
		return
	}
	cin := m.convs[0].paths[m.in].cin
	x, xp = xs[m.in].band(cin, from, from+n, s)
	if dxs[m.in].d != nil {
		d = s.get(cin * n)
	}
	if m.out >= 0 {
		p := m.path(m.in, m.out)
		kernel.DenseGrad(parts[m.out][m.at(m.in, m.out):][:p.size()], p.cout, x, n, s.pitch(cin, xp), g, gp, n, p.cout, n, 1)
		s.prefetch.step()
		if d != nil {
			kernel.Dense(d, n, n, g, n, s.pitch(p.cout, gp), p.bwd, cin, cin, n, 1, false)
		}
		s.prefetch.step()
	}
	acc := m.out >= 0
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		p, used := m.path(m.in, j), s.used
		hw, few := c.h*c.w, n/p.pool/p.pool
		y, gr := p.maxPool(x, xp, end-r, m.w, s), dz[j][r/p.pool*c.w:]
		kernel.DenseGrad(parts[j][m.at(m.in, j):][:p.size()], p.cout, y, few, s.pitch(cin, few), gr, hw, few, p.cout, few, 1)
		s.prefetch.step()
		if d != nil {
			// The pooled rows give way to their gradient.
			kernel.Dense(y, few, few, gr, few, s.pitch(p.cout, hw), p.bwd, cin, cin, few, 1, false)
			for i := range cin {
				s.prefetch.step()
				kernel.MaxPoolGrad(d[i*n:][:n], x[i*xp:][:n], y[i*few:][:few], end-r, m.w, p.pool, acc)
			}
			acc = true
		}
		s.used = used
	}
	for i := 0; i < cin && d != nil; i++ {
		s.prefetch.step()
		dxs[m.in].deliver(i, from, d[i*n:][:n])
	}
}
