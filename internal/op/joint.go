package op

import G "gorgonia.org/gorgonia"

// joint is several ops that read the same maps and run together, in training:
// forward with the last one's Do, backward with the last DoDiff.
type joint struct {
	ops   []*Fused
	mix   *mixer
	calls int
	lead  *Fused // whose maps and gradients are at hand
	each  each
}

// Maps is how many of the op's first inputs are maps.
func (f *Fused) Maps() int { return f.nx }

// Join makes f run together with next, which reads the same maps and is run
// right after it. It reports whether that can be.
func (f *Fused) Join(next G.Op) bool {
	g, ok := next.(*Fused)
	if !ok || !f.train || !g.train || f.env != g.env || f.b != g.b {
		return false
	}
	a, ok := f.lin.(*OctConv)
	b, fine := g.lin.(*OctConv)
	if !ok || !fine || a.mix == nil || b.mix == nil || a.mix.avg != b.mix.avg || a.pointwise() != b.pointwise() {
		return false
	}
	if f.joint == nil {
		j := &joint{ops: []*Fused{f}, mix: a.mix}
		j.each.forward, j.each.backward = j.imageForward, j.imageBackward
		f.joint = j
	}
	j := f.joint
	j.ops = append(j.ops, g)
	j.mix = newMixer(append(j.mix.convs[:len(j.mix.convs):len(j.mix.convs)], b)...)
	g.joint = j
	return true
}

// complete counts calls and reports whether every op has been called.
func (j *joint) complete() bool {
	j.calls++
	if j.calls < len(j.ops) {
		return false
	}
	j.calls = 0
	return true
}

// forward makes all ops' values, called from op f with its maps.
func (j *joint) forward(f *Fused) {
	j.lead = f
	f.env.run(f.b, j.each.forward)
}

func (j *joint) imageForward(s *scratch, i int) {
	es := s.es[:0]
	for _, op := range j.ops {
		es = append(es, op.epilogue(i))
	}
	s.es = es
	j.mix.forward(j.lead.inputs(s, i), es, s)
}

// backward gives all ops' gradients, called from op f with its maps and their
// gradients.
func (j *joint) backward(f *Fused) {
	j.lead = f
	f.env.run(f.b, j.each.backward)
	for _, op := range j.ops {
		op.lin.reduce(op.dws, op.parts, f.b)
	}
}

func (j *joint) imageBackward(s *scratch, i int) {
	parts, dzs := s.parts[:0], s.dzs[:0]
	for _, op := range j.ops {
		parts, dzs = append(parts, op.part(i)), append(dzs, op.outGrad(i))
	}
	s.parts, s.dzs = parts, dzs
	xs := j.lead.inputs(s, i)
	dxs := j.lead.gradients(s, xs, i)
	for k := range dxs {
		for _, op := range j.ops {
			dxs[k].store = dxs[k].store || op.store[k]
			dxs[k].last = dxs[k].last || op.last[k]
		}
	}
	j.mix.backward(parts, dxs, xs, dzs, s)
}
