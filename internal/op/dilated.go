package op

import "csnet/internal/kernel"

// Dilated is a bank of parallel 3x3 convolutions of one input, zero padded by
// their dilation, outputs concatenated: the convs of an MSBlock.
type Dilated struct {
	cin, h, w int
	pad       int
	branches  []branch
	padded    paddedInput // of evaluation
	anyPlain  bool        // some branches are plain sums there
	epilogue  inferEpilogue
}

type branch struct {
	pack
	dil          int
	at           int // first output channel
	offF, offB   []int32
	winogradGrad *winogradGrad // nil: plain sums
	winograd     *winograd     // in evaluation, or
	offE         []int32       // taps over the planes of evaluation, or
	tall         []int32       // the uppermost ones, with few outputs, and
	w            []float32
}

// NewDilated returns the bank for (cin, h, w) with couts[i] > 0 channels at
// dilations[i]; scale multiplies the stored weights.
func NewDilated(cin, h, w int, dilations, couts []int, scale float32) *Dilated {
	d := &Dilated{cin: cin, h: h, w: w}
	for _, dil := range dilations {
		d.pad = max(d.pad, dil)
	}
	at := 0
	for i, dil := range dilations {
		d.branches = append(d.branches, branch{
			pack: newPack(cin, couts[i], 3, scale), dil: dil, at: at,
			offF: taps(cin, h, w, 3, dil, d.pad), offB: taps(couts[i], h, w, 3, dil, dil),
			winogradGrad: newWinogradGrad(cin, couts[i], h, w, dil),
		})
		at += couts[i]
	}
	d.planInfer()
	return d
}

// planInfer sets how many rows are done at a time in evaluation: their padding is
// to stay in the second-level cache.
func (d *Dilated) planInfer() {
	d.padded = paddedInput{cin: d.cin, h: d.h, w: d.w, pad: d.pad, pool: 1}
	d.padded.maxRows = min(max(dilatedFloats/max(d.padded.floats(), 1)-2*d.pad, d.pad, 1), d.h)
	for i := range d.branches {
		b := &d.branches[i]
		if b.cout >= minWinogradOutputs && winogradPays(d.h, b.dil) {
			b.winograd = newWinograd(d.cin, b.cout, d.w, b.dil, 0)
			continue
		}
		d.anyPlain = true
		b.offE = d.padded.taps(3, b.dil)
		if b.cout > kernel.TallOutputs {
			continue
		}
		for c := range d.cin {
			b.tall = append(b.tall, b.offE[9*c:][:3]...)
		}
		b.w = make([]float32, len(b.fwd))
	}
}

// dilatedFloats is about how much padded planes take in evaluation.
const dilatedFloats = 320 << 10

func (d *Dilated) packInfer(ws [][]float32, a inferEpilogue) {
	d.epilogue = a
	for i := range d.branches {
		b := &d.branches[i]
		if b.winograd != nil {
			b.winograd.pack(0, d.cin, ws[i], a.from(b.at), b.scale)
			continue
		}
		b.pack.setInfer(ws[i], a.from(b.at))
		for t := range b.tall {
			for y := range 3 {
				copy(b.w[(3*t+y)*b.cout:][:b.cout], b.fwd[(t/3*9+3*y+t%3)*b.cout:])
			}
		}
	}
}

func (d *Dilated) align() int { return 1 }

func (d *Dilated) memory() int { return 0 }

func (d *Dilated) reads(_, from, to int) (lo, hi int) { return d.padded.reads(from, to) }

func (d *Dilated) rows(dst []float32, stride int, xs []input, _ *rowState, s *scratch, from, to int) {
	for i := range d.branches {
		if b := &d.branches[i]; b.winograd != nil {
			d.winogradRows(b, dst[b.at*stride:], stride, xs[0], s, from, to)
		}
	}
	for r := from; r < to && d.anyPlain; r += d.padded.maxRows {
		end, used := min(r+d.padded.maxRows, to), s.used
		x, xp := d.padded.planes(xs[0], s, r, end)
		for i := range d.branches {
			if b := &d.branches[i]; b.winograd == nil {
				d.plainRows(b, dst[b.at*stride+(r-from)*d.w:], stride, x, xp, end-r)
			}
		}
		s.used = used
	}
}

// winogradRows makes rows from up to to of a branch, those the dilation apart
// together: they are one convolution with vertical taps next to each other.
func (d *Dilated) winogradRows(b *branch, dst []float32, stride int, x input, s *scratch, from, to int) {
	a := d.epilogue.from(b.at)
	reach := b.dil * kernel.WinogradRows // of the tiles that the first and the last rows lie in
	s.planes = append(s.planes[:0], d.padded.source(x, s, from-reach, to+reach))
	for k := range min(b.dil, to-from) {
		first, shift := (from+k)/b.dil, (from+k)%b.dil
		last := first + (to-from-k+b.dil-1)/b.dil
		b.winograd.rows(dst[k*d.w:], stride, b.dil*d.w, s.planes, shift, 0, b.cout, first, last, kernel.WinogradEnd{Bias: a.bias, Slope: a.slope}, s)
	}
}

// plainRows makes some rows of a branch from padded planes.
func (d *Dilated) plainRows(b *branch, dst []float32, stride int, x []float32, xp, rows int) {
	a := d.epilogue.from(b.at)
	if b.tall == nil {
		kernel.DenseAct(dst, stride, d.w, x, xp, b.offE, b.fwd, b.cout, b.cout, d.w, rows, &kernel.Act{Bias: a.bias, Slope: a.slope})
		return
	}
	for k := range min(b.dil, rows) { // as in tileRows
		kernel.DenseTall(dst[k*d.w:], stride, b.dil*d.w, x[k*xp:], b.dil*xp, b.tall, b.w, b.cout, d.w, (rows-k+b.dil-1)/b.dil, a.bias, a.slope)
	}
}

func (d *Dilated) packTrain(ws [][]float32) {
	for i := range d.branches {
		b := &d.branches[i]
		if b.setTrain(ws[i]); b.winogradGrad != nil {
			b.winogradGrad.toInput.packTurned(ws[i], b.scale)
		}
	}
}

func (d *Dilated) gradSize() int {
	n := 0
	for i := range d.branches {
		n += d.branches[i].size()
	}
	return n
}

func (d *Dilated) forward(dst []float32, xs []input, s *scratch, e trainEpilogue) {
	n := d.h * d.w
	x := xs[0].paddedAll(d.cin, d.h, d.w, d.pad, s)
	for i := range d.branches {
		b := &d.branches[i]
		kernel.Dense(dst[b.at*n:], n, d.w, x, d.w+2*d.pad, b.offF, b.fwd, b.cout, b.cout, d.w, d.h, false)
		for o := range b.cout {
			e.plane(b.at + o)
		}
	}
}

// plainInput returns x padded for the branches whose gradients are plain sums, nil
// where there are none.
func (d *Dilated) plainInput(x input, s *scratch) []float32 {
	for i := range d.branches {
		if d.branches[i].winogradGrad == nil {
			return x.paddedAll(d.cin, d.h, d.w, d.pad, s)
		}
	}
	return nil
}

func (d *Dilated) backward(part []float32, dxs []gradient, xs []input, dz outGrad, s *scratch) {
	n := d.h * d.w
	x := xs[0].applied(d.cin, s)
	padded := d.plainInput(x, s)
	all := dz.inPlace()
	for i := range d.branches {
		b := &d.branches[i]
		g := input{x: all[b.at*n:][:b.cout*n], hw: n}
		acc := i > 0 || !dxs[0].store
		if b.winogradGrad != nil {
			b.winogradGrad.weightGrad(part[:b.size()], x.x, x.hw, g.x, n, s)
			if dxs[0].d != nil {
				b.winogradGrad.inputGrad(dxs[0].d, g.x, acc, s)
			}
		} else {
			d.plainGrads(b, part[:b.size()], padded, g, dxs[0].d, acc, s)
		}
		part = part[b.size():]
	}
	if dxs[0].d != nil {
		dxs[0].sumAll()
	}
}

// plainGrads gives the gradients of a branch by plain sums; that of the input to
// dx unless it is nil.
func (d *Dilated) plainGrads(b *branch, part, padded []float32, g input, dx []float32, acc bool, s *scratch) {
	n := d.h * d.w
	kernel.DenseGrad(part, b.cout, padded, d.w+2*d.pad, b.offF, g.x, n, d.w, b.cout, d.w, d.h)
	if dx == nil {
		return
	}
	used := s.used
	gp := g.paddedAll(b.cout, d.h, d.w, b.dil, s)
	kernel.Dense(dx, n, d.w, gp, d.w+2*b.dil, b.offB, b.bwd, b.cin, b.cin, d.w, d.h, acc)
	s.used = used
}

func (d *Dilated) reduce(dws [][]float32, parts []float32, images int) {
	at, stride := 0, d.gradSize()
	for i := range d.branches {
		if dws[i] != nil {
			d.branches[i].reduce(dws[i], parts[at:], stride, images)
		}
		at += d.branches[i].size()
	}
}
