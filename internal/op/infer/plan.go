package infer

import (
	"cmp"

	"csnet/internal/kernel/processor"
	"csnet/internal/op"
	"csnet/internal/op/infer/conv"
)

// Limits says when ops run together.
type Limits struct {
	Threads  int // that share an image; 0 counts as 1
	L2Floats int // of maps that a segment holds in a core's cache; 0: op.L2Floats
	L3Floats int // of the outermost cache; 0: that of this processor
}

// Plan decides which of the steps run together where that saves memory traffic, and
// notes it in the op.Planned of each.
//
// The layers of a block run together where its maps are large: where the cache does not
// hold three of their size. Where several threads share an image, small blocks do as well,
// because a row that comes from the cache of another core costs more than one made twice.
// Several blocks run apart from each other: what a block writes lies where it read, in the
// cache, and the windows of two blocks would fill that. But blocks of a stage run together
// where its maps leave the outermost cache: what their windows lose in the inner caches is
// less than memory would cost.
func (l Limits) Plan(steps []op.Planned) {
	l.L2Floats, l.L3Floats = cmp.Or(l.L2Floats, op.L2Floats), cmp.Or(l.L3Floats, outermostCache())
	p := planner{steps, l}
	for a := 0; a < len(steps); {
		b := p.block(a)
		if b-a > 1 && (l.Threads > 1 || p.anyMapAbove(a, b, l.L2Floats)) && !p.absorb(a, b) {
			b = p.together(a, b)
		}
		a = max(b, a+1)
	}
}

// outermostCache is the size of this processor's third-level cache in floats.
func outermostCache() int {
	if n := processor.L3Bytes(); n > 0 {
		return n / 4
	}
	return op.L3Floats
}

// planner finds segments: steps from a up to but not including b.
type planner struct {
	steps []op.Planned
	Limits
}

// op returns the op of step k, nil if it is of another kind or there is no such step.
func (p planner) op(k int) *Op {
	if k >= len(p.steps) {
		return nil
	}
	o, _ := p.steps[k].Op.(*Op)
	return o
}

// together makes a segment of the steps [a, b), a block, or of those of more blocks of
// its stage, and returns its end.
func (p planner) together(a, b int) int {
	if c := p.stage(a, b); c > b {
		if g := p.segment(a, c, p.stageFloats()); g.Whole() && g.Fits(op.MinStageBands) {
			p.bind(g, a, c)
			return c
		}
	}
	if g := p.segment(a, b, p.L2Floats); g.Whole() {
		p.bind(g, a, b)
	}
	return b
}

// stageFloats is how many floats of maps the windows of a stage may take: more than those
// of a block, because they are not meant for the same cache.
func (p planner) stageFloats() int { return int(op.StageShare * float64(p.L2Floats)) }

// block returns the end of the block that begins with step a.
func (p planner) block(a int) int {
	b := a
	for o := p.op(b); o != nil && (b == a || o.follows(p.op(b-1))); o = p.op(b) {
		b++
	}
	return p.withPools(a, b)
}

// follows reports whether the op belongs to the block of the op before it: the layers of
// a block do, and dense convolutions that follow each other or the pools that they read.
func (o *Op) follows(before *Op) bool {
	switch o.conv.(type) {
	case *conv.Depthwise:
		return true
	case *conv.Oct:
		_, ok := before.conv.(*conv.Oct)
		return ok || before.pools()
	case *conv.Pool:
		return before.pools()
	}
	return false
}

// pools reports whether the op is a pool.
func (o *Op) pools() bool {
	_, ok := o.conv.(*conv.Pool)
	return ok
}

// withPools extends the block [a, b) over the pools that follow it, where that saves
// writing a map of more than twice the size of the cache which nobody else reads. For
// smaller maps it does not pay: their window would use the same cache. It returns the end.
func (p planner) withPools(a, b int) int {
	end := b
	for o := p.op(end); o != nil && o.pools(); o = p.op(end) {
		end++
	}
	saves := false
	for k := b; k < end; k++ {
		for _, j := range p.steps[k].Inputs {
			if j < a {
				return b
			}
			saves = saves || j < b && p.readOnlyBefore(j, end) && p.size(j) > op.PooledMapShare*p.L2Floats
		}
	}
	if !saves {
		return b
	}
	return end
}

// stage returns the end of the blocks that run together with the block [a, b): the next
// ones with maps of its size, as long as their maps leave the outermost cache. The windows
// of all threads must fit half of it. So there are none for many threads, which would also
// make many rows twice.
func (p planner) stage(a, b int) int {
	if !p.anyMapAbove(a, b, p.L3Floats) || max(p.Threads, 1)*p.stageFloats() > p.L3Floats/2 {
		return b
	}
	for {
		c := p.block(b)
		if c-b < 2 || p.rows(b) != p.rows(a) || !p.anyMapAbove(b, c, p.L3Floats) {
			return b
		}
		b = c
	}
}

// rows is the height of the map of step k.
func (p planner) rows(k int) int { return p.op(k).Out[2] }

// size is the size of the map of step k in floats.
func (p planner) size(k int) int { return p.steps[k].Op.OutputSize() }

// anyMapAbove reports whether the steps [a, b) have a map that a cache of so many floats
// does not hold besides two others of its size.
func (p planner) anyMapAbove(a, b, floats int) bool {
	for k := a; k < b; k++ {
		if op.MapsInCache*p.size(k) > floats {
			return true
		}
	}
	return false
}

// readOnlyBefore reports whether only steps before b read the output of step k.
func (p planner) readOnlyBefore(k, b int) bool {
	s := &p.steps[k]
	return s.Readers > 0 && s.Last < b && !s.Kept
}

// segment returns the steps [a, b) as a segment.
func (p planner) segment(a, b, floats int) *Segment {
	var ops []*Op
	var from [][]int
	var sinks []bool
	for k := a; k < b; k++ {
		var makers []int
		for _, j := range p.steps[k].Inputs {
			makers = append(makers, max(j-a, -1))
		}
		ops, from, sinks = append(ops, p.op(k)), append(from, makers), append(sinks, !p.readOnlyBefore(k, b))
	}
	return NewSegment(ops, from, sinks, floats)
}

// bind makes the steps [a, b) run as segment g.
func (p planner) bind(g *Segment, a, b int) {
	p.overlay(g, a, b)
	g.Bind()
	p.markTogether(a, b)
}

// overlay lets the maps that the steps [a, b) make for others lie where those maps lie
// that only these steps read.
func (p planner) overlay(g *Segment, a, b int) {
	taken := map[int]bool{}
	for k := a; k < b; k++ {
		for j := 0; j < a && p.steps[k].Overlay == 0 && !p.readOnlyBefore(k, b); j++ {
			if taken[j] || !p.readOnlyBefore(j, b) {
				continue
			}
			if rs := p.readersOf(j, a, b); len(rs) > 0 && g.Overlay(k-a, rs) {
				p.steps[k].Overlay, taken[j] = j+1, true
			}
		}
	}
}

// readersOf lists the inputs of the steps [a, b) that read step j.
func (p planner) readersOf(j, a, b int) []Reader {
	var rs []Reader
	for k := a; k < b; k++ {
		for at, i := range p.steps[k].Inputs {
			if i == j {
				rs = append(rs, Reader{Member: k - a, Input: at})
			}
		}
	}
	return rs
}

// absorb makes two steps one where they are a gOctConv and a 1x1 convolution of one
// output over it, and reports whether they are.
func (p planner) absorb(a, b int) bool {
	if b-a != 2 || !p.readOnlyBefore(a, b) || !p.op(a+1).absorb(p.op(a)) {
		return false
	}
	p.markTogether(a, b)
	return true
}

// markTogether notes that the steps [a, b) run together when the last of them does: what
// they read must last until then, and what nobody else reads needs no memory.
func (p planner) markTogether(a, b int) {
	for k := a; k < b; k++ {
		p.steps[k].Idle, p.steps[k].Head = p.readOnlyBefore(k, b), a
	}
	for k := a; k < b; k++ {
		for _, j := range p.steps[k].Inputs {
			if j >= 0 {
				p.steps[j].Last = max(p.steps[j].Last, b-1)
			}
		}
	}
}
