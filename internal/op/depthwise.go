package op

import "csnet/internal/kernel"

// Depthwise is a depthwise 3x3 convolution, zero padded, of one octave.
type Depthwise struct {
	c, h, w     int
	scale       float32
	fwd         [][9]float32
	bwd         [][9]float32
	inferParams []float32 // of kernel.DepthwiseAct
}

// NewDepthwise returns the depthwise conv of (c, h, w); scale multiplies the
// stored weights.
func NewDepthwise(c, h, w int, scale float32) *Depthwise {
	return &Depthwise{c: c, h: h, w: w, scale: scale, fwd: make([][9]float32, c), bwd: make([][9]float32, c), inferParams: make([]float32, c*kernel.DepthwiseParams)}
}

func (d *Depthwise) packInfer(ws [][]float32, a inferEpilogue) {
	for c := range d.c {
		p := d.inferParams[c*kernel.DepthwiseParams:][:kernel.DepthwiseParams]
		for k := range 9 {
			p[k] = ws[0][c*9+k] * d.scale * a.of(c)
		}
		p[9], p[10] = 0, 1
		if a.bias != nil {
			p[9] = a.bias[c]
		}
		if a.slope != nil {
			p[10] = a.slope[c]
		}
	}
}

func (d *Depthwise) align() int { return 1 }

func (d *Depthwise) memory() int { return 0 }

func (d *Depthwise) reads(_, from, to int) (lo, hi int) { return from - 1, to + 1 }

func (d *Depthwise) rows(dst []float32, stride int, xs []input, m *rowState, _ *scratch, from, to int) {
	y := kernel.Band{X: dst, Stride: stride, First: from, Ring: m.ring}
	x := kernel.Band{X: xs[0].x, Stride: xs[0].hw, First: xs[0].first, Ring: xs[0].ring}
	kernel.DepthwiseAct(y, x, d.inferParams[m.lo*kernel.DepthwiseParams:], d.w, d.h, from, to, m.hi-m.lo, m.stream)
}

func (d *Depthwise) packTrain(ws [][]float32) {
	for c := range d.c {
		for k := range 9 {
			v := ws[0][c*9+k] * d.scale
			d.fwd[c][k], d.bwd[c][8-k] = v, v
		}
	}
}

func (d *Depthwise) gradSize() int { return d.c * 9 }

// depthwiseFloats is about how much of a plane a band of rows holds in training:
// some bands fit the first-level cache.
const depthwiseFloats = 4 << 10

// bandRows is how many rows make one.
func (d *Depthwise) bandRows() int {
	return min(max(depthwiseFloats/(d.w+2)/8, 1)*8, d.h)
}

// padded returns room for a band with halo rows above and below and a zero on
// either side, which nobody overwrites.
func (d *Depthwise) padded(halo int, s *scratch) []float32 {
	n := (d.bandRows() + 2*halo) * (d.w + 2)
	p := s.get(n)
	for at := 0; at < n; at += d.w + 2 {
		p[at], p[at+d.w+1] = 0, 0
	}
	return p
}

// fillPadded readies the padded rows from-halo to to+halo-1: those outside the plane
// are zeros, rows gives the others, from the second argument's row on.
func (d *Depthwise) fillPadded(p []float32, halo, from, to int, rows func(dst []float32, lo, hi int)) {
	wp := d.w + 2
	lo, hi := max(from-halo, 0), min(to+halo, d.h)
	clear(p[:(lo-from+halo)*wp])
	clear(p[(hi-from+halo)*wp : (to-from+2*halo)*wp])
	rows(p[(lo-from+halo)*wp+1:], lo, hi)
}

// recomputeRows makes rows lo up to hi of channel c anew from padded rows of the input,
// of which p begins with the one above.
func (d *Depthwise) recomputeRows(dst, p []float32, c, lo, hi int, ahead []float32) {
	kernel.Depthwise(dst, d.w, p, d.w+2, &d.fwd[c], d.w, hi-lo, ahead)
}

// recomputedInput is the map of a Depthwise whose value is not kept: it is made anew from
// that op's input.
type recomputedInput struct {
	conv *Depthwise
	in   input
	p    []float32 // padded rows
	z    []float32 // rows lo up to hi of a channel
	lo   int
}

// ready gets room for bands of rows with halo rows on either side.
func (v *recomputedInput) ready(rows, halo int, s *scratch) {
	wp := v.conv.w + 2
	v.p, v.z = s.get((rows+2*halo+2)*wp), s.get((rows+2*halo)*v.conv.w)
	for at := 0; at < len(v.p); at += wp {
		v.p[at], v.p[at+wp-1] = 0, 0
	}
}

// compute makes rows lo up to hi of channel c in z.
func (v *recomputedInput) compute(c, lo, hi int) {
	d := v.conv
	d.fillPadded(v.p, 1, lo, hi, func(q []float32, from, to int) { v.in.rows(q, d.w+2, c, from, to, d.w) })
	d.recomputeRows(v.z, v.p, c, lo, hi, v.in.x[c*v.in.hw+min(hi+1, d.h)*d.w:])
	v.lo = lo
}

func (d *Depthwise) forward(dst []float32, xs []input, s *scratch, e trainEpilogue) {
	n, wp, band := d.h*d.w, d.w+2, d.bandRows()
	p, buf, x := d.padded(1, s), s.get(band*d.w), xs[0]
	if x.recompute != nil {
		x.recompute.ready(band, 1, s)
	}
	for c := range d.c {
		for r := 0; r < d.h; r += band {
			end := min(r+band, d.h)
			d.fillPadded(p, 1, r, end, func(q []float32, lo, hi int) { x.rows(q, wp, c, lo, hi, d.w) })
			z := dst[c*n+r*d.w:][:(end-r)*d.w]
			y := z
			if e.stream {
				y = buf[:len(z)]
			}
			kernel.Depthwise(y, d.w, p, wp, &d.fwd[c], d.w, end-r, x.x[c*n+end*d.w:])
			e.add(c, y, r == 0)
			if e.stream {
				kernel.Stream(z, y)
			}
		}
		e.finish(c)
	}
}

func (d *Depthwise) backward(part []float32, dxs []gradient, xs []input, dz outGrad, s *scratch) {
	n, wp, band, halo := d.h*d.w, d.w+2, d.bandRows(), 1
	var own []float32 // rows of the value, where it is not kept
	if dz.z == nil && dz.norm != nil {
		halo, own = 2, s.get((band+2)*d.w)
	}
	p, g, buf := d.padded(halo, s), d.padded(1, s), s.get(band*d.w)
	x, dx := xs[0], dxs[0]
	if x.recompute != nil {
		x.recompute.ready(band, halo, s)
	}
	for c := range d.c {
		for r := 0; r < d.h; r += band {
			end := min(r+band, d.h)
			next := c*n + end*d.w
			d.fillPadded(p, halo, r, end, func(q []float32, lo, hi int) { x.rows(q, wp, c, lo, hi, d.w) })
			inner := p[(halo-1)*wp:]
			d.fillPadded(g, 1, r, end, func(q []float32, lo, hi int) {
				if own != nil {
					d.recomputeRows(own, p[(lo-r+1)*wp:], c, lo, hi, nil)
				}
				dz.rows(q, wp, c, lo, hi, d.w, own)
			})
			kernel.DepthwiseGrad((*[9]float32)(part[c*9:]), inner, wp, g[wp+1:], wp, d.w, end-r, dz.g[next:], dz.z[min(next, len(dz.z)):])
			if dx.d == nil {
				continue
			}
			y := buf[:(end-r)*d.w]
			if !dx.stream && dx.store {
				y = dx.d[c*n+r*d.w:][:len(y)]
			}
			kernel.Depthwise(y, d.w, g, wp, &d.bwd[c], d.w, end-r, x.x[next:])
			dx.deliverRows(c, r*d.w, y, x.values(c, r, end, d.w))
		}
	}
}

func (d *Depthwise) reduce(dws [][]float32, parts []float32, images int) {
	if dws[0] == nil {
		return
	}
	n := d.gradSize()
	for i := range n {
		var sum float64
		for b := range images {
			sum += float64(parts[b*n+i])
		}
		dws[0][i] += float32(sum) * d.scale
	}
}
