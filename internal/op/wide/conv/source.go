package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
)

// source is what a convolution with few channels reads, of one image.
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

// kernelPlanes are the planes of the source from row on.
func (s *source) kernelPlanes(row int) *kernel.Planes {
	return kernel.Rows(s.x[row*s.pitch:], s.pitch)
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

// reader makes the source at hand.
type reader struct {
	source
	task func(thread, i int) // makes plane i
}

func (r *reader) read(e *Env, s source) {
	if r.task == nil {
		r.task = func(_, i int) { r.make(i) }
	}
	r.source = s
	if s.made() {
		e.Run(s.planes, r.task)
	}
}
