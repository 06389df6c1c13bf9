package prune

import (
	"cmp"
	"slices"
)

// channel is one prunable channel.
type channel struct {
	group, index int
	score        float64
	share        float64 // of its group up to and including it, orders equal scores
}

// ordered returns all channels in the order in which they go: by score, then
// by position within the group relative to its size, then by group.
func ordered(scores [][]float64) []channel {
	var all []channel
	for g, s := range scores {
		for i, v := range s {
			all = append(all, channel{group: g, index: i, score: v, share: float64(i+1) / float64(len(s))})
		}
	}
	slices.SortFunc(all, func(a, b channel) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.share, b.share), cmp.Compare(a.group, b.group), cmp.Compare(a.index, b.index))
	})
	return all
}

// floor is a set of groups that together keep at least min channels.
type floor struct {
	groups []int
	min    int
}

// walk removes channels one after another and never leaves a net that cannot
// run. An octave may become absent (it stays declared, so that no layer's
// number of octaves changes), with these limits:
//
//   - every ILBlock, csf.fuse, the MSBlocks together and csf.out keep at least
//     minChannels over their octaves, or all they have if that is less;
//   - so do the octaves that the head reads, taken together, and the one octave
//     that an extractor's last conv reads;
//   - an octave of csf.fuse keeps one channel as long as its MSBlock has any,
//     and goes whole with the last of them, since nothing reads it then.
//
// As every gOctConv joins all its input octaves to all its outputs, each layer
// that is left then has an input and a reader. What may go only shrinks as the
// walk goes on, so one pass finds all, and a second walk over its result with
// the same scores finds nothing more.
type walk struct {
	left    []int    // channels by group
	gone    [][]bool // by group and index
	removed int
	floors  []floor
	msOf    map[int]int  // group of csf.fuse -> its MSBlock's
	fuseOf  map[int]int  // and back
	keep    map[int]bool // groups of which nothing goes
}

func newWalk(n *net, minChannels int) *walk {
	w := &walk{left: n.counts(), msOf: map[int]int{}, fuseOf: map[int]int{}}
	for _, c := range w.left {
		w.gone = append(w.gone, make([]bool, c))
	}
	sets := append(slices.Clone(n.blocks), n.taps)
	if n.out != free {
		sets = append(sets, n.fuse, n.ms, []int{n.out})
	}
	for _, s := range sets {
		w.floors = append(w.floors, floor{s, min(minChannels, w.sum(s))})
	}
	for k := range n.fuse {
		w.msOf[n.fuse[k]], w.fuseOf[n.ms[k]] = n.ms[k], n.fuse[k]
	}
	return w
}

func (w *walk) sum(groups []int) int {
	s := 0
	for _, g := range groups {
		s += w.left[g]
	}
	return s
}

// run removes the channels of order that may go, up to limit in all, and
// returns them step by step: one channel, or the last of an MSBlock with all
// that is left of its csf.fuse octave.
func (w *walk) run(order []channel, limit int) [][]channel {
	var steps [][]channel
	for _, c := range order {
		if w.gone[c.group][c.index] {
			continue
		}
		step := w.step(c)
		if w.removed+len(step) > limit || !w.mayGo(step) {
			continue
		}
		for _, s := range step {
			w.gone[s.group][s.index] = true
			w.left[s.group]--
		}
		w.removed += len(step)
		steps = append(steps, step)
	}
	return steps
}

// step returns c and the channels that go with it.
func (w *walk) step(c channel) []channel {
	step := []channel{c}
	fuse, isMS := w.fuseOf[c.group]
	if !isMS || w.left[c.group] > 1 {
		return step
	}
	for i, gone := range w.gone[fuse] {
		if !gone {
			step = append(step, channel{group: fuse, index: i})
		}
	}
	return step
}

// mayGo reports whether the net can run without the channels of step.
func (w *walk) mayGo(step []channel) bool {
	less := map[int]int{}
	for _, c := range step {
		less[c.group]++
	}
	for _, f := range w.floors {
		n, touched := w.sum(f.groups), false
		for _, g := range f.groups {
			n -= less[g]
			touched = touched || less[g] > 0
		}
		if touched && n < f.min {
			return false
		}
	}
	for g, n := range less {
		if w.keep[g] {
			return false
		}
		if ms, ok := w.msOf[g]; ok && w.left[g] == n && w.left[ms] > less[ms] {
			return false
		}
	}
	return true
}
