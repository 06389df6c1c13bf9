package op

import "csnet/internal/kernel"

// inferConv is an op in evaluation, one image at a time: a Linear or a pool.
type inferConv interface {
	// fold packs the weights for evaluation, with what follows.
	packInfer(ws [][]float32, a inferEpilogue)
	// rows writes rows from up to but not including to of one image's output in
	// evaluation, norm and PReLU in, channels from m.lo up to m.hi, to dst, which
	// begins with these and has its channels stride apart. Both rows are multiples
	// of align. m, with memory floats, is the op's own from one call to that for
	// the rows below. A Depthwise writes into a ring of m.ring rows too: see
	// kernel.Band.
	rows(dst []float32, stride int, xs []input, m *rowState, s *scratch, from, to int)
	align() int
	memory() int
	// reads tells which rows of an input map rows reads, those outside the map
	// included.
	reads(input, from, to int) (lo, hi int)
}

// TrainConv is the convolution inside a Fused op, one image at a time: an
// OctConv, a Depthwise or a Dilated.
type TrainConv interface {
	inferConv
	// prepare packs the weights for this step.
	packTrain(ws [][]float32)
	// forward writes the output (C, H, W) of one image and hands it to e, part
	// by part while it is in the cache.
	forward(dst []float32, xs []input, s *scratch, e trainEpilogue)
	// backward adds the weight gradients of one image to part (gradSize long,
	// packed), and writes the input gradients to dxs.
	backward(part []float32, dxs []gradient, xs []input, dz outGrad, s *scratch)
	// gradSize is the length of part.
	gradSize() int
	// reduce adds the sum of the images' parts to the weights' gradients.
	reduce(dws [][]float32, parts []float32, images int)
}

// gradient is where one image's gradient of an input goes.
type gradient struct {
	d      []float32 // nil: nobody wants it
	store  bool      // d holds nothing yet: write instead of adding
	stream bool      // the batch's d leaves the caches before anybody reads it
	// With last, d is complete after this op: its sums for the norm of the op
	// that made the input are taken while it is in the cache.
	last  bool
	in    input
	image int
}

// sumChannel takes channel c, which is complete.
func (g gradient) sumChannel(c int) {
	g.sums(c, g.d[c*g.in.hw:][:g.in.hw])
}

// sums takes channel c, which d holds.
func (g gradient) sums(c int, d []float32) { g.sumPart(c, 0, d) }

// sumPart takes a stretch of channel c, from float from on, which d holds.
func (g gradient) sumPart(c, from int, d []float32) {
	g.sumStretch(c, from, d, g.in.x[min(c*g.in.hw+from, len(g.in.x)):])
}

// sumStretch is part where z holds the stretch of the input before norm and PReLU.
func (g gradient) sumStretch(c, from int, d, z []float32) {
	if g.last && g.in.norm != nil {
		g.in.norm.gradSums(g.image, c, d, z[:len(d)], from == 0)
	}
}

// deliverAll takes d, what this op gives for all channels.
func (g gradient) deliverAll(d []float32) {
	n := g.in.hw
	for c := range len(d) / n {
		g.deliver(c, 0, d[c*n:][:n])
	}
}

// deliver takes d, what this op gives for a stretch of channel c from float
// from on; d is overwritten unless it is where the gradient lies.
func (g gradient) deliver(c, from int, d []float32) {
	g.deliverRows(c, from, d, g.in.x[min(c*g.in.hw+from, len(g.in.x)):])
}

// deliverRows is deliverPart where z holds the stretch of the input before norm
// and PReLU.
func (g gradient) deliverRows(c, from int, d, z []float32) {
	to := g.d[c*g.in.hw+from:][:len(d)]
	if !g.store {
		kernel.Add(d, to)
	}
	g.sumStretch(c, from, d, z)
	switch {
	case g.stream:
		kernel.Stream(to, d)
	case &to[0] != &d[0]:
		copy(to, d)
	}
}

// sumAll takes all channels.
func (g gradient) sumAll() {
	if g.last && g.in.norm != nil {
		for c := range g.in.norm.a {
			g.sumChannel(c)
		}
	}
}

// zero readies d for code that only adds.
func (g gradient) zero() {
	if g.store {
		clear(g.d)
	}
}

// pack is a dense conv's weights in the two orders the kernels read: fwd
// [in*k*k][out], bwd [out*k*k][in] with the kernel turned by 180 degrees.
type pack struct {
	cin, cout, kk int
	scale         float32
	fwd, bwd      []float32
}

func newPack(cin, cout, k int, scale float32) pack {
	n := cin * cout * k * k
	return pack{cin: cin, cout: cout, kk: k * k, scale: scale, fwd: make([]float32, n), bwd: make([]float32, n)}
}

func (p *pack) setTrain(w []float32) {
	for o := range p.cout {
		for c := range p.cin {
			for k := range p.kk {
				v := w[(o*p.cin+c)*p.kk+k] * p.scale
				p.fwd[(c*p.kk+k)*p.cout+o] = v
				p.bwd[(o*p.kk+p.kk-1-k)*p.cin+c] = v
			}
		}
	}
}

// setInfer is set for evaluation: fwd alone, times the outputs' scales.
func (p *pack) setInfer(w []float32, a inferEpilogue) {
	n := p.cin * p.kk
	for o := range p.cout {
		f := a.of(o) * p.scale
		row := w[o*n:][:n]
		for i, v := range row {
			p.fwd[i*p.cout+o] = v * f
		}
	}
}

func (p *pack) size() int { return len(p.fwd) }

// reduce adds scale times the images' packed gradients to dw.
func (p *pack) reduce(dw, parts []float32, stride, images int) {
	for c := range p.cin * p.kk {
		for o := range p.cout {
			var s float64
			for b := range images {
				s += float64(parts[b*stride+c*p.cout+o])
			}
			dw[(o*p.cin+c/p.kk)*p.kk+c%p.kk] += float32(s) * p.scale
		}
	}
}

// taps lists the offsets of k x k taps, spaced dil, over c channels of padded
// planes of h x w with pad zeros on each side; the first tap of output (0, 0)
// lies at row and column pad - k/2*dil.
func taps(c, h, w, k, dil, pad int) []int32 {
	wp := w + 2*pad
	plane := (h + 2*pad) * wp
	off := make([]int32, 0, c*k*k)
	for ch := range c {
		for y := range k {
			for x := range k {
				off = append(off, int32(ch*plane+(pad+(y-k/2)*dil)*wp+pad+(x-k/2)*dil))
			}
		}
	}
	return off
}
