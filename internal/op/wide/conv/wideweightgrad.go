package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/gemm"
	"csnet/internal/op"
	"csnet/internal/op/wide/matmul"
)

// weightProduct is the gradient of a wide term's weights as a product of matrices: outputs by pixels
// times pixels by channels, for each tap. The pixels are summed in order, matmul.SumLength at
// a time.
type weightProduct struct {
	from     []float32 // a map (C, H*W)
	x        []float32 // the same (H*W, C)
	packed   []float32 // the output's gradient, for gemm.Mul: sums by groups
	together bool      // all taps are one task: there are few channels
	groups   int       // into which outputs are cut
	cuts     int       // into which channels are cut
}

// weightGradWide is weightGrad of a wide term.
func (b *backward) weightGradWide(dw, x []float32) {
	t, p := b.t, &b.weightProduct
	n := len(t.taps)
	p.together = t.C < 32
	p.groups, p.cuts = max(1, t.Out/256), 1
	if p.together {
		n = 1
		p.groups = max(1, t.Out/16)
	} else if n*p.groups < op.Parts {
		p.cuts = max(1, min((op.Parts+n*p.groups-1)/(n*p.groups), t.C/96))
	}
	t.grad = b.env.get(weights, t.term.weights())
	clear(t.grad)
	p.x, p.packed = b.env.get(input, t.C*t.H*t.W), b.env.get(gradient, t.Out*b.area())
	for i := range b.batch {
		p.from = b.part(x, i)
		b.env.Run(op.Parts, b.tasks.transpose)
		b.dst = b.ofTerm(t.term, b.dy, i)
		b.env.Run(p.groups*matmul.Sums(b.area()), b.tasks.packGrad)
		b.env.Run(n*p.groups*p.cuts, b.tasks.tapGrad)
	}
	b.weights = dw
	b.env.Run(op.Parts, b.tasks.unpack)
	t.grad = nil
}

// transpose writes part i of the map's pixels with their channels side by side.
func (b *backward) transpose(_, i int) {
	t, p := b.t, &b.weightProduct
	area := t.H * t.W
	from, to := op.Cut(area, i, op.Parts), op.Cut(area, i+1, op.Parts)
	const channels, pixels = 16, 64
	for px := from; px < to; px += pixels {
		end := min(px+pixels, to)
		for ch := 0; ch < t.C; ch += channels {
			for k := ch; k < min(ch+channels, t.C); k++ {
				at := px*t.C + k
				for _, v := range p.from[k*area+px : k*area+end] {
					p.x[at] = v
					at += t.C
				}
			}
		}
	}
}

// packGrad packs the output's gradient of a group of outputs over the pixels of a sum.
func (b *backward) packGrad(_, i int) {
	t, p := b.t, &b.weightProduct
	s, g := i/p.groups, i%p.groups
	lo, hi := op.Cut(t.Out, g, p.groups), op.Cut(t.Out, g+1, p.groups)
	from := s * matmul.SumLength
	n := min(matmul.SumLength, b.area()-from)
	gemm.Pack(p.packed[from*t.Out+lo*n:], b.dst[lo*b.area()+from:], hi-lo, n, b.area(), 1)
}

// tapGrad makes task i of the gradient: some outputs, some channels, one tap or all.
func (b *backward) tapGrad(thread, i int) {
	t, p := b.t, &b.weightProduct
	g, i := i%p.groups, i/p.groups
	part, tap := i%p.cuts, i/p.cuts
	lo, hi := op.Cut(t.Out, g, p.groups), op.Cut(t.Out, g+1, p.groups)
	first, end := op.Cut(t.C, part, p.cuts), op.Cut(t.C, part+1, p.cuts)
	taps := t.taps[tap : tap+1]
	if p.together {
		taps = t.taps
	}
	wide, columns := len(t.taps)*t.C, len(taps)*(end-first)
	under := kernel.Planes{X: b.env.scratch(thread, matmul.SumLength*matmul.Pitch(columns)), Pitch: matmul.Pitch(columns)}
	dst := kernel.Planes{X: t.grad[lo*wide+tap*t.C+first:], Stride: wide}
	for from := 0; from < b.area(); from += matmul.SumLength {
		n := min(matmul.SumLength, b.area()-from)
		for k := range n {
			b.under(under.X[k*under.Pitch:][:columns], from+k, taps, first, end)
		}
		gemm.Mul(&dst, p.packed[from*t.Out+lo*n:], hi-lo, &under, columns, n, true)
	}
}

// under writes what lies under the taps of a pixel of the output, of channels first to end.
func (b *backward) under(row []float32, pixel int, taps []int, first, end int) {
	t := b.t
	y, x, n := pixel/t.ow*t.Stride-t.Pad, pixel%t.ow*t.Stride-t.Pad, end-first
	for _, tap := range taps {
		sy, sx := y+tap/t.K*t.Dilation, x+tap%t.K*t.Dilation
		if sy < 0 || sy >= t.H || sx < 0 || sx >= t.W {
			clear(row[:n])
		} else {
			copy(row[:n], b.weightProduct.x[(sy*t.W+sx)*t.C+first:])
		}
		row = row[n:]
	}
}
