package op

import (
	"slices"

	"csnet/internal/kernel"
)

// octEval is how an OctConv runs in evaluation: a group of rows at a time,
// coarse terms first. These are convolved and brought up by rises, whose rows stay
// in the cache. The first path's rows have the bias in.
type octEval struct {
	act    act
	bias   []float32 // divided as well
	factor int       // the largest up factor: groups are multiples of it
	group  int       // rows at a time
	direct []int     // paths that are not upsampled
	coarse []int     // paths that are
	rises  rises     // of these
	self   phase     // dst as a term

	// 3x3 convolutions by kernel.WinogradAct: of the direct paths together, and of
	// each coarse path; nil where they are plain sums.
	tiles  *winograd
	lifted []*winograd
	grain  int // rows that are a multiple of a tile, and of factor
}

// groupFloats is about how much scratch memory a group of rows takes: a part
// of the second-level cache.
const groupFloats = 40 << 10

// plan sets how the conv runs in evaluation, by up to outputs outputs at a time.
func (c *OctConv) plan(outputs int) {
	e := &c.eval
	e.factor, e.grain, e.self = 1, 1, phase{off: []int32{0}, w: []float32{1}}
	perRow := 0
	var up []int
	for i := range c.paths {
		p := &c.paths[i]
		p.feed = feed{cin: p.cin, h: p.h, w: p.w, pad: p.k / 2, avg: p.avg, down: p.down, strided: p.strided}
		if p.up > 1 {
			e.coarse = append(e.coarse, i)
			e.factor, up = max(e.factor, p.up), append(up, p.up)
			perRow += outputs * c.w / p.up
		} else {
			e.direct = append(e.direct, i)
		}
		perRow += p.feed.floats() / p.up
	}
	c.planTiles()
	e.group = c.h
	if perRow > 0 {
		e.group = min(max(groupFloats/perRow/e.grain, 1)*e.grain, c.h)
	}
	for i := range c.paths {
		p := &c.paths[i]
		p.feed.most = e.group
		if p.up > 1 {
			p.feed.most = e.group/p.up + 2
		}
		p.offE = p.feed.taps(p.k, 1)
	}
	e.rises = newRises(up, e.group, c.w)
}

// tiled reports whether 3x3 paths run by kernel.WinogradAct: their rows, and
// those of the output that they give, must be whole tiles.
func (c *OctConv) tiled(p *path) bool {
	return p.k == 3 && !p.strided && c.cout >= leastWinograd && c.h%(kernel.WinogradRows*p.up) == 0
}

// planTiles readies what runs the 3x3 paths, and sets the grain of the rows. Tiles
// of a coarse path begin with its second row: a group of rows needs the row below
// it, and has that above it from the group before.
func (c *OctConv) planTiles() {
	e, channels, all := &c.eval, 0, true
	e.grain = e.factor
	for _, i := range e.direct {
		channels += c.paths[i].cin
		all = all && c.tiled(&c.paths[i])
	}
	if channels > 0 && all {
		e.grain = max(e.grain, kernel.WinogradRows)
		e.tiles = newWinograd(channels, c.cout, c.w, 1, 0)
	}
	for _, i := range e.coarse {
		var g *winograd
		if p := &c.paths[i]; c.tiled(p) {
			e.grain = max(e.grain, kernel.WinogradRows*p.up)
			g = newWinograd(p.cin, c.cout, p.w, 1, 1)
		}
		e.lifted = append(e.lifted, g)
	}
}

// share is what a row of a path's buffer is of the row it stands for.
func (p *path) share() float32 { return 1 / float32(2*p.up) }

func (c *OctConv) fold(ws [][]float32, a act) {
	c.eval.act, c.eval.bias = a, nil
	for i := range c.paths {
		c.paths[i].fold(ws[i], a)
	}
	at := 0
	for _, i := range c.eval.direct {
		if p := &c.paths[i]; c.eval.tiles != nil {
			c.eval.tiles.fold(at, p.cin, ws[i], a, p.scale)
			at += p.cin
		}
	}
	for k, i := range c.eval.coarse {
		p := &c.paths[i]
		scale(p.fwd, p.share())
		if g := c.eval.lifted[k]; g != nil {
			g.fold(0, p.cin, ws[i], a, p.scale*p.share())
		}
	}
	if len(c.eval.coarse) > 0 && a.bias != nil {
		c.eval.bias = slices.Clone(a.bias)
		scale(c.eval.bias, c.paths[c.eval.coarse[0]].share())
	}
}

func scale(xs []float32, f float32) {
	for i := range xs {
		xs[i] *= f
	}
}

func (c *OctConv) align() int { return c.eval.grain }

func (c *OctConv) memory() int { return c.cout * c.eval.rises.stride }

func (c *OctConv) reads(input, from, to int) (lo, hi int) {
	p := &c.paths[input]
	if p.up > 1 {
		from, to = down(from, p.up)-1, down(to, p.up)+1
		if g := c.eval.lifted[slices.Index(c.eval.coarse, input)]; g != nil {
			from, to = g.begin(from), g.begin(to+kernel.WinogradRows-1)
		}
	}
	return p.feed.reads(from, to)
}

func (c *OctConv) rows(dst []float32, stride int, xs []input, m *memo, s *scratch, from, to int) {
	e := &c.eval
	used := s.used
	for r := from; r < to; r += e.group {
		end := min(r+e.group, to)
		for k, i := range e.coarse {
			c.lift(m, k, xs[i], s, r, end)
			s.used = used
		}
		c.sums(dst[(r-from)*c.w:], stride, xs, m, s, r, end)
		s.used = used
		m.begun = true
	}
}

// lift readies coarse path number k for rows from up to to of the output. The
// group above had the first two of its rows.
func (c *OctConv) lift(m *memo, k int, in input, s *scratch, from, to int) {
	e, p := &c.eval, &c.paths[c.eval.coarse[k]]
	base, n := from/p.up, (to-from)/p.up
	cout := m.hi - m.lo
	lo, hi := max(base-1, 0), min(base+n+1, p.h)
	if m.begun {
		lo = base + 1
	}
	if rows := hi - lo; rows > 0 {
		plane := rows * p.w
		t := s.get(1 + cout*plane + kernel.AcrossSlack)
		var bias []float32
		if k == 0 && e.bias != nil {
			bias = e.bias[m.lo:]
		}
		if g := e.lifted[k]; g != nil {
			above, below := g.reads(lo, hi)
			s.planes = append(s.planes[:0], p.feed.source(in, s, above, below))
			g.rows(t[1:], plane, p.w, s.planes, 0, m.lo, m.hi, lo, hi, kernel.WinogradEnd{Bias: bias}, s)
		} else {
			x, xp := p.feed.planes(in, s, lo, hi)
			kernel.DenseAct(t[1:], plane, p.w, x, xp, p.taps(in, s), p.fwd[m.lo:], c.cout, cout, p.w, rows, &kernel.Act{Bias: bias, Ahead: p.feed.ahead(in)})
		}
		e.rises.put(m.z, k, t, plane, p.w, lo, hi, cout)
	}
	if base == 0 {
		e.rises.repeat(m.z, k, 0, -1, cout)
	}
	if base+n == p.h {
		e.rises.repeat(m.z, k, p.h-1, p.h, cout)
	}
}

// taps returns the offsets of the taps over the planes of in.
func (p *path) taps(in input, s *scratch) []int32 {
	if p.feed.inPlace() {
		return p.feed.over(s.taps(p.cin * p.kk)[:0], p.k, 1, in.hw, p.feed.w)
	}
	return p.offE
}

// sums adds all terms of rows from up to to, which go to d.
func (c *OctConv) sums(d []float32, stride int, xs []input, m *memo, s *scratch, from, to int) {
	e, cout := &c.eval, m.hi-m.lo
	if e.tiles != nil {
		c.tileSums(d, stride, xs, m, s, from, to)
		return
	}
	slope := e.act.from(m.lo).slope
	var a kernel.Act
	c.start(&a, m, from, to, s)
	for k, i := range e.direct {
		p := &c.paths[i]
		x, xp := p.feed.planes(xs[i], s, from, to)
		if a.Ahead = p.feed.ahead(xs[i]); k == len(e.direct)-1 {
			a.Slope = slope
		}
		kernel.DenseAct(d, stride, c.w, x, xp, p.taps(xs[i], s), p.fwd[m.lo:], c.cout, cout, c.w, to-from, &a)
		a = kernel.Act{Z: d, ZS: stride, ZP: c.w, ZOff: e.self.off, ZW: e.self.w}
	}
	if len(e.direct) == 0 {
		a.Slope = slope
		kernel.DenseAct(d, stride, c.w, nil, 0, nil, nil, 0, cout, c.w, to-from, &a)
	}
}

// start sets what the sums of rows from up to to begin with: the bias or rows of
// the coarse paths.
func (c *OctConv) start(a *kernel.Act, m *memo, from, to int, s *scratch) {
	e := &c.eval
	if len(e.coarse) == 0 {
		a.Bias = e.act.from(m.lo).bias
		return
	}
	e.rises.start(a, m.z, from, to, s)
}

// tileSums is sums where all direct paths go by tiles.
func (c *OctConv) tileSums(d []float32, stride int, xs []input, m *memo, s *scratch, from, to int) {
	e, g, cout := &c.eval, c.eval.tiles, m.hi-m.lo
	var a kernel.Act
	c.start(&a, m, from, to, s)
	end := kernel.WinogradEnd{Bias: a.Bias, Slope: e.act.from(m.lo).slope}
	if len(e.coarse) > 0 {
		end.SP = c.w
		end.SS = (to - from) * c.w
		end.Start = s.get(cout * end.SS)
		kernel.DenseAct(end.Start, end.SS, c.w, nil, 0, nil, nil, 0, cout, c.w, to-from, &a)
	}
	above, below := g.reads(from, to)
	s.planes = s.planes[:0]
	for _, i := range e.direct {
		s.planes = append(s.planes, c.paths[i].feed.source(xs[i], s, above, below))
	}
	g.rows(d, stride, c.w, s.planes, 0, m.lo, m.hi, from, to, end, s)
}
