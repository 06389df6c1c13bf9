package conv

import (
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
)

// phases returns the phase planes (see op.StridedTaps) of x (In, InH, InW), with norm and
// PReLU applied.
func (p *path) phases(x prenorm.Map, s *Scratch) []float32 {
	n := op.PhasePlane(p.H, p.W)
	dst := s.Get(p.In * 4 * n)
	clear(dst)
	wp := p.W + 1
	buf := s.Get(x.Area)
	for c := range p.In {
		src := x.Plane(c, buf)
		for y := range p.InH {
			row := src[y*p.InW:][:p.InW]
			base := (c*4+y%2*2)*n + (y/2+1)*wp + 1
			a, b := dst[base:][:p.W], dst[base+n:][:p.W]
			for i := range a {
				a[i], b[i] = row[2*i], row[2*i+1]
			}
		}
	}
	return dst
}

// stridedGrad adds to dx the gradient of the input of a strided convolution for the
// gradient g of its output: the taps' products are gathered phase by phase and put back in
// their place.
func (p *path) stridedGrad(dx, g []float32, s *Scratch) {
	n, np, kk := p.H*p.W, op.PhasePlane(p.H, p.W), p.K*p.K
	ph := s.Get(p.In * 4 * np)
	clear(ph)
	wp := p.W + 1
	for c := range p.In {
		for t := range kk {
			to := int(p.offF[c*kk+t])
			for o := range p.Out {
				w := p.fwd[(c*kk+t)*p.Out+o]
				for y := range p.H {
					d, gr := ph[to+y*wp:][:p.W], g[o*n+y*p.W:][:p.W]
					for i, v := range gr {
						d[i] += w * v
					}
				}
			}
		}
		for y := range p.InH {
			base := (c*4+y%2*2)*np + (y/2+1)*wp + 1
			a, b := ph[base:][:p.W], ph[base+np:][:p.W]
			row := dx[c*p.InH*p.InW+y*p.InW:][:p.InW]
			for i := range a {
				row[2*i] += a[i]
				row[2*i+1] += b[i]
			}
		}
	}
}
