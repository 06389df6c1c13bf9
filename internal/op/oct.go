package op

import (
	"fmt"

	"csnet/internal/kernel"
)

// path is what one input octave goes through on its way to an output octave:
// average pool (stride 2), max pool by down, conv, bilinear upsampling by up.
type path struct {
	pack
	hi, wi   int  // the input octave
	avg      bool // average-pooled 2x2 first
	pool     int  // max-pooled by down
	up       int  // upsampled by up
	strided  bool // true strided conv
	pooled   bool // the input is what a pool made
	h, w     int  // of the conv's output
	k        int
	winograd *winogradGrad // gradients, nil: plain sums
	offF     []int32       // taps over the conv's input planes
	offB     []int32       // taps over the gradient's planes
	padded   paddedInput   // of evaluation
	offE     []int32       // taps over its planes
}

// OctConv is output octave j of a gOctConv: the sum of one path per present
// input octave.
type OctConv struct {
	paths []path
	cout  int
	h, w  int
	infer octInfer
	train *octTrain // in training, but for a truly strided conv
}

// OctIn is one present input octave of a gOctConv.
type OctIn struct {
	Octave, Channels, H, W int
	// Pooled: in evaluation, the input is what the conv of the output octave
	// reads, pooled, H x W (NewPool).
	Pooled bool
}

// NewOctConv returns output octave j with cout channels of a gOctConv with
// kernel k (1 or 3), stride 1 or 2. single says that one input and one output
// octave are declared: a strided conv is then truly strided. scale multiplies
// the stored weights.
func NewOctConv(in []OctIn, j, cout, k, stride int, single bool, scale float32) (*OctConv, error) {
	c := &OctConv{cout: cout}
	for _, x := range in {
		p := path{pack: newPack(x.Channels, cout, k, scale), hi: x.H, wi: x.W, pool: 1, up: 1, h: x.H, w: x.W, k: k, pooled: x.Pooled}
		if stride == 2 && !x.Pooled {
			if x.H%2 != 0 || x.W%2 != 0 {
				return nil, fmt.Errorf("op: stride 2 on %dx%d, must be even", x.H, x.W)
			}
			p.strided, p.avg = single, !single
			p.h, p.w = p.h/2, p.w/2
		}
		if x.Octave < j && !x.Pooled {
			p.pool = 1 << (j - x.Octave)
			if p.h%p.pool != 0 || p.w%p.pool != 0 {
				return nil, fmt.Errorf("op: octave %d is %dx%d, must be a multiple of %d to reach octave %d", x.Octave, p.h, p.w, p.pool, j)
			}
			p.h, p.w = p.h/p.pool, p.w/p.pool
		}
		if x.Octave > j {
			p.up = 1 << (x.Octave - j)
		}
		p.offF = taps(x.Channels, p.h, p.w, k, 1, k/2)
		p.offB = taps(cout, p.h, p.w, k, 1, k/2)
		if p.strided {
			p.offF = stridedTaps(x.Channels, p.h, p.w, k)
		} else if k == 3 {
			p.winograd = newWinogradGrad(x.Channels, cout, p.h, p.w, 1)
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
	c.planInfer(cout)
	if p := c.paths[0]; !p.strided && !p.pooled {
		c.train = newOctTrain(c)
	}
	return c, nil
}

func (c *OctConv) packTrain(ws [][]float32) {
	for i := range c.paths {
		p := &c.paths[i]
		if p.setTrain(ws[i]); p.winograd != nil {
			p.winograd.toInput.packTurned(ws[i], p.scale)
		}
	}
}

func (c *OctConv) gradSize() int {
	n := 0
	for i := range c.paths {
		n += c.paths[i].size()
	}
	return n
}

func (c *OctConv) forward(dst []float32, xs []input, s *scratch, e trainEpilogue) {
	if c.train != nil {
		s.es = append(s.es[:0], e)
		c.train.forward(xs, s.es, s)
		return
	}
	c.paths[0].conv(dst, xs[0], false, s)
	e.all()
}

// sum writes the sum of all paths but that of input number but; xs are
// average-pooled where paths want that.
func (c *OctConv) sum(dst []float32, xs []input, but int, s *scratch) {
	acc := false
	for i := range c.paths {
		if i == but {
			continue
		}
		p := &c.paths[i]
		used := s.used
		if p.up == 1 {
			p.conv(dst, xs[i], acc, s)
		} else {
			n, nf := p.h*p.w, p.h*p.up*p.w*p.up
			t, tmp := s.get(c.cout*n), s.get(p.w)
			p.conv(t, xs[i], false, s)
			for o := range c.cout {
				kernel.Upsample(dst[o*nf:][:nf], t[o*n:][:n], p.h, p.w, p.up, acc, tmp)
			}
		}
		s.used, acc = used, true
	}
}

// pointwise reports whether all paths are 1x1 convs without stride.
func (c *OctConv) pointwise() bool {
	for i := range c.paths {
		if p := &c.paths[i]; p.k != 1 || p.strided || p.avg {
			return false
		}
	}
	return true
}

// plain reports whether the conv reads the octave as it is, pixel by pixel.
func (p *path) plain() bool { return p.k == 1 && !p.strided && !p.avg && p.pool == 1 }

// conv writes or adds the conv of the octave to dst (cout, h, w). The octave of
// a conv that is not truly strided has norm and PReLU applied.
func (p *path) conv(dst []float32, in input, acc bool, s *scratch) {
	n := p.h * p.w
	if p.plain() {
		kernel.Dense(dst, n, n, in.x, n, s.pitch(p.cin, n), p.fwd, p.cout, p.cout, n, 1, acc)
		return
	}
	x, pitch := p.source(in, s)
	kernel.Dense(dst, n, p.w, x, pitch, p.offF, p.fwd, p.cout, p.cout, p.w, p.h, acc)
}

// maxPooled returns the octave max-pooled.
func (p *path) maxPooled(in input, s *scratch) input {
	if p.pool == 1 {
		return in
	}
	return input{x: p.maxPool(in.x, in.hw, p.h*p.pool, p.w*p.pool, s), hw: p.h * p.w}
}

// source returns the planes the conv's taps run over, and their pitch.
func (p *path) source(in input, s *scratch) ([]float32, int) {
	if p.strided {
		return p.phases(in, s), p.w + 1
	}
	in = p.maxPooled(in, s)
	return in.paddedAll(p.cin, p.h, p.w, p.k/2, s), p.w + p.k/2*2
}

// averaged returns the octave average-pooled.
func (p *path) averaged(in input, s *scratch) input {
	m := p.hi * p.wi / 4
	y, buf := s.get(p.cin*m), s.get(in.hw)
	for c := range p.cin {
		kernel.AvgPool2(y[c*m:][:m], in.plane(c, buf), p.hi, p.wi)
	}
	return input{x: y, hw: m}
}

func (c *OctConv) backward(part []float32, dxs []gradient, xs []input, dz outGrad, s *scratch) {
	if c.train != nil {
		s.parts, s.dzs = append(s.parts[:0], part), append(s.dzs[:0], dz)
		c.train.backward(s.parts, dxs, xs, s.dzs, s)
		return
	}
	p, g := &c.paths[0], dz.inPlace()
	x, pitch := p.source(xs[0], s)
	kernel.DenseGrad(part, p.cout, x, pitch, p.offF, g, p.h*p.w, p.w, p.cout, p.w, p.h)
	if dx := dxs[0]; dx.d != nil {
		dx.zero()
		p.stridedGrad(dx.d, g, s)
		dx.sumAll()
	}
}

// grads adds the weight gradient for the gradient g of the conv's output and,
// unless dx.d is nil, takes g to the gradient of the octave; in is
// average-pooled where the path wants that.
func (p *path) grads(part []float32, dx gradient, in input, g []float32, s *scratch) {
	n, pad, used := p.h*p.w, p.k/2, s.used
	pitch := p.w + 2*pad
	var gp []float32
	switch {
	case p.winograd != nil:
		x := p.maxPooled(in, s)
		p.winograd.weightGrad(part, x.x, x.hw, g, n, s)
	case p.plain():
		gp = g
		kernel.DenseGrad(part, p.cout, in.x, n, s.pitch(p.cin, n), g, n, n, p.cout, n, 1)
	default:
		// The rows of g and the zeros between them make one run.
		gp = input{x: g, hw: n}.paddedAll(p.cout, p.h, p.w, pad, s)
		src, _ := p.source(in, s)
		np := (p.h + 2*pad) * pitch
		run := np - 2*pad*(pitch+1)
		kernel.DenseGrad(part, p.cout, src, run, p.offF, gp[pad*(pitch+1):], np, run, p.cout, run, 1)
	}
	if dx.d == nil {
		s.used = used
		return
	}
	d, acc := dx.d, !dx.store
	if p.pool > 1 {
		d, acc = s.get(p.cin*n), false
	}
	if p.winograd != nil {
		p.winograd.inputGrad(d, g, acc, s)
	} else {
		kernel.Dense(d, n, p.w, gp, pitch, p.offB, p.bwd, p.cin, p.cin, p.w, p.h, acc)
	}
	if p.pool > 1 {
		p.maxGrad(dx, in, d, p.h*p.pool, p.w*p.pool, s)
	}
	s.used = used
}

// maxGrad takes d back through the max pool of h x w planes.
func (p *path) maxGrad(to gradient, in input, d []float32, h, w int, s *scratch) {
	n, m := h*w, p.h*p.w
	for c := range p.cin {
		kernel.MaxPoolGrad(to.d[c*n:][:n], in.x[c*n:][:n], d[c*m:][:m], h, w, p.pool, !to.store)
	}
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
