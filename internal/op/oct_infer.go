package op

import (
	"slices"

	"csnet/internal/kernel"
)

// octInfer is how an OctConv runs in evaluation: a group of rows at a time,
// coarse terms first. These are convolved and brought up by rises, whose rows stay
// in the cache. The first path's rows have the bias in.
type octInfer struct {
	epilogue  inferEpilogue
	bias      []float32  // divided as well
	factor    int        // the largest up factor: groups are multiples of it
	groupRows int        // rows at a time
	direct    []int      // paths that are not upsampled
	coarse    []int      // paths that are
	terms     inferTerms // of these
	identity  rowStart   // dst as a term

	// 3x3 convolutions by kernel.WinogradAct: of the direct paths together, and of
	// each coarse path; nil where they are plain sums.
	winograd       *winograd
	coarseWinograd []*winograd
	rowMultiple    int // rows that are a multiple of a tile, and of factor
}

// octGroupFloats is about how much scratch memory a group of rows takes: a part
// of the second-level cache.
const octGroupFloats = 40 << 10

// planInfer sets how the conv runs in evaluation, by up to outputs outputs at a time.
func (c *OctConv) planInfer(outputs int) {
	e := &c.infer
	e.factor, e.rowMultiple, e.identity = 1, 1, rowStart{off: []int32{0}, w: []float32{1}}
	perRow := 0
	var up []int
	for i := range c.paths {
		p := &c.paths[i]
		p.padded = paddedInput{cin: p.cin, h: p.h, w: p.w, pad: p.k / 2, avg: p.avg, pool: p.pool, strided: p.strided}
		if p.up > 1 {
			e.coarse = append(e.coarse, i)
			e.factor, up = max(e.factor, p.up), append(up, p.up)
			perRow += outputs * c.w / p.up
		} else {
			e.direct = append(e.direct, i)
		}
		perRow += p.padded.floats() / p.up
	}
	c.planWinograd()
	e.groupRows = c.h
	if perRow > 0 {
		e.groupRows = min(max(octGroupFloats/perRow/e.rowMultiple, 1)*e.rowMultiple, c.h)
	}
	for i := range c.paths {
		p := &c.paths[i]
		p.padded.maxRows = e.groupRows
		if p.up > 1 {
			p.padded.maxRows = e.groupRows/p.up + 2
		}
		p.offE = p.padded.taps(p.k, 1)
	}
	e.terms = newInferTerms(up, e.groupRows, c.w)
}

// byWinograd reports whether 3x3 paths run by kernel.WinogradAct: their rows, and
// those of the output that they give, must be whole tiles.
func (c *OctConv) byWinograd(p *path) bool {
	return p.k == 3 && !p.strided && c.cout >= minWinogradOutputs && c.h%(kernel.WinogradRows*p.up) == 0
}

// planWinograd readies what runs the 3x3 paths, and sets the grain of the rows. Tiles
// of a coarse path begin with its second row: a group of rows needs the row below
// it, and has that above it from the group before.
func (c *OctConv) planWinograd() {
	e, channels, all := &c.infer, 0, true
	e.rowMultiple = e.factor
	for _, i := range e.direct {
		channels += c.paths[i].cin
		all = all && c.byWinograd(&c.paths[i])
	}
	if channels > 0 && all {
		e.rowMultiple = max(e.rowMultiple, kernel.WinogradRows)
		e.winograd = newWinograd(channels, c.cout, c.w, 1, 0)
	}
	for _, i := range e.coarse {
		var g *winograd
		if p := &c.paths[i]; c.byWinograd(p) {
			e.rowMultiple = max(e.rowMultiple, kernel.WinogradRows*p.up)
			g = newWinograd(p.cin, c.cout, p.w, 1, 1)
		}
		e.coarseWinograd = append(e.coarseWinograd, g)
	}
}

// termScale is what a row of a path's buffer is of the row it stands for.
func (p *path) termScale() float32 { return 1 / float32(2*p.up) }

func (c *OctConv) packInfer(ws [][]float32, a inferEpilogue) {
	c.infer.epilogue, c.infer.bias = a, nil
	for i := range c.paths {
		c.paths[i].setInfer(ws[i], a)
	}
	at := 0
	for _, i := range c.infer.direct {
		if p := &c.paths[i]; c.infer.winograd != nil {
			c.infer.winograd.pack(at, p.cin, ws[i], a, p.scale)
			at += p.cin
		}
	}
	for k, i := range c.infer.coarse {
		p := &c.paths[i]
		scale(p.fwd, p.termScale())
		if g := c.infer.coarseWinograd[k]; g != nil {
			g.pack(0, p.cin, ws[i], a, p.scale*p.termScale())
		}
	}
	if len(c.infer.coarse) > 0 && a.bias != nil {
		c.infer.bias = slices.Clone(a.bias)
		scale(c.infer.bias, c.paths[c.infer.coarse[0]].termScale())
	}
}

func scale(xs []float32, f float32) {
	for i := range xs {
		xs[i] *= f
	}
}

func (c *OctConv) align() int { return c.infer.rowMultiple }

func (c *OctConv) memory() int { return c.cout * c.infer.terms.stride }

func (c *OctConv) reads(input, from, to int) (lo, hi int) {
	p := &c.paths[input]
	if p.up > 1 {
		from, to = floorDiv(from, p.up)-1, floorDiv(to, p.up)+1
		if g := c.infer.coarseWinograd[slices.Index(c.infer.coarse, input)]; g != nil {
			from, to = g.tileStart(from), g.tileStart(to+kernel.WinogradRows-1)
		}
	}
	return p.padded.reads(from, to)
}

func (c *OctConv) rows(dst []float32, stride int, xs []input, m *rowState, s *scratch, from, to int) {
	e := &c.infer
	used := s.used
	for r := from; r < to; r += e.groupRows {
		end := min(r+e.groupRows, to)
		for k, i := range e.coarse {
			c.prepareCoarse(m, k, xs[i], s, r, end)
			s.used = used
		}
		c.sumRows(dst[(r-from)*c.w:], stride, xs, m, s, r, end)
		s.used = used
		m.started = true
	}
}

// prepareCoarse readies coarse path number k for rows from up to to of the output. The
// group above had the first two of its rows.
func (c *OctConv) prepareCoarse(m *rowState, k int, in input, s *scratch, from, to int) {
	e, p := &c.infer, &c.paths[c.infer.coarse[k]]
	base, n := from/p.up, (to-from)/p.up
	cout := m.hi - m.lo
	lo, hi := max(base-1, 0), min(base+n+1, p.h)
	if m.started {
		lo = base + 1
	}
	if rows := hi - lo; rows > 0 {
		plane := rows * p.w
		t := s.get(1 + cout*plane + kernel.AcrossSlack)
		var bias []float32
		if k == 0 && e.bias != nil {
			bias = e.bias[m.lo:]
		}
		if g := e.coarseWinograd[k]; g != nil {
			above, below := g.reads(lo, hi)
			s.planes = append(s.planes[:0], p.padded.source(in, s, above, below))
			g.rows(t[1:], plane, p.w, s.planes, 0, m.lo, m.hi, lo, hi, kernel.WinogradEnd{Bias: bias}, s)
		} else {
			x, xp := p.padded.planes(in, s, lo, hi)
			kernel.DenseAct(t[1:], plane, p.w, x, xp, p.taps(in, s), p.fwd[m.lo:], c.cout, cout, p.w, rows, &kernel.Act{Bias: bias, Ahead: p.padded.prefetchAhead(in)})
		}
		e.terms.upsample(m.terms, k, t, plane, p.w, lo, hi, cout)
	}
	if base == 0 {
		e.terms.repeatEdge(m.terms, k, 0, -1, cout)
	}
	if base+n == p.h {
		e.terms.repeatEdge(m.terms, k, p.h-1, p.h, cout)
	}
}

// taps returns the offsets of the taps over the planes of in.
func (p *path) taps(in input, s *scratch) []int32 {
	if p.padded.inPlace() {
		return p.padded.over(s.taps(p.cin * p.kk)[:0], p.k, 1, in.hw, p.padded.w)
	}
	return p.offE
}

// sumRows adds all terms of rows from up to to, which go to d.
func (c *OctConv) sumRows(d []float32, stride int, xs []input, m *rowState, s *scratch, from, to int) {
	e, cout := &c.infer, m.hi-m.lo
	if e.winograd != nil {
		c.winogradRows(d, stride, xs, m, s, from, to)
		return
	}
	slope := e.epilogue.from(m.lo).slope
	var a kernel.Act
	c.startTerms(&a, m, from, to, s)
	for k, i := range e.direct {
		p := &c.paths[i]
		x, xp := p.padded.planes(xs[i], s, from, to)
		if a.Ahead = p.padded.prefetchAhead(xs[i]); k == len(e.direct)-1 {
			a.Slope = slope
		}
		kernel.DenseAct(d, stride, c.w, x, xp, p.taps(xs[i], s), p.fwd[m.lo:], c.cout, cout, c.w, to-from, &a)
		a = kernel.Act{Z: d, ZS: stride, ZP: c.w, ZOff: e.identity.off, ZW: e.identity.w}
	}
	if len(e.direct) == 0 {
		a.Slope = slope
		kernel.DenseAct(d, stride, c.w, nil, 0, nil, nil, 0, cout, c.w, to-from, &a)
	}
}

// startTerms sets what the sums of rows from up to to begin with: the bias or rows of
// the coarse paths.
func (c *OctConv) startTerms(a *kernel.Act, m *rowState, from, to int, s *scratch) {
	e := &c.infer
	if len(e.coarse) == 0 {
		a.Bias = e.epilogue.from(m.lo).bias
		return
	}
	e.terms.startFrom(a, m.terms, from, to, s)
}

// winogradRows is sums where all direct paths go by tiles.
func (c *OctConv) winogradRows(d []float32, stride int, xs []input, m *rowState, s *scratch, from, to int) {
	e, g, cout := &c.infer, c.infer.winograd, m.hi-m.lo
	var a kernel.Act
	c.startTerms(&a, m, from, to, s)
	end := kernel.WinogradEnd{Bias: a.Bias, Slope: e.epilogue.from(m.lo).slope}
	if len(e.coarse) > 0 {
		end.SP = c.w
		end.SS = (to - from) * c.w
		end.Start = s.get(cout * end.SS)
		kernel.DenseAct(end.Start, end.SS, c.w, nil, 0, nil, nil, 0, cout, c.w, to-from, &a)
	}
	above, below := g.reads(from, to)
	s.planes = s.planes[:0]
	for _, i := range e.direct {
		s.planes = append(s.planes, c.paths[i].padded.source(xs[i], s, above, below))
	}
	g.rows(d, stride, c.w, s.planes, 0, m.lo, m.hi, from, to, end, s)
}
