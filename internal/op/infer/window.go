package infer

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/pointwise"
	"csnet/internal/op"
	"csnet/internal/op/infer/conv"
)

// window holds rows of a member's map up to row done: those from first on or, in a
// ring, the last ones.
type window struct {
	buf         []float32
	stride      int // floats from channel to channel
	first, done int
	ring        int // rows of the ring (see depthwise.Band), 0: none
	state       conv.State
}

// runUnits does the units [from, to) of one image, share number share of shares of the
// channels.
func (g *Segment) runUnits(s *scratch, image, from, to, share, shares int) {
	if len(s.windows) < len(g.members) {
		s.windows, s.needed = make([]window, len(g.members)), make([]int, len(g.members))
	}
	ws := s.windows
	g.begin(s.needed, from)
	for i := range slices.Backward(g.members) {
		m, w := &g.members[i], &ws[i]
		*w = window{first: s.needed[i]}
		if len(m.readers) > 0 {
			w.stride = m.windowRows * m.Out[3]
			w.buf = s.Get(m.c * w.stride)
			if m.ring {
				w.ring = m.windowRows
			}
		}
		w.done = w.first
		w.state.Lo, w.state.Hi = m.c*share/shares, m.c*(share+1)/shares
		w.state.Terms = s.Get(m.conv.StateFloats())
	}
	for mark, t := s.Mark(), from; t < to; {
		t = min(t+g.band, to)
		g.needed(s.needed, t, true)
		for i := range g.members {
			if s.needed[i] > ws[i].done {
				g.advance(s, i, image, s.needed[i], from, to)
				s.Release(mark)
			}
		}
	}
}

// advance makes the rows of member i up to row upto. This run writes the units [from,
// to) of the sinks.
func (g *Segment) advance(s *scratch, i, image, upto, from, to int) {
	m, w := &g.members[i], &s.windows[i]
	s.inputs = m.inputs(s, image)
	width := m.Out[3]
	c := w.state.Hi - w.state.Lo
	y := m.Y[(image*m.c+w.state.Lo)*m.area:][:c*m.area]
	if c == 0 {
		w.done = upto
		return
	}
	if len(m.readers) == 0 {
		w.state.Stream = g.stream && !m.overlaid
		for w.done < upto {
			dst, stride, end := m.destination(image, y, w.done, upto)
			m.conv.Rows(dst, stride, s.inputs, &w.state, &s.Scratch, w.done, end)
			w.done = end
		}
		return
	}
	if w.ring == 0 && (upto-w.first)*width > w.stride {
		w.dropAbove(g.unread(m, func(r int) int { return s.windows[r].done }), c, width)
	}
	done := w.done
	if w.ring > 0 && m.depthwise() {
		w.state.Ring = w.ring
		m.conv.Rows(w.buf, w.stride, s.inputs, &w.state, &s.Scratch, done, upto)
		w.done = upto
	}
	for w.done < upto {
		at, end := w.locate(w.done, upto)
		m.conv.Rows(w.buf[at*width:], w.stride, s.inputs, &w.state, &s.Scratch, w.done, end)
		w.done = end
	}
	for lo, hi := max(done, from*m.rowsPerUnit), min(upto, to*m.rowsPerUnit); m.sink && lo < hi; {
		dst, stride, end := m.destination(image, y, lo, hi)
		pointwise.CopyRows(kernel.Rows(dst, stride), kernel.Rows(w.buf[(lo-w.first)*width:], w.stride), (end-lo)*width, c)
		lo = end
	}
}

// inputs lists the input maps of one image: whole maps from outside and windows.
func (m *member) inputs(s *scratch, image int) []conv.Input {
	xs := s.inputs[:0]
	for k, j := range m.from {
		if j >= 0 {
			v := &s.windows[j]
			xs = append(xs, conv.Input{X: v.buf, Stride: v.stride, First: v.first, Ring: v.ring})
			continue
		}
		x := m.src.Xs[k]
		n := len(x) / m.batch
		xs = append(xs, conv.Input{X: x[image*n : (image+1)*n], Stride: n / m.src.In[k][1], Uncached: n >= op.PrefetchFloats})
	}
	return xs
}

// locate returns where row y lies, in rows, and up to which row, no further than upto,
// the rows go on from there.
func (w *window) locate(y, upto int) (at, end int) {
	if w.ring == 0 {
		return y - w.first, upto
	}
	at = y % w.ring
	return at, min(upto, y-at+w.ring)
}

// dropAbove forgets the rows above first.
func (w *window) dropAbove(first, channels, width int) {
	if first = min(max(first, 0), w.done); first <= w.first {
		return
	}
	if w.done > first {
		pointwise.CopyRows(kernel.Rows(w.buf, w.stride), kernel.Rows(w.buf[(first-w.first)*width:], w.stride), (w.done-first)*width, channels)
	}
	w.first = first
}
