package op

import "csnet/internal/kernel"

// Depthwise is a depthwise 3x3 convolution, zero padded, of one octave.
type Depthwise struct {
	c, h, w int
	scale   float32
	fwd     [][9]float32
	bwd     [][9]float32
	act     []float32 // of kernel.DepthwiseAct
}

// NewDepthwise returns the depthwise conv of (c, h, w); scale multiplies the
// stored weights.
func NewDepthwise(c, h, w int, scale float32) *Depthwise {
	return &Depthwise{c: c, h: h, w: w, scale: scale, fwd: make([][9]float32, c), bwd: make([][9]float32, c), act: make([]float32, c*kernel.DepthwiseParams)}
}

func (d *Depthwise) fold(ws [][]float32, a act) {
	for c := range d.c {
		p := d.act[c*kernel.DepthwiseParams:][:kernel.DepthwiseParams]
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

func (d *Depthwise) rows(dst []float32, stride int, xs []input, _ *memo, _ *scratch, from, to int) {
	kernel.DepthwiseAct(dst, stride, xs[0].x, xs[0].hw, xs[0].first, d.act, d.w, d.h, from, to, d.c)
}

func (d *Depthwise) prepare(ws [][]float32) {
	for c := range d.c {
		for k := range 9 {
			v := ws[0][c*9+k] * d.scale
			d.fwd[c][k], d.bwd[c][8-k] = v, v
		}
	}
}

func (d *Depthwise) gradSize() int { return d.c * 9 }

func (d *Depthwise) padded(s *scratch) []float32 { return s.get((d.h + 2) * (d.w + 2)) }

func (d *Depthwise) forward(dst []float32, xs []input, s *scratch, e epilogue) {
	n, p := d.h*d.w, d.padded(s)
	for c := range d.c {
		xs[0].padded(p, c, d.h, d.w, 1)
		kernel.Depthwise(dst[c*n:][:n], d.w, p, d.w+2, &d.fwd[c], d.w, d.h)
		e.plane(c)
	}
}

func (d *Depthwise) backward(part []float32, dxs []gradient, xs []input, dz outGrad, s *scratch) {
	n, p, g := d.h*d.w, d.padded(s), d.padded(s)
	border(g, d.h, d.w, 1)
	inner := g[d.w+3:]
	for c := range d.c {
		dz.rows(inner, d.w+2, c, d.h, d.w)
		xs[0].padded(p, c, d.h, d.w, 1)
		kernel.DepthwiseGrad((*[9]float32)(part[c*9:]), p, d.w+2, inner, d.w+2, d.w, d.h)
		if dxs[0].d == nil {
			continue
		}
		dx := dxs[0].d[c*n:][:n]
		if dxs[0].store {
			kernel.Depthwise(dx, d.w, g, d.w+2, &d.bwd[c], d.w, d.h)
		} else {
			kernel.Depthwise(p, d.w, g, d.w+2, &d.bwd[c], d.w, d.h)
			kernel.Add(dx, p[:n])
		}
		dxs[0].finished(c)
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
