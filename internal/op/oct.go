package op

import (
	"fmt"

	"csnet/internal/kernel"
)

// path is what one input octave goes through on its way to an output octave:
// average pool (stride 2), max pool by down, conv, bilinear upsampling by up.
type path struct {
	pack
	hi, wi  int  // the input octave
	avg     bool // average-pooled 2x2 first
	down    int  // max-pooled by down
	up      int  // upsampled by up
	strided bool // true strided conv
	h, w    int  // of the conv's output
	k       int
	offF    []int32 // taps over the conv's input planes
	offB    []int32 // taps over the gradient's planes
}

// OctConv is output octave j of a gOctConv: the sum of one path per present
// input octave.
type OctConv struct {
	paths []path
	cout  int
	h, w  int
}

// OctIn is one present input octave of a gOctConv.
type OctIn struct{ Octave, Channels, H, W int }

// NewOctConv returns output octave j with cout channels of a gOctConv with
// kernel k (1 or 3), stride 1 or 2. single says that one input and one output
// octave are declared: a strided conv is then truly strided. scale multiplies
// the stored weights.
func NewOctConv(in []OctIn, j, cout, k, stride int, single bool, scale float32) (*OctConv, error) {
	c := &OctConv{cout: cout}
	for _, x := range in {
		p := path{pack: newPack(x.Channels, cout, k, scale), hi: x.H, wi: x.W, down: 1, up: 1, h: x.H, w: x.W, k: k}
		if stride == 2 {
			if x.H%2 != 0 || x.W%2 != 0 {
				return nil, fmt.Errorf("op: stride 2 on %dx%d, must be even", x.H, x.W)
			}
			p.strided, p.avg = single, !single
			p.h, p.w = p.h/2, p.w/2
		}
		if x.Octave < j {
			p.down = 1 << (j - x.Octave)
			if p.h%p.down != 0 || p.w%p.down != 0 {
				return nil, fmt.Errorf("op: octave %d is %dx%d, must be a multiple of %d to reach octave %d", x.Octave, p.h, p.w, p.down, j)
			}
			p.h, p.w = p.h/p.down, p.w/p.down
		}
		if x.Octave > j {
			p.up = 1 << (x.Octave - j)
		}
		p.offF = taps(x.Channels, p.h, p.w, k, 1, k/2)
		p.offB = taps(cout, p.h, p.w, k, 1, k/2)
		if p.strided {
			p.offF = stridedTaps(x.Channels, p.h, p.w, k)
		}
		c.paths = append(c.paths, p)
		h, w := p.h*p.up, p.w*p.up
		if c.h == 0 {
			c.h, c.w = h, w
		}
		if h != c.h || w != c.w {
			return nil, fmt.Errorf("op: octave %d gives %dx%d, the octaves before it %dx%d", x.Octave, h, w, c.h, c.w)
		}
	}
	if len(c.paths) == 0 {
		return nil, fmt.Errorf("op: gOctConv without a present input octave")
	}
	return c, nil
}

func (c *OctConv) prepare(ws [][]float32) {
	for i := range c.paths {
		c.paths[i].set(ws[i])
	}
}

func (c *OctConv) gradSize() int {
	n := 0
	for i := range c.paths {
		n += c.paths[i].size()
	}
	return n
}

func (c *OctConv) forward(dst []float32, xs [][]float32, s *scratch) {
	for i := range c.paths {
		p := &c.paths[i]
		used := s.used
		x, pitch := p.source(xs[i], s)
		if p.up == 1 {
			p.conv(dst, x, pitch, i > 0)
			s.used = used
			continue
		}
		n, nf := p.h*p.w, p.h*p.up*p.w*p.up
		t, tmp := s.get(c.cout*n), s.get(p.w)
		p.conv(t, x, pitch, false)
		for o := range c.cout {
			kernel.Upsample(dst[o*nf:][:nf], t[o*n:][:n], p.h, p.w, p.up, i > 0, tmp)
		}
		s.used = used
	}
}

// source returns the planes the conv's taps run over, and their pitch.
func (p *path) source(x []float32, s *scratch) ([]float32, int) {
	if p.strided {
		return p.phases(x, s), p.w + 1
	}
	return padAll(p.pooled(x, s), p.cin, p.h, p.w, p.k/2, s), p.w + p.k/2*2
}

// pooled returns x average-pooled and max-pooled, (cin, h, w).
func (p *path) pooled(x []float32, s *scratch) []float32 {
	h, w := p.hi, p.wi
	if p.avg {
		n, m := h*w, h*w/4
		y := s.get(p.cin * m)
		for c := range p.cin {
			kernel.AvgPool2(y[c*m:][:m], x[c*n:][:n], h, w)
		}
		x, h, w = y, h/2, w/2
	}
	if p.down > 1 {
		n, m := h*w, h*w/(p.down*p.down)
		y := s.get(p.cin * m)
		for c := range p.cin {
			kernel.MaxPool(y[c*m:][:m], x[c*n:][:n], h, w, p.down)
		}
		x = y
	}
	return x
}

// conv runs the taps over x into dst (cout, h, w).
func (p *path) conv(dst, x []float32, pitch int, acc bool) {
	kernel.Dense(dst, p.h*p.w, p.w, x, pitch, p.offF, p.fwd, p.cout, p.cout, p.w, p.h, acc)
}

func (c *OctConv) backward(part []float32, dxs, xs [][]float32, dz []float32, s *scratch) {
	for i := range c.paths {
		p := &c.paths[i]
		used := s.used
		g := dz
		if p.up > 1 {
			n, nf := p.h*p.w, p.h*p.up*p.w*p.up
			g = s.get(c.cout * n)
			tmp := s.get(p.w)
			for o := range c.cout {
				kernel.UpsampleGrad(g[o*n:][:n], dz[o*nf:][:nf], p.h, p.w, p.up, tmp)
			}
		}
		src, pitch := p.source(xs[i], s)
		n := p.h * p.w
		kernel.DenseGrad(part[:p.size()], p.cout, src, pitch, p.offF, g, n, p.w, p.cout, p.w, p.h)
		part = part[p.size():]
		if dxs[i] != nil {
			p.inputGrad(dxs[i], xs[i], g, s)
		}
		s.used = used
	}
}

// inputGrad adds the gradient of the conv's output g to that of the octave.
func (p *path) inputGrad(dx, x, g []float32, s *scratch) {
	if p.strided {
		p.stridedGrad(dx, g, s)
		return
	}
	gp := padAll(g, p.cout, p.h, p.w, p.k/2, s)
	n := p.h * p.w
	direct := !p.avg && p.down == 1
	d := dx
	if !direct {
		d = s.get(p.cin * n)
	}
	kernel.Dense(d, n, p.w, gp, p.w+p.k/2*2, p.offB, p.bwd, p.cin, p.cin, p.w, p.h, direct)
	if direct {
		return
	}
	h, w := p.hi, p.wi
	if p.avg {
		h, w = h/2, w/2
	}
	if p.down > 1 {
		d = p.maxGrad(dx, x, d, h, w, s)
	}
	if p.avg {
		m := h * w
		for c := range p.cin {
			kernel.AvgPool2Grad(dx[c*4*m:][:4*m], d[c*m:][:m], 2*h, 2*w)
		}
	}
}

// maxGrad takes d back through the max pool of h x w planes: into dx itself,
// or, after an average pool, into a new buffer.
func (p *path) maxGrad(dx, x, d []float32, h, w int, s *scratch) []float32 {
	n, m := h*w, p.h*p.w
	to := dx
	if p.avg {
		a := s.get(p.cin * n)
		for c := range p.cin {
			kernel.AvgPool2(a[c*n:][:n], x[c*4*n:][:4*n], 2*h, 2*w)
		}
		x, to = a, s.get(p.cin*n)
		clear(to)
	}
	for c := range p.cin {
		kernel.MaxPoolGrad(to[c*n:][:n], x[c*n:][:n], d[c*m:][:m], h, w, p.down)
	}
	return to
}

func (c *OctConv) reduce(dws [][]float32, parts []float32, images int) {
	at, stride := 0, c.gradSize()
	for i := range c.paths {
		if dws[i] != nil {
			c.paths[i].reduce(dws[i], parts[at:], stride, images)
		}
		at += c.paths[i].size()
	}
}
