package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// Dilated is the bank of dilated 3x3 convolutions of an MSBlock.
type Dilated struct {
	op.Dilated
	branches []branch
}

type branch struct {
	op.Branch
	weights
	most       []float64     // memory of Most
	offF, offB []int32       // taps over the padded input and over the padded gradient
	winograd   *winogradGrad // its gradients; nil: plain sums
}

// NewDilated returns the bank of this geometry.
func NewDilated(g op.Dilated, m *pages.Pool) *Dilated {
	d := &Dilated{Dilated: g}
	for _, b := range g.Branches {
		d.branches = append(d.branches, branch{
			Branch: b, most: make([]float64, b.Out), weights: newWeights(b.Filter, m),
			offF: taps(d.In, d.H, d.W, 3, b.Dilation, d.Pad), offB: taps(b.Out, d.H, d.W, 3, b.Dilation, b.Dilation),
			winograd: newWinogradGrad(d.In, b.Out, d.H, d.W, b.Dilation, m),
		})
	}
	return d
}

// Most is as in Conv.
func (d *Dilated) Most(ws [][]float32, most [][]float64) float64 {
	m := 0.0
	for i := range d.branches {
		b := &d.branches[i]
		clear(b.most)
		addMost(b.Filter, ws[i], most[0], b.most)
		m = max(m, slices.Max(b.most))
	}
	return m
}

// Rescale is as in Conv.
func (d *Dilated) Rescale(factor float32) {
	for i := range d.branches {
		d.branches[i].Scale *= factor
	}
}

// Pack is as in Conv; there is one weight per branch.
func (d *Dilated) Pack(ws [][]float32) {
	for i := range d.branches {
		b := &d.branches[i]
		if b.set(b.Filter, ws[i]); b.winograd != nil {
			b.winograd.toInput.PackTurned(ws[i], b.Scale)
		}
	}
}

// GradSize is as in Conv.
func (d *Dilated) GradSize() int {
	n := 0
	for i := range d.branches {
		n += d.branches[i].Size()
	}
	return n
}

// Forward is as in Conv. All branches make a band of rows before the next one.
func (d *Dilated) Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch) {
	pitch := d.W + 2*d.Pad
	x := xs[0].Padded(d.In, d.H, d.W, d.Pad, s.Arena)
	e.Z.Touch()
	band := min(max(op.DilatedFloats/(d.In*pitch)-2*d.Pad, 8)/8*8, d.H)
	for r := 0; r < d.H; r += band {
		end := min(r+band, d.H)
		n, mark := (end-r)*d.W, s.Mark()
		z, stride := e.Room(r*d.W, n, s.Arena)
		for i := range d.branches {
			b := &d.branches[i]
			to := kernel.Planes{X: z[b.At*stride:], Stride: stride, Pitch: d.W}
			dense.Conv(&to, kernel.Rows(x[r*pitch:], pitch), b.offF, kernel.Packed(b.fwd, b.Out), d.W, end-r, false)
			for o := range b.Out {
				v := to.X[o*stride:][:n]
				e.Add(b.At+o, v, r == 0)
				e.Store(b.At+o, r*d.W, v)
			}
		}
		s.Release(mark)
	}
	e.FinishAll()
}

// Backward is as in Conv.
func (d *Dilated) Backward(part []float32, dxs []prenorm.InGrad, xs []prenorm.Map, dz prenorm.OutGrad, s *Scratch) {
	n, mark := d.H*d.W, s.Mark()
	all := dz.InPlace(d.outputs(), s.Arena)
	pitch := d.W + 2*d.Pad
	padded := xs[0].Padded(d.In, d.H, d.W, d.Pad, s.Arena)
	x := kernel.Planes{X: padded[d.Pad*(pitch+1):], Stride: (d.H + 2*d.Pad) * pitch, Pitch: pitch}
	for i := range d.branches {
		b := &d.branches[i]
		g := all[b.At*n:][:b.Out*n]
		if b.winograd != nil {
			b.winograd.weightGrad(part[:b.Size()], x, g, n, s)
		} else {
			to := kernel.Planes{X: g, Stride: n, Pitch: d.W}
			dense.ConvGrad(kernel.Packed(part[:b.Size()], b.Out), kernel.Rows(padded, pitch), b.offF, &to, d.W, d.H)
		}
		part = part[b.Size():]
	}
	if dxs[0].Wanted() {
		d.inputGrad(&dxs[0], all, s)
	}
	s.Release(mark)
}

// inputGrad gives the gradient of the input, a band of rows of all branches at a time, for that
// of the outputs.
func (d *Dilated) inputGrad(dx *prenorm.InGrad, all []float32, s *Scratch) {
	n, unit := d.H*d.W, 1
	padded := s.planes[:0] // of the branches by plain sums
	for i := range d.branches {
		b := &d.branches[i]
		var p []float32
		if b.winograd == nil {
			plain := prenorm.Plain(all[b.At*n:][:b.Out*n], n)
			p = plain.Padded(b.Out, d.H, d.W, b.Dilation, s.Arena)
		} else {
			unit = max(unit, winograd.Rows*b.Dilation)
		}
		padded = append(padded, p)
	}
	s.planes = padded
	dx.D.Touch()
	band := min(max(op.OctBandFloats/(d.In*d.W)/unit, 1)*unit, d.H)
	for r := 0; r < d.H; r += band {
		end := min(r+band, d.H)
		m, mark := (end-r)*d.W, s.Mark()
		to := kernel.Planes{Stride: n, Pitch: d.W}
		if dx.Direct() {
			to.X = dx.D.F()[r*d.W:]
		} else {
			to.X, to.Stride = s.Get(d.In*m), m
		}
		for i := range d.branches {
			b := &d.branches[i]
			if b.winograd != nil {
				b.winograd.inputGrad(to, b.winograd.whole(all[b.At*n:][:b.Out*n]), r, end, i > 0, s)
				continue
			}
			pitch := d.W + 2*b.Dilation
			dense.Conv(&to, kernel.Rows(padded[i][r*pitch:], pitch), b.offB, kernel.Packed(b.bwd, d.In), d.W, end-r, i > 0)
		}
		for c := range d.In {
			dx.Deliver(c, r*d.W, to.X[c*to.Stride:][:m], prenorm.Values{})
		}
		s.Release(mark)
	}
}

// outputs is how many channels the branches make.
func (d *Dilated) outputs() int {
	n := 0
	for i := range d.branches {
		n += d.branches[i].Out
	}
	return n
}

// AddGrads is as in Conv.
func (d *Dilated) AddGrads(dws [][]float32, sum []float32) {
	at := 0
	for i := range d.branches {
		b := &d.branches[i]
		if dws[i] != nil {
			addGrads(b.Filter, dws[i], sum[at:])
		}
		at += b.Size()
	}
}
