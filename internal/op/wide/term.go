package wide

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
)

// Term is one convolution of a Conv: it reads map number Map, (C, H, W), and gives Out
// channels, the first of which is channel At of the op's output. Its weights are
// (Out, C, K, K), which Scale multiplies. Zeros surround the map, Pad on each side.
type Term struct {
	Map, C, H, W             int
	Out, At                  int
	K, Stride, Pad, Dilation int
	Scale                    float32
}

// Output returns the sides of the output: floor((H + 2 Pad - Dilation (K-1) - 1) /
// Stride) + 1, as PyTorch's.
func (t Term) Output() (h, w int) {
	side := func(n int) int { return (n+2*t.Pad-t.Dilation*(t.K-1)-1)/t.Stride + 1 }
	return side(t.H), side(t.W)
}

// term is a Term as it runs. A convolution without stride reads its map with a border of
// zeros, a strided one the values under each tap, gathered into a plane of their own.
type term struct {
	Term
	oh, ow int
	taps   []int   // numbers of the taps that meet the map anywhere, of K*K
	off    []int32 // of the weights in their order, channel by channel, over the source
	back   []int32 // the same over the output's gradient with its border
	packed []float32
	turned []float32 // weights of the way back
	grad   []float32 // of the weights, packed

	forward, backward product // of a wide term
}

// wide reports whether the term runs as a product of matrices: with few channels it is
// faster to read the map where it lies.
func (t *term) wide() bool { return t.C >= 32 && t.Out >= 16 || t.C*t.K*t.K >= 128 && t.Out >= 48 }

func newTerm(t Term) *term {
	r := &term{Term: t}
	r.oh, r.ow = t.Output()
	for k := range t.K * t.K {
		y, x := k/t.K*t.Dilation-t.Pad, k%t.K*t.Dilation-t.Pad
		if t.Stride > 1 || y < t.H && y+r.oh > 0 && x < t.W && x+r.ow > 0 {
			r.taps = append(r.taps, k)
		}
	}
	if r.wide() {
		r.forward = newProduct(t.Out, t.C*len(r.taps), r.oh, r.ow)
		r.backward = newProduct(t.C, t.Out*len(r.taps), t.H, t.W)
		if r.gathered() {
			r.backward = newScattered(t.C, len(r.taps), t.Out, r.oh, r.ow)
		}
		return r
	}
	switch {
	case r.gathered():
		for i := range t.C * len(r.taps) {
			r.off = append(r.off, int32(i*r.oh*r.ow))
		}
		for o := range t.Out {
			r.back = append(r.back, int32(o*r.oh*r.ow))
		}
	default:
		r.off = r.offsets(t.C, t.Pad, t.H, t.W, func(tap int) int { return tap })
		r.back = r.offsets(t.Out, r.backPad(), r.oh, r.ow, func(tap int) int { return t.K - 1 - tap })
	}
	return r
}

// columns are the values under the taps of the map x.
func (t *term) columns(x []float32) columns {
	return columns{x: x, c: t.C, h: t.H, w: t.W, k: t.K, stride: t.Stride, pad: t.Pad, dilation: t.Dilation, taps: t.taps, ow: t.ow}
}

// backColumns are the same of the output's gradient g on the way back.
func (t *term) backColumns(g []float32) columns {
	if t.gathered() {
		return columns{x: g, c: t.Out, h: t.oh, w: t.ow, k: 1, stride: 1, dilation: 1, taps: []int{0}, ow: t.ow}
	}
	return columns{x: g, c: t.Out, h: t.oh, w: t.ow, k: t.K, stride: 1, pad: t.backPad(), dilation: t.Dilation, taps: t.taps, turned: true, ow: t.W}
}

// gathered reports whether the values under each tap are gathered.
func (t *term) gathered() bool { return t.Stride > 1 }

// plain reports whether the source is the map as it is.
func (t *term) plain() bool { return t.K == 1 && t.Stride == 1 && t.Pad == 0 }

// backPad is the border of the output's gradient on the way back.
func (t *term) backPad() int { return t.Dilation*(t.K-1) - t.Pad }

// offsets lists the taps over c planes of h x w with a border of pad; at turns them.
func (t *term) offsets(c, pad, h, w int, at func(int) int) []int32 {
	pitch := w + 2*pad
	off := make([]int32, 0, c*len(t.taps))
	for ch := range c {
		for _, k := range t.taps {
			y, x := at(k/t.K)*t.Dilation, at(k%t.K)*t.Dilation
			off = append(off, int32(ch*(h+2*pad)*pitch+y*pitch+x))
		}
	}
	return off
}

// source is what a convolution reads, of one image.
type source struct {
	x          []float32
	pitch      int
	n, rows    int
	h, w, pad  int
	from       []float32 // the map
	planes     int
	gatherFrom *term // nil: the map with a border
}

// floats is the memory that the source takes besides the map.
func (s *source) floats() int { return s.planes * s.plane() }

// plane is the size of what is made of one plane of the map.
func (s *source) plane() int {
	if t := s.gatherFrom; t != nil {
		return len(t.taps) * t.oh * t.ow
	}
	return (s.h + 2*s.pad) * (s.w + 2*s.pad)
}

// source returns what the term reads of the map x.
func (t *term) source(e *Env, x []float32) source {
	s := source{from: x, h: t.H, w: t.W, pad: t.Pad, planes: t.C, pitch: t.W + 2*t.Pad, n: t.ow, rows: t.oh}
	switch {
	case t.plain():
		s.x = x
		return s
	case t.gathered():
		s.gatherFrom, s.n, s.rows, s.pitch = t, t.oh*t.ow, 1, t.oh*t.ow
	}
	s.x = e.get(input, s.floats())
	return s
}

// gradSource returns what the way back reads of the output's gradient g.
func (t *term) gradSource(e *Env, g []float32) source {
	p := t.backPad()
	s := source{from: g, h: t.oh, w: t.ow, pad: p, planes: t.Out, pitch: t.ow + 2*p, n: t.W, rows: t.H}
	switch {
	case t.gathered():
		s.x, s.n, s.rows, s.pitch = g, t.oh*t.ow, 1, t.oh*t.ow
	case t.plain():
		s.x = g
	default:
		s.x = e.get(gradient, s.floats())
	}
	return s
}

// made reports whether the source is made of the map, plane by plane.
func (s *source) made() bool { return &s.x[0] != &s.from[0] }

// make makes plane p of the source.
func (s *source) make(p int) {
	n := s.plane()
	dst, src := s.x[p*n:][:n], s.from[p*s.h*s.w:][:s.h*s.w]
	if s.gatherFrom != nil {
		s.gatherFrom.gather(dst, src)
		return
	}
	resample.Pad(dst, src, s.h, s.w, s.pad)
}

// gather writes for each tap the values under it to a plane of their own.
func (t *term) gather(dst, src []float32) {
	for i, k := range t.taps {
		d := dst[i*t.oh*t.ow:][:t.oh*t.ow]
		dy, dx := k/t.K*t.Dilation-t.Pad, k%t.K*t.Dilation-t.Pad
		for y := range t.oh {
			row := d[y*t.ow:][:t.ow]
			sy := y*t.Stride + dy
			if sy < 0 || sy >= t.H {
				clear(row)
				continue
			}
			from := src[sy*t.W:][:t.W]
			for x := range row {
				if sx := x*t.Stride + dx; sx >= 0 && sx < t.W {
					row[x] = from[sx]
				} else {
					row[x] = 0
				}
			}
		}
	}
}

// scatter adds to dst what gather took from there.
func (t *term) scatter(dst, cols []float32) {
	for i, k := range t.taps {
		c := cols[i*t.oh*t.ow:][:t.oh*t.ow]
		dy, dx := k/t.K*t.Dilation-t.Pad, k%t.K*t.Dilation-t.Pad
		for y := range t.oh {
			sy := y*t.Stride + dy
			if sy < 0 || sy >= t.H {
				continue
			}
			row, to := c[y*t.ow:][:t.ow], dst[sy*t.W:][:t.W]
			for x, v := range row {
				if sx := x*t.Stride + dx; sx >= 0 && sx < t.W {
					to[sx] += v
				}
			}
		}
	}
}

// kernelPlanes are the planes of the source from row on.
func (s *source) kernelPlanes(row int) *kernel.Planes {
	return kernel.Rows(s.x[row*s.pitch:], s.pitch)
}
