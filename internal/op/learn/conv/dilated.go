package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
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

// Forward is as in Conv.
func (d *Dilated) Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch) {
	n := d.H * d.W
	x := xs[0].Padded(d.In, d.H, d.W, d.Pad, s.Arena)
	e.Z.Touch()
	for i := range d.branches {
		b := &d.branches[i]
		mark := s.Mark()
		var z []float32
		if e.Direct() {
			z = e.Z.F()[b.At*n:][:b.Out*n]
		} else {
			z = s.Get(b.Out * n)
		}
		dense.Conv(&kernel.Planes{X: z, Stride: n, Pitch: d.W}, kernel.Rows(x, d.W+2*d.Pad), b.offF, kernel.Packed(b.fwd, b.Out), d.W, d.H, false)
		for o := range b.Out {
			e.Whole(b.At+o, z[o*n:][:n])
		}
		s.Release(mark)
	}
}

// Backward is as in Conv.
func (d *Dilated) Backward(part []float32, dxs []prenorm.InGrad, xs []prenorm.Map, dz prenorm.OutGrad, s *Scratch) {
	n := d.H * d.W
	x := xs[0].Applied(d.In, s.Arena)
	padded := d.paddedForSums(x, s)
	all := dz.InPlace(d.outputs(), s.Arena)
	var dx []float32
	var add bool
	if dxs[0].Wanted() {
		dx, add = dxs[0].Open(s.Arena)
	}
	for i := range d.branches {
		b := &d.branches[i]
		g := all[b.At*n:][:b.Out*n]
		acc := i > 0 || add
		if b.winograd != nil {
			b.winograd.weightGrad(part[:b.Size()], x.Z.F(), x.Area, g, n, s)
			if dx != nil {
				b.winograd.inputGrad(dx, g, acc, s)
			}
		} else {
			d.plainGrads(b, part[:b.Size()], padded, g, dx, acc, s)
		}
		part = part[b.Size():]
	}
	if dx != nil {
		dxs[0].Close(dx)
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

// paddedForSums returns x padded for the branches whose gradients are plain sums, nil
// where there are none.
func (d *Dilated) paddedForSums(x prenorm.Map, s *Scratch) []float32 {
	for i := range d.branches {
		if d.branches[i].winograd == nil {
			return x.Padded(d.In, d.H, d.W, d.Pad, s.Arena)
		}
	}
	return nil
}

// plainGrads gives the gradients of a branch by plain sums: that of the weights is added to
// part, that of the input written or added to dx unless dx is nil.
func (d *Dilated) plainGrads(b *branch, part, padded, g, dx []float32, acc bool, s *Scratch) {
	n := d.H * d.W
	dense.ConvGrad(kernel.Packed(part, b.Out), kernel.Rows(padded, d.W+2*d.Pad), b.offF, &kernel.Planes{X: g, Stride: n, Pitch: d.W}, d.W, d.H)
	if dx == nil {
		return
	}
	mark := s.Mark()
	plain := prenorm.Plain(g, n)
	gp := plain.Padded(b.Out, d.H, d.W, b.Dilation, s.Arena)
	dense.Conv(&kernel.Planes{X: dx, Stride: n, Pitch: d.W}, kernel.Rows(gp, d.W+2*b.Dilation), b.offB, kernel.Packed(b.bwd, d.In), d.W, d.H, acc)
	s.Release(mark)
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
