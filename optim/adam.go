package optim

import (
	"fmt"
	"math"

	"csnet/internal/kernel/pointwise"
	"csnet/internal/pages"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Param says how one parameter is to be decayed.
type Param struct {
	Path string
	L2   bool // takes the coupled L2 of the config
	// Dynamic is set for a gamma under DWD (or its plain L2 or L1 stand-in).
	Dynamic *Dynamic
}

// Adam is Adam (Kingma and Ba, 2015) with coupled L2 as in torch.optim.Adam
// and dynamic weight decay (see DWD): the gradient of a gamma under DWD gains
// lambda * Factor * GAP_c * gamma_c before Adam normalises it. It implements gorgonia.Solver; the
// parameters come in the same order at every step. Results below the smallest
// normal float32 are flushed to 0.
//
// The learning rate is LR and the factor of the dynamic decay Lambda, both set
// before each Step.
type Adam struct {
	LR     float64
	Lambda float64
	conf   Config
	dwd    DWD
	params []Param
	step   int
	m, v   [][]float32
	pages  pages.Pool
}

// NewAdam returns the optimizer of params.
func NewAdam(conf Config, dwd DWD, params []Param) *Adam {
	return &Adam{LR: conf.LR, Lambda: dwd.Lambda, conf: conf, dwd: dwd, params: params, m: make([][]float32, len(params)), v: make([][]float32, len(params))}
}

// Step updates the parameters by their gradients and zeroes these. model holds
// the parameters NewAdam was told of, in its order.
func (a *Adam) Step(model []G.ValueGrad) error {
	if len(model) != len(a.params) {
		return fmt.Errorf("optim: %d parameters to step, must be the %d the optimizer was made for", len(model), len(a.params))
	}
	if err := a.clip(model); err != nil {
		return err
	}
	a.step++
	a.dwd.Lambda = a.Lambda
	t := float64(a.step)
	b1, b2 := a.conf.Betas[0], a.conf.Betas[1]
	s := pointwise.AdamStep{Rate: a.LR / (1 - math.Pow(b1, t)), Beta1: b1, Beta2: b2, Root2: math.Sqrt(1 - math.Pow(b2, t)), Eps: a.conf.Eps}
	for i, vg := range model {
		w, g, err := floats(vg)
		if err != nil {
			return fmt.Errorf("optim: %s: %w", a.params[i].Path, err)
		}
		if a.m[i] == nil {
			a.m[i], a.v[i] = a.pages.Floats(len(w)), a.pages.Floats(len(w))
		}
		if len(a.m[i]) != len(w) {
			return fmt.Errorf("optim: %s: the saved state has %d moments, the parameter %d values", a.params[i].Path, len(a.m[i]), len(w))
		}
		s.L2 = 0
		if a.params[i].L2 {
			s.L2 = a.conf.L2
		}
		if d := a.params[i].Dynamic; d != nil {
			for c := range w {
				g[c] += float32(a.dwd.term(d, c, w[c]))
			}
		}
		pointwise.Adam(w, g, a.m[i], a.v[i], s)
		clear(g)
	}
	return nil
}

// clip scales the gradients down to a norm of conf.Clip where theirs is larger.
func (a *Adam) clip(model []G.ValueGrad) error {
	if a.conf.Clip == 0 {
		return nil
	}
	sum := 0.0
	for i, vg := range model {
		_, g, err := floats(vg)
		if err != nil {
			return fmt.Errorf("optim: %s: %w", a.params[i].Path, err)
		}
		for _, v := range g {
			sum += float64(v) * float64(v)
		}
	}
	norm := math.Sqrt(sum)
	if norm <= a.conf.Clip {
		return nil
	}
	scale := float32(a.conf.Clip / norm)
	for _, vg := range model {
		_, g, err := floats(vg)
		if err != nil {
			return err
		}
		for k := range g {
			g[k] *= scale
		}
	}
	return nil
}

// floats returns the memory of value and gradient, without allocating.
func floats(vg G.ValueGrad) (w, g []float32, err error) {
	gv, err := vg.Grad()
	if err != nil {
		return nil, nil, err
	}
	v, ok := vg.Value().(*tensor.Dense)
	if !ok || v.Dtype() != tensor.Float32 {
		return nil, nil, fmt.Errorf("value is %T, must be a float32 tensor", vg.Value())
	}
	d, ok := gv.(*tensor.Dense)
	if !ok || d.Dtype() != tensor.Float32 || d.Size() != v.Size() {
		return nil, nil, fmt.Errorf("gradient is %T, must be a float32 tensor with %d values", gv, v.Size())
	}
	return v.Float32s(), d.Float32s(), nil
}

// Restart makes the next step the first: the moments are 0.
func (a *Adam) Restart() {
	a.step = 0
	for i := range a.m {
		clear(a.m[i])
		clear(a.v[i])
	}
}

// State is what a resumed run needs: steps done and the moments by path.
type State struct {
	Step int
	M, V map[string][]float32
}

// State returns a copy of the optimizer's state.
func (a *Adam) State() State {
	s := State{Step: a.step, M: map[string][]float32{}, V: map[string][]float32{}}
	for i, p := range a.params {
		if a.m[i] != nil {
			s.M[p.Path] = append([]float32(nil), a.m[i]...)
			s.V[p.Path] = append([]float32(nil), a.v[i]...)
		}
	}
	return s
}

// SetState goes on from s.
func (a *Adam) SetState(s State) error {
	for i, p := range a.params {
		m, v := s.M[p.Path], s.V[p.Path]
		if s.Step > 0 && (m == nil || v == nil || len(m) != len(v)) {
			return fmt.Errorf("optim: %s: the saved state has %d and %d moments, both are needed", p.Path, len(m), len(v))
		}
		if m != nil {
			a.m[i], a.v[i] = m, v
			a.pages.Move(&a.m[i], &a.v[i])
		}
	}
	a.step = s.Step
	return nil
}
