// Package bench measures the time of inference and of training steps, whole
// and op by op, beside what the machine could do.
package bench

import (
	"context"
	"fmt"
	"time"

	"csnet/graph"
	"csnet/model"
	"csnet/optim"
)

// Mode is what is measured.
type Mode string

// The modes.
const (
	Infer Mode = "infer" // a forward run in evaluation mode
	Train Mode = "train" // a training step: forward, backward, search for NaN and Inf, Adam
)

// Options of Run.
type Options struct {
	Mode    Mode
	Spec    model.Spec
	Params  *model.Params // trained in place by Train
	Batch   int           // images per run
	Size    int           // side of the input, pixels
	Threads int
	Runs    int       // timed runs; 0 = at least LeastRuns, for about 3 s
	Input   []float32 // (Batch, 3, Size, Size); nil = drawn numbers

	// Of training.
	Optim optim.Config
	DWD   optim.DWD
	Loss  graph.LossTerms
	Mixed bool // train.precision is mixed

	// Clock is the time since some fixed moment.
	Clock func() time.Duration
	// Progress is told of every run; nil: nobody.
	Progress func(done, total int)
}

// LeastRuns is how many runs are timed at least when Options.Runs is 0; more
// follow until leastTime has passed.
const (
	LeastRuns = 20
	leastTime = 3 * time.Second
	warmTime  = time.Second / 2
)

// Run measures. It also returns the logits of the last run of Infer, shape
// (Batch, 1, Size, Size). Errors: an input of another length; a net that cannot
// be built or run at this size and batch; the end of ctx.
func Run(ctx context.Context, o Options) (*Result, []float32, error) {
	if n := o.Batch * o.Spec.Input * o.Size * o.Size; o.Input != nil && len(o.Input) != n {
		return nil, nil, fmt.Errorf("bench: input has %d values, must be (%d, %d, %d, %d) = %d", len(o.Input), o.Batch, o.Spec.Input, o.Size, o.Size, n)
	}
	s, err := newSubject(o)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	rec := &recorder{clock: o.Clock}
	s.observe(rec.event)
	if err := measure(ctx, o, s, rec); err != nil {
		return nil, nil, err
	}
	r, err := newResult(ctx, o, s.net, rec)
	return r, s.logits, err
}

// measure runs s until it is warm and then as often as is asked.
func measure(ctx context.Context, o Options, s *subject, rec *recorder) error {
	least, limit, warm := o.Runs, time.Duration(0), warmTime/5
	if o.Runs == 0 {
		least, limit, warm = LeastRuns, leastTime, warmTime
	}
	for n, start := 0, o.Clock(); n < 2 || o.Clock()-start < warm; n++ {
		if err := s.once(ctx); err != nil {
			return err
		}
	}
	rec.reset()
	for n, start := 0, o.Clock(); n < least || o.Clock()-start < limit; n++ {
		rec.begin()
		if err := s.once(ctx); err != nil {
			return err
		}
		rec.end()
		if o.Progress != nil {
			o.Progress(min(n+1, least), least)
		}
	}
	return nil
}
