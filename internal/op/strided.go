package op

// A truly strided conv runs as a dense one over the four phases of its input:
// phase planes are (h+1) x (w+1), with one row of zeros above and one column
// to the left, so that tap -1 (an odd row or column) reads phase 1 one earlier.

// phasePlane is the size of one phase plane of an output of h x w.
func phasePlane(h, w int) int { return (h + 1) * (w + 1) }

// stridedTaps lists the taps of a k x k conv with stride 2 over the phases of
// c channels: [channel][phase] planes.
func stridedTaps(c, h, w, k int) []int32 {
	n := phasePlane(h, w)
	off := make([]int32, 0, c*k*k)
	at := func(tap int) (phase, shift int) { // of input index 2*i + tap - k/2
		switch tap - k/2 {
		case 0:
			return 0, 1
		case -1:
			return 1, 0
		default:
			return 1, 1
		}
	}
	for ch := range c {
		for y := range k {
			for x := range k {
				py, sy := at(y)
				px, sx := at(x)
				off = append(off, int32((ch*4+py*2+px)*n+sy*(w+1)+sx))
			}
		}
	}
	return off
}

// phases returns the phase planes of x (cin, hi, wi).
func (p *path) phases(in input, s *scratch) []float32 {
	n := phasePlane(p.h, p.w)
	dst := s.get(p.cin * 4 * n)
	clear(dst)
	wp := p.w + 1
	buf := s.get(in.hw)
	for c := range p.cin {
		src := in.plane(c, buf)
		for y := range p.hi {
			row := src[y*p.wi:][:p.wi]
			base := (c*4+y%2*2)*n + (y/2+1)*wp + 1
			a, b := dst[base:][:p.w], dst[base+n:][:p.w]
			for i := range a {
				a[i], b[i] = row[2*i], row[2*i+1]
			}
		}
	}
	return dst
}

// stridedGrad adds the input gradient of a strided conv: the taps' products
// are gathered per phase and put back in place.
func (p *path) stridedGrad(dx, g []float32, s *scratch) {
	n, np := p.h*p.w, phasePlane(p.h, p.w)
	ph := s.get(p.cin * 4 * np)
	clear(ph)
	wp := p.w + 1
	for c := range p.cin {
		for t := range p.kk {
			to := int(p.offF[c*p.kk+t])
			for o := range p.cout {
				w := p.fwd[(c*p.kk+t)*p.cout+o]
				for y := range p.h {
					d, gr := ph[to+y*wp:][:p.w], g[o*n+y*p.w:][:p.w]
					for i, v := range gr {
						d[i] += w * v
					}
				}
			}
		}
		for y := range p.hi {
			base := (c*4+y%2*2)*np + (y/2+1)*wp + 1
			a, b := ph[base:][:p.w], ph[base+np:][:p.w]
			row := dx[c*p.hi*p.wi+y*p.wi:][:p.wi]
			for i := range a {
				row[2*i] += a[i]
				row[2*i+1] += b[i]
			}
		}
	}
}
