package bench

import (
	"context"
	"math/rand/v2"

	"csnet/graph"
	"csnet/internal/pages"
	"csnet/model"
	"csnet/train"
)

// subject is what is measured.
type subject struct {
	net    *graph.Net
	step   *train.Stepper // of Train
	x, y   []float32
	logits []float32 // of the last run of Infer
}

// newSubject builds the net and draws what it runs on.
func newSubject(o Options) (*subject, error) {
	s := &subject{x: o.Input}
	if s.x == nil {
		s.x = drawn(o.Batch*o.Spec.Input*o.Size*o.Size, 1)
	}
	// Backbones are measured with frozen norms, as their recipe trains them.
	g := graph.Options{FrozenNorms: o.Mode != Infer && o.Spec.Kind == model.KindCSF, Batch: o.Batch, H: o.Size, W: o.Size, Threads: o.Threads, Loss: o.Loss, Mixed: o.Mixed}
	var err error
	if o.Mode == Infer {
		g.Frozen = true
		s.net, err = graph.Build(o.Spec, o.Params, g)
		return s, err
	}
	s.y = drawn(o.Batch*o.Size*o.Size, 2)
	for i, v := range s.y {
		s.y[i] = min(max(0.5+v, 0), 1)
	}
	if s.step, err = train.NewStepper(o.Spec, o.Params, o.Optim, o.DWD, g); err != nil {
		return nil, err
	}
	s.net = s.step.Net()
	return s, nil
}

// drawn returns n standard normal values.
func drawn(n int, stream uint64) []float32 {
	rng := rand.New(rand.NewPCG(1, stream))
	x := pages.Floats(n)[:n]
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// observe makes every run tell f of its ops.
func (s *subject) observe(f func(op string, backward, begin bool)) {
	if s.step != nil {
		s.step.Observe(f)
		return
	}
	s.net.Observe(f)
}

// once is one run.
func (s *subject) once(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.step != nil {
		_, err = s.step.Step(s.x, s.y)
		return err
	}
	s.logits, err = s.net.Forward(s.x)
	return err
}

func (s *subject) close() { s.net.Close() }
