package op

import G "gorgonia.org/gorgonia"

// fusedGroup is several ops that read the same maps and run together, in training:
// forward with the last one's Do, backward with the last DoDiff.
type fusedGroup struct {
	ops    []*Fused
	train  *octTrain
	calls  int
	caller *Fused // whose maps and gradients are at hand
	image  perImage
}

// Maps is how many of the op's first inputs are maps.
func (f *Fused) Maps() int { return f.nx }

// JoinNext makes f run together with next, which reads the same maps and is run
// right after it. It reports whether that can be.
func (f *Fused) JoinNext(next G.Op) bool {
	g, ok := next.(*Fused)
	if !ok || !f.train || !g.train || f.env != g.env || f.b != g.b {
		return false
	}
	a, ok := f.training.(*OctConv)
	b, fine := g.training.(*OctConv)
	if !ok || !fine || a.train == nil || b.train == nil || a.train.avg != b.train.avg || a.pointwise() != b.pointwise() {
		return false
	}
	if f.group == nil {
		j := &fusedGroup{ops: []*Fused{f}, train: a.train}
		j.image.forward, j.image.backward = j.imageForward, j.imageBackward
		f.group = j
	}
	j := f.group
	j.ops = append(j.ops, g)
	j.train = newOctTrain(append(j.train.convs[:len(j.train.convs):len(j.train.convs)], b)...)
	g.group = j
	return true
}

// allCalled counts calls and reports whether every op has been called.
func (j *fusedGroup) allCalled() bool {
	j.calls++
	if j.calls < len(j.ops) {
		return false
	}
	j.calls = 0
	return true
}

// forward makes all ops' values, called from op f with its maps.
func (j *fusedGroup) forward(f *Fused) {
	j.caller = f
	f.env.run(f.b, j.image.forward)
}

func (j *fusedGroup) imageForward(s *scratch, i int) {
	es := s.es[:0]
	for _, op := range j.ops {
		es = append(es, op.epilogue(i))
	}
	s.es = es
	j.train.forward(j.caller.inputs(s, i), es, s)
}

// backward gives all ops' gradients, called from op f with its maps and their
// gradients.
func (j *fusedGroup) backward(f *Fused) {
	j.caller = f
	f.env.run(f.b, j.image.backward)
	for _, op := range j.ops {
		op.training.reduce(op.dws, op.partGrads, f.b)
	}
}

func (j *fusedGroup) imageBackward(s *scratch, i int) {
	parts, dzs := s.parts[:0], s.dzs[:0]
	for _, op := range j.ops {
		parts, dzs = append(parts, op.weightGrads(i)), append(dzs, op.outGrad(i))
	}
	s.parts, s.dzs = parts, dzs
	xs := j.caller.inputs(s, i)
	dxs := j.caller.gradients(s, xs, i)
	for k := range dxs {
		for _, op := range j.ops {
			dxs[k].store = dxs[k].store || op.store[k]
			dxs[k].last = dxs[k].last || op.last[k]
		}
	}
	j.train.backward(parts, dxs, xs, dzs, s)
}
