package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// path is what one input octave of a gOctConv goes through on its way to the output. Its
// methods take octaves with norm and PReLU applied, average-pooled where that comes first;
// those of a strided path are as they come.
type path struct {
	op.Path
	weights
	winograd *winogradGrad // its gradients; nil: plain sums
	offF     []int32       // taps over the convolution's input planes
	offB     []int32       // taps over the planes of the gradient of its output
}

func newPath(g op.Path, m *pages.Pool) path {
	p := path{Path: g, weights: newWeights(g.Filter, m)}
	p.offF = taps(p.In, p.H, p.W, p.K, 1, p.K/2)
	p.offB = taps(p.Out, p.H, p.W, p.K, 1, p.K/2)
	if p.Strided {
		p.offF = op.StridedTaps(p.In, p.H, p.W, p.K)
	} else if p.K == 3 {
		p.winograd = newWinogradGrad(p.In, p.Out, p.H, p.W, 1, m)
	}
	return p
}

// pack packs the weights w.
func (p *path) pack(w []float32) {
	if p.set(p.Filter, w); p.winograd != nil {
		p.winograd.toInput.PackTurned(w, p.Scale)
	}
}

// forward writes or adds the convolution of the octave to dst (Out, H, W).
func (p *path) forward(dst []float32, x prenorm.Map, acc bool, s *Scratch) {
	n := p.H * p.W
	if p.Pointwise() {
		dense.Conv(&kernel.Planes{X: dst, Stride: n, Pitch: n}, kernel.Rows(x.Z.F(), n), s.ChannelOffsets(p.In, n), kernel.Packed(p.fwd, p.Out), n, 1, acc)
		return
	}
	src, pitch := p.source(x, s)
	dense.Conv(&kernel.Planes{X: dst, Stride: n, Pitch: p.W}, kernel.Rows(src, pitch), p.offF, kernel.Packed(p.fwd, p.Out), p.W, p.H, acc)
}

// source returns the planes that the convolution's taps run over, and their pitch.
func (p *path) source(x prenorm.Map, s *Scratch) ([]float32, int) {
	if p.Strided {
		return p.phases(x, s), p.W + 1
	}
	x = p.maxPooled(x, s)
	return x.Padded(p.In, p.H, p.W, p.K/2, s.Arena), p.W + p.K/2*2
}

// maxPooled returns the octave max-pooled.
func (p *path) maxPooled(x prenorm.Map, s *Scratch) prenorm.Map {
	if p.Pool == 1 {
		return x
	}
	return prenorm.Plain(p.maxPool(x.Z.F(), x.Area, p.H*p.Pool, p.W*p.Pool, s), p.H*p.W)
}

// maxPool returns rows of the channels of x, w wide and stride apart, max-pooled.
func (p *path) maxPool(x []float32, stride, rows, w int, s *Scratch) []float32 {
	n := rows / p.Pool * (w / p.Pool)
	y := s.Get(p.In * n)
	resample.MaxPool(&kernel.Planes{X: y, Stride: n, Pitch: w / p.Pool}, &kernel.Planes{X: x, Stride: stride, Pitch: w}, w/p.Pool, rows/p.Pool, p.In, p.Pool)
	return y
}

// averaged returns the octave with norm and PReLU applied and average-pooled.
func (p *path) averaged(x prenorm.Map, s *Scratch) prenorm.Map {
	m, rows := p.InH*p.InW/4, averageRows(p.InW)
	y, buf := s.Get(p.In*m), s.Get(rows*p.InW)
	x.Z.Touch()
	for c := range p.In {
		for r := 0; r < p.InH; r += rows {
			end := min(r+rows, p.InH)
			z := buf
			if x.Norm == nil {
				z = x.Z.F()[c*x.Area+r*p.InW:]
			} else {
				x.Rows(buf, p.InW, c, r, end, p.InW)
			}
			resample.AvgPool2(y[c*m+r/2*(p.InW/2):], z, end-r, p.InW)
		}
	}
	return prenorm.Plain(y, m)
}

// averageRows is how many rows of w values are average-pooled at a time.
func averageRows(w int) int { return max(op.AverageFloats/w/2, 1) * 2 }

// grads adds to part the weights' gradient for the gradient g of the convolution's output
// and, unless dx is nil, writes the gradient of the octave x to dx or, with acc, adds it.
func (p *path) grads(part, dx []float32, acc bool, x prenorm.Map, g []float32, s *Scratch) {
	n, pad, mark := p.H*p.W, p.K/2, s.Mark()
	pitch := p.W + 2*pad
	var gp []float32
	switch {
	case p.winograd != nil:
		y := p.maxPooled(x, s)
		p.winograd.weightGrad(part, kernel.Planes{X: y.Z.F(), Stride: y.Area, Pitch: p.W}, g, n, s)
	case p.Pointwise():
		gp = g
		dense.ConvGrad(kernel.Packed(part, p.Out), kernel.Rows(x.Z.F(), n), s.ChannelOffsets(p.In, n), &kernel.Planes{X: g, Stride: n, Pitch: n}, n, 1)
	default:
		// The rows of g and the zeros between them make one run.
		plain := prenorm.Plain(g, n)
		gp = plain.Padded(p.Out, p.H, p.W, pad, s.Arena)
		src, _ := p.source(x, s)
		np := (p.H + 2*pad) * pitch
		run := np - 2*pad*(pitch+1)
		dense.ConvGrad(kernel.Packed(part, p.Out), kernel.Rows(src, run), p.offF, &kernel.Planes{X: gp[pad*(pitch+1):], Stride: np, Pitch: run}, run, 1)
	}
	if dx == nil {
		s.Release(mark)
		return
	}
	d, add := dx, acc
	if p.Pool > 1 {
		d, add = s.Get(p.In*n), false
	}
	if p.winograd != nil {
		p.winograd.inputGrad(kernel.Planes{X: d, Stride: n}, p.winograd.whole(g), 0, p.H, add, s)
	} else {
		dense.Conv(&kernel.Planes{X: d, Stride: n, Pitch: p.W}, kernel.Rows(gp, pitch), p.offB, kernel.Packed(p.bwd, p.In), p.W, p.H, add)
	}
	if p.Pool > 1 {
		p.maxPoolGrad(dx, acc, x, d, p.H*p.Pool, p.W*p.Pool)
	}
	s.Release(mark)
}

// maxPoolGrad takes d back through the max pool of x, h x w planes, to to, or with acc adds.
func (p *path) maxPoolGrad(to []float32, acc bool, x prenorm.Map, d []float32, h, w int) {
	n, m := h*w, p.H*p.W
	for c := range p.In {
		resample.MaxPoolGrad(to[c*n:][:n], x.Z.F()[c*n:][:n], d[c*m:][:m], h, w, p.Pool, acc)
	}
}

// rows writes or, with acc, adds to z what so many rows of a pointwise path's input, which x
// holds, give rows of an output of their size or less.
func (p *path) rows(z *kernel.Planes, x []float32, pitch, rows int, acc bool, s *Scratch) {
	mark := s.Mark()
	if p.Pool > 1 {
		x, pitch = p.maxPool(x, pitch, rows, p.InW, s), z.Pitch
		s.prefetch.step()
	}
	dense.Conv(z, kernel.Rows(x, z.Pitch), s.ChannelOffsets(p.In, pitch), kernel.Packed(p.fwd, p.Out), z.Pitch, 1, acc)
	s.Release(mark)
}

// term makes rows of the path's term in z, one run: of the input's rows x from number row on.
func (p *path) term(z kernel.Planes, x []float32, pitch, row int, s *Scratch) {
	if n := z.Pitch; n > 0 {
		dense.Conv(&z, kernel.Rows(x[row*p.W:], n), s.ChannelOffsets(p.In, pitch), kernel.Packed(p.fwd, p.Out), n, 1, false)
	}
}

// rowGrads gives a pointwise path's gradients for so many rows of its input, which x holds, and
// those of the gradient of its convolution, g: that of the weights is added to part, that of the
// input written or, with acc, added to d unless it is nil.
func (p *path) rowGrads(part, d, x []float32, pitch, rows int, g *kernel.Planes, acc bool, s *Scratch) {
	n, mark := g.Pitch, s.Mark()
	y, yp := x, pitch
	if p.Pool > 1 {
		y, yp = p.maxPool(x, pitch, rows, p.InW, s), n
	}
	dense.ConvGrad(kernel.Packed(part, p.Out), kernel.Rows(y, n), s.ChannelOffsets(p.In, yp), g, n, 1)
	s.prefetch.step()
	if d != nil {
		p.rowInputGrad(d, x, pitch, rows, y, g, acc, s)
	}
	s.Release(mark)
}

// rowInputGrad is the input's part of rowGrads. y holds the input's rows, pooled where they are.
func (p *path) rowInputGrad(d, x []float32, pitch, rows int, y []float32, g *kernel.Planes, acc bool, s *Scratch) {
	n := g.Pitch
	// Pooled rows give way to their gradient.
	to, add := kernel.Planes{X: d, Stride: n, Pitch: n}, acc
	if p.Pool > 1 {
		to.X, add = y, false
	}
	dense.Conv(&to, kernel.Rows(g.X, n), s.ChannelOffsets(p.Out, g.Stride), kernel.Packed(p.bwd, p.In), n, 1, add)
	if p.Pool == 1 {
		return
	}
	for c := range p.In {
		s.prefetch.step()
		resample.MaxPoolGrad(d[c*rows*p.InW:][:rows*p.InW], x[c*pitch:][:rows*p.InW], y[c*n:][:n], rows, p.InW, p.Pool, acc)
	}
}
