package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
	"csnet/internal/op/learn/prenorm"
	"csnet/internal/pages"
)

// Oct is one output octave of a gOctConv.
type Oct struct {
	op.Oct
	paths  []path
	most   []float64 // memory of Most
	group  *OctGroup // this convolution alone as a group; nil where it is truly strided
	direct int       // the path whose gradients are made by bands of the output's rows, -1: none
}

// NewOct returns the convolution of this geometry.
func NewOct(g op.Oct, m *pages.Pool) *Oct {
	c := &Oct{Oct: g, most: make([]float64, g.Out)}
	for _, p := range g.Paths {
		c.paths = append(c.paths, newPath(p, m))
	}
	if c.direct = c.onlyPath(); c.Out*c.H*c.W <= op.L2Floats {
		c.direct = -1
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

// onlyPath returns the number of the only path that is not upsampled, if its gradients go by
// Winograd, else -1.
func (c *Oct) onlyPath() int {
	at := -1
	for k := range c.paths {
		if p := &c.paths[k]; p.Up == 1 {
			if at >= 0 || p.winograd == nil {
				return -1
			}
			at = k
		}
	}
	return at
}

// bandGrads gives the gradients of the path direct, whose weights' is added to part, a band of the output's rows at a time, so that
// the output's gradient is never whole, and leaves in s.windows those of the other paths' terms.
func (c *Oct) bandGrads(part []float32, to [][]float32, acts []prenorm.Map, dz *prenorm.OutGrad, acc bool, s *Scratch) {
	p := &c.paths[c.direct]
	s.windows = s.windows[:0]
	for k := range c.paths {
		var w []float32
		if q := &c.paths[k]; k != c.direct {
			w = s.Get(c.Out * q.H * q.W)
			clear(w)
		}
		s.windows = append(s.windows, w)
	}
	y, d, add, mark := p.maxPooled(acts[c.direct], s), to[c.direct], acc, s.Mark()
	if d != nil && p.Pool > 1 {
		d, add = s.Get(p.In*p.H*p.W), false
	}
	sums, x := p.winograd.sums(s), kernel.Planes{X: y.Z.F(), Stride: y.Area, Pitch: c.W}
	s.ahead.begin(c.H*c.W, op.OctLookaheadFloats)
	lookAt(&s.ahead, dz.G, c.Out)
	lookAt(&s.ahead, dz.Z, c.Out)
	band := min(max(op.OctBandFloats/(c.Out*c.W)/winograd.Rows, 4)*winograd.Rows, c.H)
	for r := 0; r < c.H; r += band {
		s.ahead.at(r * c.W)
		end, inner := min(r+band, c.H), s.Mark()
		lo, hi := r, end
		if d != nil {
			lo, hi = max(r-1, 0), min(end+1, c.H)
		}
		g := kernel.Planes{Pitch: c.W}
		g.X, g.Stride = dz.Band(c.Out, lo*c.W, hi*c.W, s.Arena)
		for k := r / winograd.Rows; k*winograd.Rows < end; k++ {
			sums.tile(0, k, x, g, lo)
		}
		if d != nil {
			rows := op.Planes{X: g.X, N: c.Out, Stride: g.Stride, Pitch: c.W, Lo: lo, Hi: hi}
			p.winograd.inputGrad(kernel.Planes{X: d[r*c.W:], Stride: c.H * c.W}, rows, r, end, add, s)
		}
		c.upsampleGrads(&kernel.Planes{X: g.X[(r-lo)*c.W:], Stride: g.Stride}, s.windows, r, end, s)
		s.Release(inner)
	}
	sums.addTo(part)
	if d != nil && p.Pool > 1 {
		p.maxPoolGrad(to[c.direct], acc, acts[c.direct], d, p.H*p.Pool, p.W*p.Pool)
	}
	s.Release(mark)
}

// upsampleGrads adds to ups, the gradients of the paths' terms, nil where there is none, what rows
// [r, end) of the output's gradient g give them.
func (c *Oct) upsampleGrads(g *kernel.Planes, ups [][]float32, r, end int, s *Scratch) {
	mark := s.Mark()
	for k, up := range ups {
		if up == nil {
			continue
		}
		p := &c.paths[k]
		u := resample.Upsampling{Height: p.H, Width: p.W, Factor: p.Up, From: r, To: end}
		resample.UpsampleGradRows(&kernel.Planes{X: up, Stride: p.H * p.W}, g, u, p.Out, s.Get(p.Out*(p.W+3)*p.Up))
		s.Release(mark)
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
