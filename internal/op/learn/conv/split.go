package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// A group whose coarse maps leave the caches is split where every coarse output has the size
// of every coarse input. Coarse maps then go by in rows too: forward the outputs together with
// the rows of the finest map that they lie beneath, backward a stretch of pixels at a time,
// when all bands are done that give the coarse terms their gradients. Only the terms are held
// whole.

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

// canSplit reports whether the group may be split.
func (m *OctGroup) canSplit() bool {
	if m.in < 0 || m.out < 0 {
		return false
	}
	for j := range m.convs {
		for k := range m.convs[j].paths {
			if p := m.path(k, j); k != m.in && j != m.out && (p.Up > 1 || p.Pool > 1) {
				return false
			}
		}
	}
	return true
}

// stretch is how many pixels of planes go by at a time.
func stretch(planes int) int { return max(op.OctBandFloats/planes/16, 1) * 16 }

// coarseRows makes those rows of the coarse outputs that lie beneath rows [r, end) of the
// finest input, which x holds.
func (m *OctGroup) coarseRows(xs []prenorm.Map, es []prenorm.Epilogue, x []float32, pitch, r, end int, s *Scratch) {
	for j, c := range m.convs {
		if j == m.out {
			continue
		}
		p, e, mark := m.path(m.in, j), &es[j], s.Mark()
		at, n := r/p.Pool*c.W, (end-r)/p.Pool*c.W
		z, zs := e.Room(at, n, s.Arena)
		to := kernel.Planes{X: z, Stride: zs, Pitch: n}
		acc := false
		for k := range xs {
			if k == m.in {
				continue
			}
			q, inner := m.path(k, j), s.Mark()
			y, yp := xs[k].Band(q.In, at, at+n, s.Arena)
			dense.Conv(&to, kernel.Rows(y, n), s.ChannelOffsets(q.In, yp), kernel.Packed(q.fwd, c.Out), n, 1, acc)
			s.Release(inner)
			acc = true
		}
		s.prefetch.step()
		y := p.maxPool(x, pitch, end-r, m.w, s)
		dense.Conv(&to, kernel.Rows(y, n), s.ChannelOffsets(p.In, n), kernel.Packed(p.fwd, c.Out), n, 1, acc)
		s.prefetch.step()
		for o := range c.Out {
			v := z[o*zs:][:n]
			e.Add(o, v, r == 0)
			e.Store(o, at, v)
		}
		s.Release(mark)
	}
}

// coarseStretches gives the gradients of the paths from the coarse input k: those of the
// coarse outputs are in dzs, that of its term, g, is complete.
func (m *OctGroup) coarseStretches(k int, parts [][]float32, dx *prenorm.InGrad, in *prenorm.Map, dzs []prenorm.OutGrad, g []float32, s *Scratch) {
	q := m.path(k, m.out)
	n, planes := q.InH*q.InW, 2*q.In+q.Out
	for j, c := range m.convs {
		if j != m.out {
			planes += c.Out
		}
	}
	step := stretch(planes)
	s.ahead.begin(n, max(op.OctLookaheadFloats, step))
	lookAt(&s.ahead, in.Z, q.In)
	lookAt(&s.ahead, dx.D, q.In)
	for j, c := range m.convs {
		if j != m.out {
			lookAt(&s.ahead, dzs[j].G, c.Out)
			lookAt(&s.ahead, dzs[j].Z, c.Out)
		}
	}
	for at := 0; at < n; at += step {
		s.ahead.at(at)
		w, mark := min(step, n-at), s.Mark()
		x, pitch := in.Band(q.In, at, at+w, s.Arena)
		var d []float32
		if dx.Wanted() {
			d = s.Get(q.In * w)
		}
		acc := false
		for i := range m.convs {
			j := (m.out + 1 + i) % len(m.convs) // the term comes last
			p, grad, gp := m.path(k, j), g[at:], n
			if j != m.out {
				grad, gp = dzs[j].Band(p.Out, at, at+w, s.Arena)
			}
			dense.ConvGrad(kernel.Packed(parts[j][m.at(k, j):][:p.Size()], p.Out), kernel.Rows(x, w), s.ChannelOffsets(p.In, pitch), &kernel.Planes{X: grad, Stride: gp, Pitch: w}, w, 1)
			if d != nil {
				dense.Conv(&kernel.Planes{X: d, Stride: w, Pitch: w}, kernel.Rows(grad, w), s.ChannelOffsets(p.Out, gp), kernel.Packed(p.bwd, p.In), w, 1, acc)
			}
			acc = true
		}
		for c := 0; c < q.In && d != nil; c++ {
			dx.Deliver(c, at, d[c*w:][:w], prenorm.Values{})
		}
		s.Release(mark)
	}
}
