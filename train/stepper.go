package train

import (
	"fmt"
	"math"

	"csnet/graph"
	"csnet/internal/pages"
	"csnet/model"
	"csnet/optim"

	G "gorgonia.org/gorgonia"
)

// Stepper trains a net on one batch after another: what Run does between
// reading a batch and writing the log. Used alone it measures a step.
type Stepper struct {
	net   *graph.Net
	adam  *optim.Adam
	model []G.ValueGrad // what adam updates
	step  int           // done
	loss  float64       // of the last batch
	held  bool          // gradients of a step to come
	watch func(op string, backward, begin bool)
}

// NewStepper builds net and optimizer over params, which its steps train in
// place. Their Data is moved first.
func NewStepper(s model.Spec, params *model.Params, o optim.Config, d optim.DWD, g graph.Options) (*Stepper, error) {
	sideBySide(params)
	return newStepper(s, params, o, d, g)
}

// sideBySide moves params into memory of their own, for every step reads and writes all of
// them.
func sideBySide(params *model.Params) {
	var memory pages.Pool
	for _, t := range params.All() {
		memory.Move(&t.Data)
	}
}

// newStepper is NewStepper without moving params.
func newStepper(s model.Spec, params *model.Params, o optim.Config, d optim.DWD, g graph.Options) (*Stepper, error) {
	g.Train = true
	net, err := graph.Build(s, params, g)
	if err != nil {
		return nil, err
	}
	st := &Stepper{net: net}
	st.adam, st.model = newAdam(s, net, o, d)
	return st, nil
}

// Observe makes every step call f as it begins and ends each op of the net
// (see graph.Net.Observe) and the parts that follow: "finite", the search for
// NaN and Inf, and "adam", the update. nil ends that.
func (s *Stepper) Observe(f func(op string, backward, begin bool)) {
	s.watch = f
	s.net.Observe(f)
}

// Step runs forward, backward, the search for NaN and Inf and the update on x
// (batch, 3, H, W) and targets y (batch, 1, H, W): the loss. A loss or a
// gradient that is not finite is an error and reaches no parameter.
func (s *Stepper) Step(x, y []float32) (float64, error) {
	loss, err := s.Gradient(x, y)
	if err != nil {
		return 0, err
	}
	return loss, s.Update()
}

// Gradient runs forward and backward: it adds a batch to the gradients of the step to come
// and returns its loss.
func (s *Stepper) Gradient(x, y []float32) (float64, error) {
	loss, err := s.net.Step(x, y)
	if err != nil {
		return 0, fmt.Errorf("train: step %d: %w", s.step+1, err)
	}
	s.held = true
	if s.loss = loss; !finite(loss) {
		return loss, s.finite(loss)
	}
	return loss, nil
}

// Update is the step for the gradients that were added up since the one before.
func (s *Stepper) Update() error {
	if err := s.timed("finite", func() error { return s.finite(s.loss) }); err != nil {
		return err
	}
	if err := s.timed("adam", func() error { return s.adam.Step(s.model) }); err != nil {
		return fmt.Errorf("train: step %d: %w", s.step+1, err)
	}
	s.step++
	s.held = false
	return nil
}

// reshape goes on with a net over the same parameters for pictures of another size. The
// gradients that are held stay.
func (s *Stepper) reshape(spec model.Spec, params *model.Params, g graph.Options) error {
	g.Train = true
	var held [][]float32
	for _, l := range s.net.Learned() {
		if s.held {
			held = append(held, l.Grad)
		}
	}
	s.net.Close()
	net, err := graph.Build(spec, params, g)
	if err != nil {
		return err
	}
	s.net, s.model = net, nil
	for i, l := range net.Learned() {
		if held != nil {
			copy(l.Grad, held[i])
		}
		s.model = append(s.model, l.Node)
	}
	s.net.Observe(s.watch)
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// timed runs f between two calls of the observer.
func (s *Stepper) timed(part string, f func() error) error {
	if s.watch == nil {
		return f()
	}
	s.watch(part, false, true)
	defer s.watch(part, false, false)
	return f()
}

// finite reports the first NaN or Inf in the loss or a gradient.
func (s *Stepper) finite(loss float64) error {
	where := ""
	if !finite(loss) {
		where = fmt.Sprintf("loss %v is", loss)
	}
	for _, l := range s.net.Learned() {
		for _, g := range l.Grad {
			if g-g != 0 && where == "" {
				where = "gradient of " + l.Path + " is"
			}
		}
	}
	if where == "" {
		return nil
	}
	// Values that are not finite reach the loss or a gradient in any case; only
	// then is it worth the time to look for the first.
	if layer := s.net.NotFinite(); layer != "" {
		where = "values of layer " + layer + " are"
	}
	return &notFinite{s.step + 1, where}
}

// notFinite says what of a step is not finite.
type notFinite struct {
	step int
	what string // "loss NaN is"
}

func (n *notFinite) Error() string {
	return fmt.Sprintf("train: step %d: %s not finite", n.step, n.what)
}

// Net returns the net that learns.
func (s *Stepper) Net() *graph.Net { return s.net }

// Close ends the net's threads.
func (s *Stepper) Close() { s.net.Close() }
