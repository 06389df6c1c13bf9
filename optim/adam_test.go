package optim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"csnet/optim"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// param is a parameter outside any graph.
type param struct{ value, grad *tensor.Dense }

func (p param) Value() G.Value         { return p.value }
func (p param) Grad() (G.Value, error) { return p.grad, nil }
func (p param) w() []float32           { return p.value.Data().([]float32) }
func (p param) g() []float32           { return p.grad.Data().([]float32) }

func newParam(w ...float32) param {
	return param{
		value: tensor.New(tensor.WithShape(len(w)), tensor.WithBacking(append([]float32(nil), w...))),
		grad:  tensor.New(tensor.WithShape(len(w)), tensor.Of(tensor.Float32)),
	}
}

func config(lr, l2 float64) optim.Config {
	return optim.Config{LR: lr, Betas: [2]float64{0.9, 0.99}, Eps: 1e-8, L2: l2}
}

func step(t *testing.T, a *optim.Adam, ps ...param) {
	t.Helper()
	model := make([]G.ValueGrad, len(ps))
	for i, p := range ps {
		model[i] = p
	}
	if err := a.Step(model); err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		for _, g := range p.g() {
			if g != 0 {
				t.Fatalf("gradient is %g after the step, must be 0", g)
			}
		}
	}
}

// torch.optim.Adam(lr 0.1, betas (0.9, 0.99), eps 1e-8, weight_decay 0.1) on
// one weight from 1, worked out by hand: weight, exp_avg and exp_avg_sq after
// each of four steps.
func TestAdamByHand(t *testing.T) {
	p := newParam(1)
	a := optim.NewAdam(config(0.1, 0.1), optim.DWD{Mode: "none"}, []optim.Param{{Path: "w", L2: true}})
	for i, want := range [][4]float64{
		// gradient, weight, m, v
		{0.5, 0.9000000016666666, 0.06, 0.0036},
		{-0.2, 0.8474076444162677, 0.04300000001666665, 0.0036849999996333366},
		{0.05, 0.7937923637097364, 0.05217407645916266, 0.0038297007356601427},
		{0, 0.742754995065273, 0.054894592450343754, 0.0038544143599719303},
	} {
		p.g()[0] = float32(want[0])
		step(t, a, p)
		s := a.State()
		for k, got := range []float64{float64(p.w()[0]), float64(s.M["w"][0]), float64(s.V["w"][0])} {
			if math.Abs(got-want[k+1]) > 2e-7*math.Abs(want[k+1]) {
				t.Errorf("step %d: value %d is %v, want %v", i+1, k, got, want[k+1])
			}
		}
	}
	if a.State().Step != 4 {
		t.Errorf("%d steps, want 4", a.State().Step)
	}
}

// slowAdam is Adam in plain float64, its weights rounded to nothing.
type slowAdam struct {
	c       optim.Config
	t       float64
	w, m, v []float64
}

func (s *slowAdam) step(lr float64, grad, l2 []float64) {
	s.t++
	b1, b2 := s.c.Betas[0], s.c.Betas[1]
	for i, g := range grad {
		e := g + l2[i]*s.w[i]
		s.m[i] = b1*s.m[i] + (1-b1)*e
		s.v[i] = b2*s.v[i] + (1-b2)*e*e
		mh, vh := s.m[i]/(1-math.Pow(b1, s.t)), s.v[i]/(1-math.Pow(b2, s.t))
		s.w[i] -= lr * mh / (math.Sqrt(vh) + s.c.Eps)
	}
}

// 300 steps with a changing rate against the float64 twin. A weight is rounded
// once a step (6e-8 of it, at random), m and v likewise: some 1e-6 in all.
func TestAdamAgainstTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 37
	ws := make([]float32, n)
	s := &slowAdam{c: config(1e-2, 5e-3), w: make([]float64, n), m: make([]float64, n), v: make([]float64, n)}
	for i := range ws {
		ws[i] = float32(rng.NormFloat64())
		s.w[i] = float64(ws[i])
	}
	p := newParam(ws...)
	a := optim.NewAdam(s.c, optim.DWD{Mode: "none"}, []optim.Param{{Path: "w", L2: true}})
	grad, l2 := make([]float64, n), make([]float64, n)
	for k := range 300 {
		a.LR = 1e-2 / (1 + float64(k)/100)
		for i := range grad {
			g := float32(rng.NormFloat64() * math.Pow(10, float64(i%7)-4))
			p.g()[i], grad[i], l2[i] = g, float64(g), s.c.L2
		}
		step(t, a, p)
		s.step(a.LR, grad, l2)
	}
	for i, w := range p.w() {
		if d := math.Abs(float64(w) - s.w[i]); d > 3e-6 {
			t.Errorf("weight %d is %v, the twin's %v", i, w, s.w[i])
		}
	}
}

// Every mode adds lambda * factor * its term to the gamma's gradient, before
// Adam.
func TestDynamicModes(t *testing.T) {
	gammas := []float32{0.8, -0.5, 0, 1e-30}
	gap := []float32{0.3, 2, 1, 0.7}
	const lr, lambda, factor = 1e-3, 3, 4
	term := map[string]func(c int) float64{
		"dwd":  func(c int) float64 { return lambda * factor * float64(gap[c]) * float64(gammas[c]) },
		"l2":   func(c int) float64 { return lambda * factor * float64(gammas[c]) },
		"l1":   func(c int) float64 { return lambda * factor * float64(sign(gammas[c])) },
		"none": func(int) float64 { return 0 },
	}
	grads := []float64{0.1, 0.2, -0.3, 0.4}
	for mode, f := range term {
		for _, l2 := range []bool{false, true} {
			name := fmt.Sprintf("%s, l2 %v", mode, l2)
			p := newParam(gammas...)
			a := optim.NewAdam(config(lr, 5e-3), optim.DWD{Mode: mode, Lambda: lambda},
				[]optim.Param{{Path: "g", L2: l2, Dynamic: &optim.Dynamic{Factor: factor, GAP: gap}}})
			s := &slowAdam{c: config(lr, 5e-3), w: make([]float64, 4), m: make([]float64, 4), v: make([]float64, 4)}
			gs, l2s := make([]float64, 4), make([]float64, 4)
			for c := range gammas {
				p.g()[c] = float32(grads[c])
				gs[c], s.w[c] = float64(float32(grads[c]))+f(c), float64(gammas[c])
				if l2 {
					l2s[c] = 5e-3
				}
			}
			step(t, a, p)
			s.step(lr, gs, l2s)
			for c, w := range p.w() {
				if math.Abs(float64(w)-s.w[c]) > 1.5e-7 {
					t.Errorf("%s: gamma %d is %v, want %v", name, c, w, s.w[c])
				}
			}
		}
	}
}

func sign(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// A state taken and given to a new optimizer goes on with the same bits.
func TestStateSameBits(t *testing.T) {
	for cut := range 5 {
		whole, parted := run(t, 5, -1), run(t, 5, cut)
		for i := range whole {
			if math.Float32bits(whole[i]) != math.Float32bits(parted[i]) {
				t.Fatalf("cut after step %d: weight %d is %v, uncut %v", cut, i, parted[i], whole[i])
			}
		}
	}
}

// run does n steps with a new optimizer after step cut.
func run(t *testing.T, n, cut int) []float32 {
	t.Helper()
	gap := []float32{0.5, 1.5, 0.1}
	params := []optim.Param{{Path: "w", L2: true}, {Path: "g", Dynamic: &optim.Dynamic{Factor: 2, GAP: gap}}}
	fresh := func() *optim.Adam { return optim.NewAdam(config(1e-2, 5e-3), optim.DefaultDWD(), params) }
	a, w, g := fresh(), newParam(1, -2, 3, 0.1), newParam(1, 0.5, -0.1)
	rng := rand.New(rand.NewPCG(1, 1))
	for k := range n {
		if k == cut {
			s := a.State()
			a = fresh()
			if err := a.SetState(s); err != nil {
				t.Fatal(err)
			}
			for _, m := range s.M { // the state is a copy
				clear(m)
			}
			if a.State().Step != k {
				t.Fatalf("%d steps, want %d", a.State().Step, k)
			}
		}
		for _, p := range []param{w, g} {
			for i := range p.g() {
				p.g()[i] = float32(rng.NormFloat64())
			}
		}
		step(t, a, w, g)
	}
	return append(w.w(), g.w()...)
}

// Weights and moments below the smallest normal float32 become 0.
func TestDenormalsFlushed(t *testing.T) {
	p := newParam(1e-39, -1e-40, 1, 0)
	a := optim.NewAdam(config(1e-12, 0), optim.DWD{Mode: "none"}, []optim.Param{{Path: "w", L2: true}})
	p.g()[2], p.g()[3] = 1e-38, 1e-21 // m = 1e-39, v = 1e-78 and 1e-44
	step(t, a, p)
	for i, x := range append(append(p.w(), a.State().M["w"]...), a.State().V["w"]...) {
		if x != 0 && math.Abs(float64(x)) < 0x1p-126 {
			t.Errorf("value %d is the denormal %g", i, x)
		}
	}
	if p.w()[0] != 0 || p.w()[1] != 0 || p.w()[2] != 1 {
		t.Errorf("weights are %v", p.w())
	}
}

// Wrong numbers of parameters, states that do not fit: errors, not panics.
func TestAdamErrors(t *testing.T) {
	params := []optim.Param{{Path: "a"}, {Path: "b"}}
	a := optim.NewAdam(config(1, 0), optim.DWD{Mode: "none"}, params)
	if err := a.Step([]G.ValueGrad{newParam(1)}); err == nil || !strings.Contains(err.Error(), "1 parameters") {
		t.Errorf("one of two parameters: error %v", err)
	}
	two := []float32{1, 2}
	for name, s := range map[string]optim.State{
		"no moments":    {Step: 3},
		"one missing":   {Step: 3, M: map[string][]float32{"a": two, "b": two}, V: map[string][]float32{"a": two}},
		"lengths apart": {Step: 3, M: map[string][]float32{"a": two, "b": two}, V: map[string][]float32{"a": two, "b": {1}}},
	} {
		if err := a.SetState(s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	fits := map[string][]float32{"a": two, "b": two}
	if err := a.SetState(optim.State{Step: 3, M: fits, V: fits}); err != nil {
		t.Fatal(err)
	}
	err := a.Step([]G.ValueGrad{newParam(1, 2), newParam(1, 2, 3)})
	if err == nil || !strings.Contains(err.Error(), "b") || !strings.Contains(err.Error(), "3") {
		t.Errorf("moments of 2 for a parameter of 3: error %v", err)
	}
	bad := param{value: tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float64)), grad: tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))}
	if err := a.Step([]G.ValueGrad{bad, bad}); err == nil || !strings.Contains(err.Error(), "float32") {
		t.Errorf("a float64 value: error %v", err)
	}
}

// Gradients above the norm are scaled down to it together, others left alone;
// the decay of the gammas is not part of the norm.
func TestClip(t *testing.T) {
	run := func(clip float64, scale float32) [2]float32 {
		conf := config(0.1, 0)
		conf.Clip, conf.Eps = clip, 1 // eps keeps the size of the gradient visible
		a := optim.NewAdam(conf, optim.DWD{Mode: "l2", Lambda: 0.5}, []optim.Param{{Path: "w"}, {Path: "g", Dynamic: &optim.Dynamic{Factor: 1}}})
		p, q := newParam(1), newParam(2)
		p.g()[0], q.g()[0] = 3*scale, 4*scale
		step(t, a, p, q)
		return [2]float32{p.w()[0], q.w()[0]}
	}
	if got, want := run(5, 1), run(0, 1); got != want {
		t.Errorf("a norm of 5 was clipped at 5: %v, want %v", got, want)
	}
	if got, want := run(0.5, 1), run(0, 0.1); got != want {
		t.Errorf("clipped to a tenth: %v, want %v", got, want)
	}
	if got, other := run(0.5, 1), run(0, 1); got == other {
		t.Error("clipping changes nothing")
	}
}
