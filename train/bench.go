package train

import (
	"fmt"

	"csnet/graph"
	"csnet/layers"
	"csnet/optim"
)

// Stepper does with one batch after another what Run does, without data, log
// and checkpoints: to measure a step.
type Stepper struct {
	r     *run
	watch func(op string, backward, begin bool)
}

// NewStepper builds net and optimizer over params, which its steps train in
// place.
func NewStepper(s graph.Spec, params *layers.Params, o optim.Config, d optim.DWD, g graph.Options) (*Stepper, error) {
	g.Train = true
	net, err := graph.Build(s, params, g)
	if err != nil {
		return nil, err
	}
	r := &run{Options: Options{Optim: o, DWD: d, Spec: s, Params: params}, net: net}
	r.adam, r.model = newAdam(s, net, o, d)
	return &Stepper{r: r}, nil
}

// Observe makes every step call f as it begins and ends each op of the net
// (see graph.Net.Observe) and the parts that follow: "finite", the search for
// NaN and Inf, and "adam", the update. nil ends that.
func (s *Stepper) Observe(f func(op string, backward, begin bool)) {
	s.watch = f
	s.r.net.Observe(f)
}

// Step runs forward, backward, the search for NaN and Inf and the update on x
// (batch, 3, H, W) and targets y (batch, 1, H, W): the mean BCE.
func (s *Stepper) Step(x, y []float32) (float64, error) {
	r := s.r
	loss, err := r.net.Step(x, y)
	if err != nil {
		return 0, fmt.Errorf("train: step %d: %w", r.step+1, err)
	}
	if err := s.part("finite", func() error { return r.finite(loss) }); err != nil {
		return 0, err
	}
	if err := s.part("adam", func() error { return r.adam.Step(r.model) }); err != nil {
		return 0, fmt.Errorf("train: step %d: %w", r.step+1, err)
	}
	r.step++
	return loss, nil
}

func (s *Stepper) part(name string, f func() error) error {
	if s.watch == nil {
		return f()
	}
	s.watch(name, false, true)
	defer s.watch(name, false, false)
	return f()
}

// Net returns the net that learns.
func (s *Stepper) Net() *graph.Net { return s.r.net }

// Close ends the net's threads.
func (s *Stepper) Close() { s.r.net.Close() }
