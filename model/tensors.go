package model

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// TensorSpec names one tensor of a net and says how it starts.
type TensorSpec struct {
	Path string
	Part Part
	Slot
	Shape []int // convs (out, in, k, k); depthwise (c, 1, 3, 3); vectors (c); balance (octaves, all outputs)
	FanIn int   // of the stacked convolution, for the initial bound
	// Deviation, where it is above 0, is that of the normal distribution that initial
	// values come from, instead of FanIn's uniform one.
	Deviation float64
	// Frozen says that the tensor belongs to a backbone's norm, whose gamma and beta
	// training may leave as they are (train.norm).
	Frozen bool
	Layer  int // index into Layers
}

// Tensors lists the tensors of the net in forward order, absent octaves and
// branches left out; names.go says how they are named.
func (s Spec) Tensors() []TensorSpec {
	layers := s.Layers()
	ts := make([]TensorSpec, 0, 16*len(layers))
	for li, l := range layers {
		for _, t := range l.tensors() {
			t.Layer = li
			if t.Role == Weight && s.Kind == KindCSF {
				t.Deviation = l.deviation()
			}
			ts = append(ts, t)
		}
	}
	return ts
}

// tensors lists the tensors of one layer.
func (l Layer) tensors() []TensorSpec {
	ts := make([]TensorSpec, 0, 16)
	add := func(s Slot, fan int, shape ...int) {
		ts = append(ts, TensorSpec{Path: l.TensorPath(s), Part: l.Part, Slot: s, Shape: shape, FanIn: fan})
	}
	norm := func(octave, c int) {
		if c == 0 {
			return
		}
		for _, r := range l.normRoles() {
			add(Slot{Role: r, Octave: octave}, 0, c)
			ts[len(ts)-1].Frozen = l.Norm == FrozenNorm
		}
	}
	k := l.Kernel
	in := 0
	for _, c := range l.In {
		in += c
	}
	switch l.Op {
	case OpConv:
		add(Slot{Role: Weight}, in, 1, in, 1, 1)
		add(Slot{Role: Bias}, in, 1)
	case OpDepthwise:
		for o, c := range l.Out {
			if c > 0 {
				add(Slot{Role: Weight, Octave: o}, 9, c, 1, 3, 3)
				norm(o, c)
			}
		}
	case OpMSBlock:
		for d, c := range l.Branches {
			if c > 0 {
				add(Slot{Role: Weight, Octave: l.Octave, Branch: d}, in*9, c, in, 3, 3)
			}
		}
		norm(l.Octave, l.Out[0])
	case OpConvNorm:
		add(Slot{Role: Weight}, in*k*k, l.Out[0], in, k, k)
		norm(0, l.Out[0])
	case OpOctConv:
		if l.Balanced {
			add(Slot{Role: Balance}, 0, len(l.Out), sum(l.Out))
		}
		for j, cj := range l.Out {
			for i, ci := range l.In {
				if ci > 0 && cj > 0 {
					add(Slot{Role: Weight, Octave: j, In: i}, in*k*k, cj, ci, k, k)
				}
			}
			norm(j, cj)
		}
	}
	return ts
}

// normRoles lists the tensors of the layer's norm and activation.
func (l Layer) normRoles() []Role {
	switch l.Norm {
	case GroupNorm:
		return []Role{Gamma, Beta, Slope}
	case FrozenNorm:
		return []Role{Gamma, Beta, Mean, Var}
	}
	return []Role{Gamma, Beta, Mean, Var, Slope}
}

// deviation is that of a CSF net's initial weights: 0.01 in the head's convolutions but
// its gOctConvs (0: uniform), sqrt(2/fan out) in the backbone (He et al., 2015).
func (l Layer) deviation() float64 {
	switch l.Op {
	case OpConvNorm:
		return math.Sqrt(2 / float64(l.Out[0]*l.Kernel*l.Kernel))
	case OpOctConv:
		return 0
	}
	return 0.01
}

func sum(cs []int) int {
	n := 0
	for _, c := range cs {
		n += c
	}
	return n
}

// NewParams returns the tensors of the spec with their initial values: weights
// and the last bias uniform in +-1/sqrt(fan in), or normal (each tensor from a
// stream of its own, set by seed and path), gamma, var and balance 1, slope 0.25,
// the rest 0.
func (s Spec) NewParams(seed uint64) (*Params, error) {
	var ts []*Tensor
	for _, t := range s.Tensors() {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		data := make([]float32, n)
		switch t.Role {
		case Weight, Bias:
			h := fnv.New64a()
			h.Write([]byte(t.Path))
			rng := rand.New(rand.NewPCG(seed, h.Sum64()))
			bound := 1 / math.Sqrt(float64(t.FanIn))
			for i := range data {
				if t.Deviation > 0 {
					data[i] = float32(rng.NormFloat64() * t.Deviation)
					continue
				}
				data[i] = float32((2*rng.Float64() - 1) * bound)
			}
		case Gamma, Var, Balance:
			fill(data, 1)
		case Slope:
			fill(data, 0.25)
		}
		ts = append(ts, &Tensor{Path: t.Path, Role: t.Role, Shape: t.Shape, Data: data})
	}
	return NewParams(ts)
}

func fill(d []float32, v float32) {
	for i := range d {
		d[i] = v
	}
}

// CheckParams reports the first tensor that is missing from p, of another
// shape, or not named by the spec.
func (s Spec) CheckParams(p *Params) error {
	tensors := s.Tensors()
	want := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		want[t.Path] = true
		got := p.Get(t.Path)
		if got == nil {
			return fmt.Errorf("model: tensor %s %v is missing", t.Path, t.Shape)
		}
		if !slices.Equal(got.Shape, t.Shape) {
			return fmt.Errorf("model: tensor %s has shape %v, the net needs %v", t.Path, got.Shape, t.Shape)
		}
	}
	for _, t := range p.All() {
		if !want[t.Path] {
			return fmt.Errorf("model: tensor %s is not part of the net", t.Path)
		}
	}
	return nil
}
