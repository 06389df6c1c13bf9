package graph

import (
	"slices"

	"csnet/internal/op"

	G "gorgonia.org/gorgonia"
)

// segments makes the layers of a block run together, in evaluation, where its maps
// are large: the cache does not hold three of their size. Where several threads
// run an image they take the small ones together as well, for a row that another
// core wrote costs more than one made again. Blocks apart: what one of them
// writes lies where it read, in the cache, and windows of two would fill that. But
// those of a stage together where its maps leave the outermost cache: what their
// windows lose in the caches within is less than memory takes.
func (vm *VM) segments(index map[*G.Node]int, o VMOptions, last, readers []int) {
	sg := segmenter{vm, index, o.Keep, o.Threads, o.L2Floats, o.L3Floats, last, readers}
	for a := 0; a < len(vm.steps); {
		b := sg.block(a)
		if b-a > 1 && (o.Threads > 1 || sg.large(a, b)) && !sg.absorb(a, b) {
			b = sg.together(a, b)
		}
		a = max(b, a+1)
	}
}

// together makes a segment of the steps from a up to b, a block, or of those of more
// blocks of its stage, and returns its end.
func (sg segmenter) together(a, b int) int {
	if c := sg.stage(a, b); c > b {
		if g := sg.newSegment(a, c, sg.stageFloats()); g.Whole() && g.Fits(minStageUnits) {
			sg.bind(g, a, c)
			return c
		}
	}
	if g := sg.newSegment(a, b, sg.l2); g.Whole() {
		sg.bind(g, a, b)
	}
	return b
}

// minStageUnits is how many units the bands of a stage have at least: lower ones cost
// more than the maps.
const minStageUnits = 2

// stageFloats is how many floats of maps the windows of a stage take: more than those
// of a block, for they are not meant for the same cache.
func (sg segmenter) stageFloats() int { return 5 * sg.l2 / 2 }

// segmenter finds segments: runs of steps from a up to but not including b.
type segmenter struct {
	vm            *VM
	index         map[*G.Node]int
	keep          []*G.Node
	threads       int
	l2, l3        int
	last, readers []int
}

// fused returns the op of step k, nil if it is of another type.
func (sg segmenter) fused(k int) *op.Fused {
	if k >= len(sg.vm.steps) {
		return nil
	}
	f, _ := sg.vm.steps[k].op.(*op.Fused)
	return f
}

// block returns the end of the block that begins with step a.
func (sg segmenter) block(a int) int {
	b := a
	for f := sg.fused(b); f != nil && (b == a || f.JoinsSegment(sg.fused(b-1))); f = sg.fused(b) {
		b++
	}
	return sg.pooled(a, b)
}

// pooled returns the end of the pools after the steps from a up to b, if they spare
// one of these a map much larger than the cache: nobody but the pools reads it.
// Maps as large as the cache had better be written: their window takes of it too.
func (sg segmenter) pooled(a, b int) int {
	end := b
	for f := sg.fused(end); f != nil && f.IsPool(); f = sg.fused(end) {
		end++
	}
	spared := false
	for k := b; k < end; k++ {
		for _, c := range sg.vm.steps[k].kids {
			j, ok := sg.index[c]
			if !ok || j < a {
				return b
			}
			spared = spared || j < b && sg.readOnlyBefore(j, end) && sg.vm.steps[j].op.OutputSize() > 2*sg.l2
		}
	}
	if !spared {
		return b
	}
	return end
}

// stage returns the end of the blocks that run together with that of the steps from
// a up to b: the next ones of its size, while their maps leave the outermost cache.
// The windows of all threads must not, and many threads would make many rows twice.
func (sg segmenter) stage(a, b int) int {
	if !sg.leaves(a, b) || max(sg.threads, 1)*sg.stageFloats() > sg.l3/2 {
		return b
	}
	for {
		c := sg.block(b)
		if c-b < 2 || sg.rows(b) != sg.rows(a) || !sg.leaves(b, c) {
			return b
		}
		b = c
	}
}

// rows is the height of the map of step k.
func (sg segmenter) rows(k int) int { return sg.vm.steps[k].node.Shape()[2] }

// leaves reports whether of the steps from a up to b one has a map that the
// outermost cache does not hold besides two others of its size: others use it too.
func (sg segmenter) leaves(a, b int) bool {
	for k := a; k < b; k++ {
		if 3*sg.vm.steps[k].op.OutputSize() > sg.l3 {
			return true
		}
	}
	return false
}

func (sg segmenter) large(a, b int) bool {
	for k := a; k < b; k++ {
		if 3*sg.vm.steps[k].op.OutputSize() > sg.l2 {
			return true
		}
	}
	return false
}

// readOnlyBefore reports whether only the steps before b read the output of step k.
func (sg segmenter) readOnlyBefore(k, b int) bool {
	return sg.readers[k] > 0 && sg.last[k] < b && !slices.Contains(sg.keep, sg.vm.steps[k].node)
}

func (sg segmenter) newSegment(a, b, cache int) *op.Segment {
	var ops []*op.Fused
	var from [][]int
	var sinks []bool
	for k := a; k < b; k++ {
		var maker []int
		for _, c := range sg.vm.steps[k].kids {
			if j, ok := sg.index[c]; ok {
				maker = append(maker, max(j-a, -1))
			}
		}
		if len(maker) == 0 {
			maker = []int{-1} // the image
		}
		ops, from, sinks = append(ops, sg.fused(k)), append(from, maker), append(sinks, !sg.readOnlyBefore(k, b))
	}
	return op.NewSegment(ops, from, sinks, cache)
}

// overlay lets the maps that the steps from a up to b make for others lie where
// those lie that only these steps read.
func (sg segmenter) overlay(g *op.Segment, a, b int) {
	taken := map[int]bool{}
	for k := a; k < b; k++ {
		for j := 0; j < a && sg.vm.steps[k].overlaid == 0 && !sg.readOnlyBefore(k, b); j++ {
			if taken[j] || !sg.readOnlyBefore(j, b) {
				continue
			}
			if rs := sg.inputs(j, a, b); len(rs) > 0 && g.Overlay(k-a, rs) {
				sg.vm.steps[k].overlaid, taken[j] = j+1, true
			}
		}
	}
}

// inputs lists the inputs of the steps from a up to b that read step j.
func (sg segmenter) inputs(j, a, b int) []op.Reader {
	var rs []op.Reader
	for k := a; k < b; k++ {
		at := 0
		for _, c := range sg.vm.steps[k].kids {
			if i, ok := sg.index[c]; ok {
				if i == j {
					rs = append(rs, op.Reader{Member: k - a, Input: at})
				}
				at++
			}
		}
	}
	return rs
}

// bind makes the steps run as segment g.
func (sg segmenter) bind(g *op.Segment, a, b int) {
	sg.overlay(g, a, b)
	g.Bind()
	sg.markTogether(a, b)
}

// absorb makes two steps one, if they are a gOctConv and a convolution of one output
// over it, and reports whether they are.
func (sg segmenter) absorb(a, b int) bool {
	if b-a != 2 || !sg.readOnlyBefore(a, b) || !sg.fused(a+1).AbsorbOct(sg.fused(a)) {
		return false
	}
	sg.markTogether(a, b)
	return true
}

// markTogether notes that the steps from a up to b run with the last one: what they
// read must last until then, and nobody needs what others do not read.
func (sg segmenter) markTogether(a, b int) {
	for k := a; k < b; k++ {
		sg.vm.steps[k].idle, sg.vm.steps[k].head = sg.readOnlyBefore(k, b), a
	}
	for k := a; k < b; k++ {
		for _, c := range sg.vm.steps[k].kids {
			if j, ok := sg.index[c]; ok {
				sg.last[j] = max(sg.last[j], b-1)
			}
		}
	}
}
