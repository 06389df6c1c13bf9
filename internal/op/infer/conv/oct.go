package conv

import (
	"slices"

	"csnet/internal/kernel"
	"csnet/internal/kernel/dense"
	"csnet/internal/kernel/resample"
	"csnet/internal/kernel/winograd"
	"csnet/internal/op"
)

// Oct is one output octave of a gOctConv. It makes a group of rows at a time: first the
// terms of the coarse input octaves, which are convolved and upsampled into rows that stay
// in the cache (upsampledTerms), then the sums over the others, which begin with these.
type Oct struct {
	op.Oct
	paths     []path
	direct    []int // paths that are not upsampled
	coarse    []int // paths that are
	epilogue  Epilogue
	bias      []float32 // of the first coarse path: its rows hold the bias, as a term's share
	terms     upsampledTerms
	factor    int     // the largest upsampling factor
	align     int     // rows that are a multiple of factor and of a tile of Winograd's
	groupRows int     // rows at a time, a multiple of align
	sameRow   []int32 // with once: sums go on from the row that they write
	once      []float32

	// 3x3 convolutions by Winograd's transform: that of the direct paths together, and
	// that of each coarse path; nil where they are plain sums.
	winograd       *op.Winograd
	coarseWinograd []*op.Winograd
}

// path is one input octave's way to the output.
type path struct {
	op.Path
	padded  paddedInput
	weights []float32 // of plain sums: [input][tap][output]
	off     []int32   // taps over the padded planes, nil where these are the octave itself
}

// NewOct returns the convolution of this geometry.
func NewOct(g op.Oct) *Oct {
	c := &Oct{Oct: g}
	c.plan(g.Out)
	return c
}

// plan sets how the convolution runs, by up to outputs output channels at a time.
func (c *Oct) plan(outputs int) {
	*c = Oct{Oct: c.Oct, factor: 1, sameRow: []int32{0}, once: []float32{1}}
	perRow := 0
	var ups []int
	for i, g := range c.Paths {
		p := path{Path: g}
		p.padded = paddedInput{in: p.In, h: p.H, w: p.W, pad: p.K / 2, avg: p.Avg, pool: p.Pool, strided: p.Strided}
		if p.Up > 1 {
			c.coarse = append(c.coarse, i)
			c.factor, ups = max(c.factor, p.Up), append(ups, p.Up)
			perRow += outputs * c.W / p.Up
		} else {
			c.direct = append(c.direct, i)
		}
		perRow += p.padded.floatsPerRow() / p.Up
		c.paths = append(c.paths, p)
	}
	c.planWinograd()
	c.groupRows = c.H
	if perRow > 0 {
		c.groupRows = min(max(op.OctGroupFloats/perRow/c.align, 1)*c.align, c.H)
	}
	for i := range c.paths {
		p := &c.paths[i]
		p.padded.maxRows = c.groupRows
		if p.Up > 1 {
			p.padded.maxRows = c.groupRows/p.Up + 2
		}
		if c.plainSums(i) {
			p.off, p.weights = p.padded.taps(p.K, 1), make([]float32, p.Size())
		}
	}
	c.terms = newUpsampledTerms(ups, c.groupRows, c.W)
}

// byWinograd reports whether a 3x3 path runs by Winograd's transform: its rows, and
// those of the output that they give, must be whole tiles.
func (c *Oct) byWinograd(p *path) bool {
	return p.K == 3 && !p.Strided && c.Out >= op.MinWinogradOutputs && c.H%(winograd.Rows*p.Up) == 0
}

// planWinograd readies what runs the 3x3 paths, and sets align. Tiles of a coarse path
// begin with its second row: a group of rows needs the row below it, and has that above
// it from the group before.
func (c *Oct) planWinograd() {
	channels, all := 0, true
	c.align = c.factor
	for _, i := range c.direct {
		channels += c.paths[i].In
		all = all && c.byWinograd(&c.paths[i])
	}
	if channels > 0 && all {
		c.align = max(c.align, winograd.Rows)
		c.winograd = op.NewWinograd(channels, c.Out, c.W, 1, 0, nil)
	}
	for _, i := range c.coarse {
		var g *op.Winograd
		if p := &c.paths[i]; c.byWinograd(p) {
			c.align = max(c.align, winograd.Rows*p.Up)
			g = op.NewWinograd(p.In, c.Out, p.W, 1, 1, nil)
		}
		c.coarseWinograd = append(c.coarseWinograd, g)
	}
}

// plainSums reports whether path i is plain sums, not Winograd's.
func (c *Oct) plainSums(i int) bool {
	if k := slices.Index(c.coarse, i); k >= 0 {
		return c.coarseWinograd[k] == nil
	}
	return c.winograd == nil
}

// termShare is what the rows of a coarse path are multiplied with in upsampledTerms.
func (p *path) termShare() float32 { return 1 / float32(2*p.Up) }

// Pack is as in Conv; there is one weight per path.
func (c *Oct) Pack(ws [][]float32, e Epilogue) {
	c.epilogue, c.bias = e, nil
	at := 0
	for _, i := range c.direct {
		p := &c.paths[i]
		if c.winograd == nil {
			pack(p.weights, p.Filter, ws[i], e)
			continue
		}
		c.winograd.Pack(at, p.In, ws[i], e.Scale, p.Scale)
		at += p.In
	}
	for k, i := range c.coarse {
		p := &c.paths[i]
		if g := c.coarseWinograd[k]; g != nil {
			g.Pack(0, p.In, ws[i], e.Scale, p.Scale*p.termShare())
			continue
		}
		pack(p.weights, p.Filter, ws[i], e)
		scale(p.weights, p.termShare())
	}
	if len(c.coarse) > 0 && e.Bias != nil {
		c.bias = slices.Clone(e.Bias)
		scale(c.bias, c.paths[c.coarse[0]].termShare())
	}
}

func scale(xs []float32, f float32) {
	for i := range xs {
		xs[i] *= f
	}
}

// Align is as in Conv.
func (c *Oct) Align() int { return c.align }

// StateFloats is the size of the upsampled terms.
func (c *Oct) StateFloats() int { return c.Out * c.terms.stride }

// Reads is as in Conv.
func (c *Oct) Reads(input, from, to int) (lo, hi int) {
	p := &c.paths[input]
	if p.Up > 1 {
		from, to = op.FloorDiv(from, p.Up)-1, op.FloorDiv(to, p.Up)+1
		if g := c.coarseWinograd[slices.Index(c.coarse, input)]; g != nil {
			from, to = g.TileStart(from), g.TileStart(to+winograd.Rows-1)
		}
	}
	return p.padded.reads(from, to)
}

// Rows is as in Conv.
func (c *Oct) Rows(dst []float32, stride int, xs []Input, st *State, s *Scratch, from, to int) {
	mark := s.Mark()
	for r := from; r < to; r += c.groupRows {
		end := min(r+c.groupRows, to)
		c.prepareTerms(st, xs, s, r, end)
		c.sumRows(dst[(r-from)*c.W:], stride, xs, st, s, r, end)
		s.Release(mark)
		st.started = true
	}
}

// prepareTerms readies the terms of all coarse paths for rows [from, to) of the output.
func (c *Oct) prepareTerms(st *State, xs []Input, s *Scratch, from, to int) {
	mark := s.Mark()
	for k, i := range c.coarse {
		c.prepareTerm(st, k, xs[i], s, from, to)
		s.Release(mark)
	}
}

// prepareTerm convolves and upsamples what rows [from, to) of the output need of coarse
// path number k. The first two of these rows are there already, from the group above.
func (c *Oct) prepareTerm(st *State, k int, x Input, s *Scratch, from, to int) {
	p := &c.paths[c.coarse[k]]
	base, n := from/p.Up, (to-from)/p.Up
	outputs := st.Hi - st.Lo
	lo, hi := max(base-1, 0), min(base+n+1, p.H)
	if st.started {
		lo = base + 1
	}
	if rows := hi - lo; rows > 0 {
		plane := rows * p.W
		t := s.Get(1 + outputs*plane + resample.AcrossSlack)
		dst := kernel.Planes{X: t[1:], Stride: plane, Pitch: p.W}
		var bias []float32
		if k == 0 && c.bias != nil {
			bias = c.bias[st.Lo:]
		}
		if g := c.coarseWinograd[k]; g != nil {
			above, below := g.Reads(lo, hi)
			s.planes = append(s.planes[:0], p.padded.source(x, s, above, below))
			g.Rows(dst, s.planes, 0, op.Block{Lo: st.Lo, Hi: st.Hi, From: lo, To: hi}, winograd.End{Bias: bias}, s.Arena)
		} else {
			y, yp := p.padded.planes(x, s, lo, hi)
			a := dense.Act{Bias: bias, Prefetch: p.padded.prefetchDistance(x)}
			dense.ConvAct(&dst, kernel.Rows(y, yp), p.taps(x, s), c.weights(p, st), p.W, rows, &a)
		}
		c.terms.upsample(st.Terms, k, t, plane, p.W, lo, hi, outputs)
	}
	if base == 0 {
		c.terms.repeatEdge(st.Terms, k, 0, -1, outputs)
	}
	if base+n == p.H {
		c.terms.repeatEdge(st.Terms, k, p.H-1, p.H, outputs)
	}
}

// taps returns the offsets of the taps over the planes of x.
func (p *path) taps(x Input, s *Scratch) []int32 {
	if p.padded.inPlace() {
		return op.Taps(s.Offsets(p.Taps())[:0], p.In, p.K, 1, 0, x.Stride, p.padded.w)
	}
	return p.off
}

// sumRows adds all terms of rows [from, to) and writes them to d.
func (c *Oct) sumRows(d []float32, stride int, xs []Input, st *State, s *Scratch, from, to int) {
	outputs := st.Hi - st.Lo
	if c.winograd != nil {
		c.winogradRows(d, stride, xs, st, s, from, to)
		return
	}
	slope := c.epilogue.from(st.Lo).Slope
	dst := kernel.Planes{X: d, Stride: stride, Pitch: c.W}
	var a dense.Act
	c.startSums(&a, st, from, to, s)
	for k, i := range c.direct {
		p := &c.paths[i]
		x, xp := p.padded.planes(xs[i], s, from, to)
		if a.Prefetch = p.padded.prefetchDistance(xs[i]); k == len(c.direct)-1 {
			a.Slope = slope
		}
		dense.ConvAct(&dst, kernel.Rows(x, xp), p.taps(xs[i], s), c.weights(p, st), c.W, to-from, &a)
		a = dense.Act{Z: dst, ZOff: c.sameRow, ZW: c.once}
	}
	if len(c.direct) == 0 {
		a.Slope = slope
		dense.ConvAct(&dst, &kernel.Planes{}, nil, &kernel.Weights{Outputs: outputs}, c.W, to-from, &a)
	}
}

// weights are those of a path for the outputs of st.
func (c *Oct) weights(p *path, st *State) *kernel.Weights {
	return &kernel.Weights{W: p.weights[st.Lo:], Stride: c.Out, Outputs: st.Hi - st.Lo}
}

// startSums sets what the sums of rows [from, to) begin with: the bias, or the terms of
// the coarse paths.
func (c *Oct) startSums(a *dense.Act, st *State, from, to int, s *Scratch) {
	if len(c.coarse) == 0 {
		a.Bias = c.epilogue.from(st.Lo).Bias
		return
	}
	c.terms.start(a, st.Terms, from, to, s)
}

// winogradRows is sumRows where all direct paths go by Winograd's transform.
func (c *Oct) winogradRows(d []float32, stride int, xs []Input, st *State, s *Scratch, from, to int) {
	outputs := st.Hi - st.Lo
	var a dense.Act
	c.startSums(&a, st, from, to, s)
	end := winograd.End{Bias: a.Bias, Slope: c.epilogue.from(st.Lo).Slope}
	if len(c.coarse) > 0 {
		plane := (to - from) * c.W
		end.Start = kernel.Planes{X: s.Get(outputs * plane), Stride: plane, Pitch: c.W}
		dense.ConvAct(&end.Start, &kernel.Planes{}, nil, &kernel.Weights{Outputs: outputs}, c.W, to-from, &a)
	}
	above, below := c.winograd.Reads(from, to)
	s.planes = s.planes[:0]
	for _, i := range c.direct {
		s.planes = append(s.planes, c.paths[i].padded.source(xs[i], s, above, below))
	}
	dst := kernel.Planes{X: d, Stride: stride, Pitch: c.W}
	c.winograd.Rows(dst, s.planes, 0, op.Block{Lo: st.Lo, Hi: st.Hi, From: from, To: to}, end, s.Arena)
}
