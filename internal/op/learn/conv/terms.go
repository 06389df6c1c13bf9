package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
	"csnet/internal/op/learn/prenorm"
)

// groupTerms is how an OctGroup upsamples coarse terms to the finest output: across into
// rows of a buffer, and down by the convolution after it, whose sums begin between two of
// the rows; and how their gradients come back.
type groupTerms struct {
	factor   int      // the largest upsampling factor
	at       []int    // where each input's rows begin in the buffer, of output 0
	pitch    []int    // between these rows
	stride   int      // between outputs in the buffer
	rowPitch int      // between what two rows of output begin with that lie factor rows apart
	starts   rowStart // what each of factor rows begins with, one after the other
}

// planTerms sets how coarse terms come to bands of m.rows rows. Row y = M*up + p of an
// upsampled map, with j = p + up/2, lies between the coarse rows M + j/up - 1 and the one
// below, which has the share t = (j%up + 0.5)/up. The buffer begins with the row above the
// band.
func (m *OctGroup) planTerms() {
	l := &m.terms
	least := m.h
	for k := range m.convs[m.out].paths {
		if k != m.in {
			up := m.path(k, m.out).Up
			l.factor, least = max(l.factor, up), min(least, up)
		}
	}
	if l.factor == 0 {
		return
	}
	l.rowPitch = l.factor / least * m.w
	phases := make([]rowStart, l.factor)
	for k := range m.convs[m.out].paths {
		up := m.path(k, m.out).Up
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

// coarseTerm convolves coarse input k for the finest output, as resample.Across wants it: from
// the second float on.
func (m *OctGroup) coarseTerm(k int, in *prenorm.Map, s *Scratch) []float32 {
	p := m.path(k, m.out)
	n := p.H * p.W
	t := s.Get(1 + p.Out*n + resample.AcrossSlack)
	x, pitch := in.Band(p.In, 0, n, s.Arena)
	dense.Conv(&kernel.Planes{X: t[1:], Stride: n, Pitch: n}, kernel.Rows(x, n), s.ChannelOffsets(p.In, pitch), kernel.Packed(p.fwd, p.Out), n, 1, false)
	return t
}

// upsampleTerms upsamples across to z those rows of the terms, which are whole, that rows
// [r, end) of the finest output need.
func (m *OctGroup) upsampleTerms(z []float32, terms [][]float32, r, end int) {
	for k, t := range terms {
		if t != nil {
			p := m.path(k, m.out)
			m.upsampleTerm(z, k, t, 0, p.H*p.W, r, end)
		}
	}
}

// upsampleTerm upsamples across to z those rows of the term of input k that rows [r, end) of
// the finest output need. The channels of t, from its second float on, lie stride apart and
// begin with row first of the term. z holds what the band above needed: the two rows that both
// need are moved.
func (m *OctGroup) upsampleTerm(z []float32, k int, t []float32, first, stride, r, end int) {
	l := &m.terms
	cout := m.convs[m.out].Out
	p, pitch := m.path(k, m.out), l.pitch[k]
	base, n := r/p.Up, (end-r)/p.Up
	lo, hi := max(base-1, 0), min(base+n+1, p.H)
	if base > 0 {
		from := m.rows / p.Up * pitch
		for o := range cout {
			rows := z[o*l.stride+l.at[k]:]
			copy(rows[:pitch+m.w], rows[from:])
		}
		lo = base + 1
	}
	resample.Across(&kernel.Planes{X: z[l.at[k]+(lo-base+1)*pitch:], Stride: l.stride, Pitch: pitch}, &kernel.Planes{X: t[(lo-first)*p.W:], Stride: stride, Pitch: p.W}, p.W, p.Up, hi-lo, cout)
	for o := range cout {
		rows := z[o*l.stride+l.at[k]:]
		slot := func(row int) []float32 { return rows[(row-base+1)*pitch:][:m.w] }
		if base == 0 {
			copy(slot(-1), slot(0))
		}
		if base+n == p.H {
			copy(slot(p.H), slot(p.H-1))
		}
	}
}

// rowStart is what the sums of a row begin with: rows of the buffer, and their factors.
type rowStart struct {
	off []int32
	w   []float32
}

// joinStarts returns the starts of several rows one after the other.
func joinStarts(phases []rowStart) rowStart {
	var all rowStart
	for _, ph := range phases {
		all.off, all.w = append(all.off, ph.off...), append(all.w, ph.w...)
	}
	return all
}
