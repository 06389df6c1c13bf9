package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// Oct is one output octave of a gOctConv.
type Oct struct {
	op.Oct
	paths []path
	most  []float64 // memory of Most
	group *OctGroup // this convolution alone as a group; nil where it is truly strided
}

// NewOct returns the convolution of this geometry.
func NewOct(g op.Oct, m *pages.Pool) *Oct {
	c := &Oct{Oct: g, most: make([]float64, g.Out)}
	for _, p := range g.Paths {
		c.paths = append(c.paths, newPath(p, m))
	}
	if !c.paths[0].Strided {
		c.group = NewOctGroup(c)
	}
	return c
}

// Most is as in Conv: pooled and upsampled values lie among those that they are made of.
func (c *Oct) Most(ws [][]float32, most [][]float64) float64 {
	clear(c.most)
	for i := range c.paths {
		addMost(c.paths[i].Filter, ws[i], most[i], c.most)
	}
	return slices.Max(c.most)
}

// Rescale is as in Conv.
func (c *Oct) Rescale(factor float32) {
	for i := range c.paths {
		c.paths[i].Scale *= factor
	}
}

// Pack is as in Conv; there is one weight per path.
func (c *Oct) Pack(ws [][]float32) {
	for i := range c.paths {
		c.paths[i].pack(ws[i])
	}
}

// GradSize is as in Conv.
func (c *Oct) GradSize() int {
	n := 0
	for i := range c.paths {
		n += c.paths[i].Size()
	}
	return n
}

// Forward is as in Conv.
func (c *Oct) Forward(xs []prenorm.Map, e prenorm.Epilogue, s *Scratch) {
	if c.group != nil {
		s.epilogues = append(s.epilogues[:0], e)
		c.group.Forward(xs, s.epilogues, s)
		return
	}
	z := e.Z.F()
	if !e.Direct() {
		z = s.Get(c.Out * c.H * c.W)
	}
	c.paths[0].forward(z, xs[0], false, s)
	e.StoreAll(z)
}

// sum writes to dst the sum of all paths but that of input number but. The octaves xs are
// as path's methods take them.
func (c *Oct) sum(dst []float32, xs []prenorm.Map, but int, s *Scratch) {
	acc := false
	for i := range c.paths {
		if i == but {
			continue
		}
		p := &c.paths[i]
		mark := s.Mark()
		if p.Up == 1 {
			p.forward(dst, xs[i], acc, s)
		} else {
			n, nf := p.H*p.W, p.H*p.Up*p.W*p.Up
			t, tmp := s.Get(c.Out*n), s.Get(p.W)
			p.forward(t, xs[i], false, s)
			for o := range c.Out {
				resample.Upsample(dst[o*nf:][:nf], t[o*n:][:n], p.H, p.W, p.Up, acc, tmp)
			}
		}
		s.Release(mark)
		acc = true
	}
}

// Backward is as in Conv.
func (c *Oct) Backward(part []float32, dxs []prenorm.InGrad, xs []prenorm.Map, dz prenorm.OutGrad, s *Scratch) {
	if c.group != nil {
		s.parts, s.outGrads = append(s.parts[:0], part), append(s.outGrads[:0], dz)
		c.group.Backward(s.parts, dxs, xs, s.outGrads, s)
		return
	}
	p, g := &c.paths[0], dz.InPlace(c.Out, s.Arena)
	x, pitch := p.source(xs[0], s)
	dense.ConvGrad(kernel.Packed(part, p.Out), kernel.Rows(x, pitch), p.offF, &kernel.Planes{X: g, Stride: p.H * p.W, Pitch: p.W}, p.W, p.H)
	if dx := dxs[0]; dx.Wanted() {
		d, add := dx.Open(s.Arena)
		if !add {
			clear(d)
		}
		p.stridedGrad(d, g, s)
		dx.Close(d)
	}
}

// AddGrads is as in Conv.
func (c *Oct) AddGrads(dws [][]float32, sum []float32) {
	at := 0
	for i := range c.paths {
		p := &c.paths[i]
		if dws[i] != nil {
			addGrads(p.Filter, dws[i], sum[at:])
		}
		at += p.Size()
	}
}
