package conv

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
)

// Dilated is the bank of dilated 3x3 convolutions of an MSBlock. Each branch goes by
// Winograd's transform or by plain sums.
type Dilated struct {
	op.Dilated
	branches []branch
	padded   paddedInput
	anyPlain bool // some branches are plain sums
	epilogue Epilogue
}

type branch struct {
	op.Branch
	winograd *op.Winograd // nil: plain sums, by
	weights  []float32    // [input][tap][output]
	off      []int32      // taps over the padded planes, or, with few outputs,
	tall     []int32      // the uppermost taps, and
	columns  []float32    // weights [input][column][row][output] (dense.Tall)
}

// NewDilated returns the bank of this geometry.
func NewDilated(g op.Dilated) *Dilated {
	d := &Dilated{Dilated: g}
	d.padded = paddedInput{in: d.In, h: d.H, w: d.W, pad: d.Pad, pool: 1}
	d.padded.maxRows = min(max(op.DilatedFloats/max(d.padded.floatsPerRow(), 1)-2*d.Pad, d.Pad, 1), d.H)
	for _, b := range g.Branches {
		d.branches = append(d.branches, d.newBranch(b))
	}
	return d
}

func (d *Dilated) newBranch(g op.Branch) branch {
	b := branch{Branch: g}
	if b.Out >= op.MinWinogradOutputs && op.WinogradPays(d.H, b.Dilation) {
		b.winograd = op.NewWinograd(d.In, b.Out, d.W, b.Dilation, 0, nil)
		return b
	}
	d.anyPlain = true
	b.weights = make([]float32, b.Size())
	b.off = d.padded.taps(3, b.Dilation)
	if b.Out > dense.TallOutputs {
		return b
	}
	for c := range d.In {
		b.tall = append(b.tall, b.off[9*c:][:3]...)
	}
	b.columns = make([]float32, b.Size())
	return b
}

// Pack is as in Conv; there is one weight per branch.
func (d *Dilated) Pack(ws [][]float32, e Epilogue) {
	d.epilogue = e
	for i := range d.branches {
		b := &d.branches[i]
		own := e.from(b.At)
		if b.winograd != nil {
			b.winograd.Pack(0, d.In, ws[i], own.Scale, b.Scale)
			continue
		}
		pack(b.weights, b.Filter, ws[i], own)
		for t := range b.tall {
			for y := range 3 {
				copy(b.columns[(3*t+y)*b.Out:][:b.Out], b.weights[(t/3*9+3*y+t%3)*b.Out:])
			}
		}
	}
}

// Align is 1.
func (d *Dilated) Align() int { return 1 }

// StateFloats is 0.
func (d *Dilated) StateFloats() int { return 0 }

// Reads adds the largest dilation above and below.
func (d *Dilated) Reads(_, from, to int) (lo, hi int) { return d.padded.reads(from, to) }

// Rows is as in Conv.
func (d *Dilated) Rows(dst []float32, stride int, xs []Input, _ *State, s *Scratch, from, to int) {
	for i := range d.branches {
		if b := &d.branches[i]; b.winograd != nil {
			d.winogradRows(b, dst[b.At*stride:], stride, xs[0], s, from, to)
		}
	}
	for r := from; r < to && d.anyPlain; r += d.padded.maxRows {
		end, mark := min(r+d.padded.maxRows, to), s.Mark()
		x, xp := d.padded.planes(xs[0], s, r, end)
		for i := range d.branches {
			if b := &d.branches[i]; b.winograd == nil {
				d.plainRows(b, dst[b.At*stride+(r-from)*d.W:], stride, x, xp, end-r)
			}
		}
		s.Release(mark)
	}
}

// winogradRows makes rows [from, to) of a branch. Rows that lie the dilation apart are
// made together: they are one convolution whose vertical taps are next to each other.
func (d *Dilated) winogradRows(b *branch, dst []float32, stride int, x Input, s *Scratch, from, to int) {
	e := d.epilogue.from(b.At)
	reach := b.Dilation * winograd.Rows // of the tiles that the first and the last row lie in
	s.planes = append(s.planes[:0], d.padded.source(x, s, from-reach, to+reach))
	for k := range min(b.Dilation, to-from) {
		first, shift := (from+k)/b.Dilation, (from+k)%b.Dilation
		last := first + (to-from-k+b.Dilation-1)/b.Dilation
		tall := kernel.Planes{X: dst[k*d.W:], Stride: stride, Pitch: b.Dilation * d.W}
		b.winograd.Rows(tall, s.planes, shift, op.Block{Hi: b.Out, From: first, To: last}, winograd.End{Bias: e.Bias, Slope: e.Slope}, s.Arena)
	}
}

// plainRows makes some rows of a branch from padded planes x of pitch xp.
func (d *Dilated) plainRows(b *branch, dst []float32, stride int, x []float32, xp, rows int) {
	e := d.epilogue.from(b.At)
	if b.tall == nil {
		dense.ConvAct(&kernel.Planes{X: dst, Stride: stride, Pitch: d.W}, kernel.Rows(x, xp), b.off, kernel.Packed(b.weights, b.Out), d.W, rows, &dense.Act{Bias: e.Bias, Slope: e.Slope})
		return
	}
	for k := range min(b.Dilation, rows) { // rows the dilation apart together
		dense.Tall(&kernel.Planes{X: dst[k*d.W:], Stride: stride, Pitch: b.Dilation * d.W}, kernel.Rows(x[k*xp:], b.Dilation*xp), b.tall, kernel.Packed(b.columns, b.Out), d.W, (rows-k+b.Dilation-1)/b.Dilation, e.Bias, e.Slope)
	}
}
