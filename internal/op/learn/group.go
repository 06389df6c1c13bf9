package learn

import (
	"slices"

	"csnet/internal/op"
	"csnet/internal/op/learn/conv"
)

// group is ops that run together: forward with the Do of the last one, backward with the
// DoDiff that is called last. They are the output octaves of a gOctConv.
type group struct {
	ops   []*Op
	convs []*conv.Oct
	octs  *conv.OctGroup
	calls int
	lead  *Op // whose maps and gradients are at hand

	forwardTask, backwardTask func(thread, i int)
}

// Plan makes steps in a row that read the same maps run together where they can: a decision
// for op.Planned.
func Plan(steps []op.Planned) {
	for k := 1; k < len(steps); k++ {
		if !slices.Equal(steps[k-1].Inputs, steps[k].Inputs) {
			continue
		}
		head, ok := steps[steps[k-1].Head].Op.(*Op)
		next, isOp := steps[k].Op.(*Op)
		if ok && isOp && head.join(next) {
			steps[k].Head = steps[k-1].Head
		}
	}
}

// join makes o, the first of its group, run together with next, which reads the same maps
// and runs right after the last op of the group. It returns false where that cannot be.
func (o *Op) join(next *Op) bool {
	if o.env != next.env || o.batch != next.batch {
		return false
	}
	a, ok := o.conv.(*conv.Oct)
	b, isOct := next.conv.(*conv.Oct)
	if !ok || !isOct || !a.CanJoin(b) {
		return false
	}
	if o.group == nil {
		j := &group{ops: []*Op{o}, convs: []*conv.Oct{a}}
		j.forwardTask, j.backwardTask = o.env.task(j.forwardImage), o.env.task(j.backwardImage)
		o.group = j
	}
	j := o.group
	j.ops, j.convs = append(j.ops, next), append(j.convs, b)
	j.octs = conv.NewOctGroup(slices.Clone(j.convs)...)
	next.group = j
	o.env.needParts(j.ops...)
	return true
}

// allCalled counts calls and reports whether every op has been called.
func (j *group) allCalled() bool {
	j.calls++
	if j.calls < len(j.ops) {
		return false
	}
	j.calls = 0
	return true
}

// forward makes all ops' outputs from the maps of lead.
func (j *group) forward(lead *Op) {
	j.lead = lead
	lead.env.Run(lead.batch, j.forwardTask)
}

func (j *group) forwardImage(s *scratch, i int) {
	s.epilogues = s.epilogues[:0]
	for _, o := range j.ops {
		s.epilogues = append(s.epilogues, o.epilogue(i))
	}
	j.octs.Forward(j.lead.inputs(s, i), s.epilogues, &s.Scratch)
}

// backward gives all ops' gradients, from the maps of lead to their gradients.
func (j *group) backward(lead *Op) {
	j.lead = lead
	lead.env.placeParts(j.ops...)
	lead.env.Run(lead.batch, j.backwardTask)
	for _, o := range j.ops {
		o.reduceWeights()
	}
}

func (j *group) backwardImage(s *scratch, i int) {
	s.parts, s.outGrads = s.parts[:0], s.outGrads[:0]
	for _, o := range j.ops {
		s.parts, s.outGrads = append(s.parts, o.part(i)), append(s.outGrads, o.outGradOf(s, i))
	}
	xs := j.lead.inputs(s, i)
	dxs := j.lead.inGrads(s, xs, i)
	for k := range dxs {
		for _, o := range j.ops {
			dxs[k].Store = dxs[k].Store || o.store[k]
			dxs[k].Last = dxs[k].Last || o.last[k]
		}
	}
	j.octs.Backward(s.parts, dxs, xs, s.outGrads, &s.Scratch)
}
