package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"csnet/model"
	"csnet/optim"
)

// run is a run in progress.
type run struct {
	Options
	*Stepper
	log       *metricsLog
	events    *events
	perEpoch  int
	total     int
	size      int     // that the net trains at
	best      *Score  // at this size
	bestStep  int     // of best
	start     *Score  // before the first step
	startAt   int     // size of start
	stale     int     // validations since
	shrunk    int     // shrinkings done
	ended     int     // last step after which an epoch's end was validated and logged
	cpu       string  // levels of the kernels that made the weights
	loss      float64 // of the last step; NaN before there was one
	lossSum   float64 // of the batches that the step to come holds
	saved     int     // step of last, -1 before there is one
	savedAt   float64 // seconds
	probe     probe
	healthyAt int      // the last step after which the model was found healthy
	early     string   // why the run ends before its last step
	average   *average // nil: the weights that learn are the model
	ranks     *ranks   // nil: this process trains alone
}

// learned returns the model that the run validates and saves.
func (r *run) learned() *model.Params {
	if r.average != nil {
		return r.average.params
	}
	return r.Params
}

// Run trains Options.Params until the last step, or until ctx ends: then the
// state is saved and ctx's error returned, or the save's if that failed. A net that
// has diverged replaces no checkpoint: the error is a *Diverged. Weights depend on
// options and data alone, neither on the number of threads nor on where the run was
// interrupted and resumed; they differ between levels of the kernels (AVX-512, AVX2,
// plain Go), which sum in other orders. While it runs the collector's target
// (debug.SetGCPercent) is lower, unless it is not Go's 100.
func Run(ctx context.Context, o Options) (Result, error) {
	r, err := newRun(o)
	if err != nil {
		return Result{}, err
	}
	defer func() { r.Close() }() // of the net that is then at work
	defer r.log.close()
	defer r.events.close()
	defer limitGarbage()()
	ctx, end := r.together(ctx)
	defer end()
	if err := r.begin(ctx); err != nil {
		return Result{}, err
	}
	for r.step < r.total && !r.endsEarly() {
		epoch, from := r.step/r.perEpoch, r.step%r.perEpoch
		if err := r.agree(r.shrink(ctx)); err != nil {
			return Result{}, r.stop(ctx, err)
		}
		if err := r.trainAt(r.Sizes.At(epoch)); err != nil {
			return Result{}, err
		}
		for batch, err := range r.Loader.Epoch(ctx, epoch, from*r.batches()) {
			if err == nil {
				err = r.given(batch)
			}
			if err = r.agree(err); err != nil {
				return Result{}, r.stop(ctx, err)
			}

			// Forward and backward, then, after the last batch of a step, the update.
			stepped, err := r.add(batch)
			if err != nil {
				return Result{}, r.failed(err)
			}
			if !stepped {
				continue
			}
			if r.average != nil {
				r.average.add(r.Params, r.step)
			}

			// Tell, log, save.
			if err := r.after(epoch, r.loss); err != nil {
				return Result{}, err
			}
			if ctx.Err() != nil || r.epochEnds() || r.timeIsUp() {
				break
			}
		}
		if ctx.Err() != nil {
			return Result{}, r.stop(ctx, ctx.Err())
		}
		if err := r.epochEnd(ctx); err != nil {
			return Result{}, err
		}
	}
	return r.result(), nil
}

// result is what a run that came to its end hands out.
func (r *run) result() Result {
	res := Result{Step: r.step, Loss: r.loss, Best: r.best, BestStep: r.bestStep, LastPath: r.path("last"), BestPath: r.path("best"), Early: r.early}
	if r.startAt == r.size {
		res.Start = r.start
	}
	return res
}

// begin does what is to be done before the first step from here: the score of the
// start is logged; a run interrupted between an epoch's last step and its
// validation makes up for the validation.
func (r *run) begin(ctx context.Context) error {
	switch {
	case r.step == 0 && r.Start != nil:
		return r.logStart()
	case r.owes(r.step):
		err := r.trainAt(r.Sizes.At((r.step - 1) / r.perEpoch))
		if r.takeBest(); err == nil {
			err = r.epochEnd(ctx)
		}
		return err
	}
	return nil
}

// logStart logs and tells what the net scored before its first step. A trained net is
// the best until a step brings a better one, so that no run hands out a worse net than
// it was given; one that was drawn is not.
func (r *run) logStart() error {
	r.start, r.startAt = r.Start, r.size
	r.adam.LR = r.Optim.Rate(0, r.perEpoch, r.total)
	if err := r.writeLine(0, r.start); err != nil {
		return err
	}
	if r.Trained {
		r.best, r.bestStep = r.start, 0
		for _, name := range []string{"last", "best"} { // last first: a run killed in between can go on
			if err := r.save(name); err != nil {
				return err
			}
		}
	}
	if r.Progress != nil {
		p := r.progress(0, 0)
		p.Score = r.start
		r.Progress(p)
	}
	return nil
}

// newRun checks the options and builds net, optimizer and log.
func newRun(o Options) (*run, error) {
	r := &run{Options: o, perEpoch: o.Loader.Steps() / o.batches(), loss: math.NaN(), saved: -1}
	if o.Batch%o.Group.Size() != 0 {
		return nil, fmt.Errorf("train: a batch of %d pictures cannot be shared equally by %d ranks", o.Batch, o.Group.Size())
	}
	if o.Group.Size() > 1 && o.batches() > 1 {
		return nil, fmt.Errorf("train: train.accumulate is %d, several ranks (--dist) take one batch a step: it must be 1", o.Accumulate)
	}
	if c := o.Resume; o.Group.Size() > 1 && c != nil && c.Step > 0 && c.Run == nil {
		return nil, errors.New("train: the checkpoint is of an older csnet, which did not store the run's state: resume it on one rank until its next save")
	}
	if o.Distill > 0 && o.Teacher == nil {
		return nil, fmt.Errorf("train: train.distill is %g, a teacher is missing", o.Distill)
	}
	if r.perEpoch == 0 {
		return nil, fmt.Errorf("train: fewer training pictures than train.batch times train.accumulate = %d: take a smaller batch", o.Batch*o.batches())
	}
	if r.total = o.Steps; r.total == 0 {
		r.total = o.Epochs * r.perEpoch
	}
	if c := o.Resume; c != nil && c.Step > r.total {
		return nil, fmt.Errorf("train: the checkpoint is at step %d, the run has %d steps: it is of another run", c.Step, r.total)
	}
	if c := o.Resume; c != nil && c.Run != nil {
		r.Trained = c.Run.Trained
	}
	r.startAverage()
	step := 0
	if o.Resume != nil {
		step = o.Resume.Step
	}
	if err := checkBest(o.Config.Best); err != nil {
		return nil, err
	}
	if err := r.trainAt(o.Sizes.At(step / r.perEpoch)); err != nil {
		return nil, err
	}
	err := r.resume()
	if err == nil && !r.writes() {
		r.log, r.events = &metricsLog{}, &events{}
		r.takeState()
		return r, nil
	}
	if err == nil {
		r.log, err = openMetrics(filepath.Join(o.Dir, "metrics.jsonl"), r.loggedTo(), o.Config.Best, o.Baselines)
	}
	if err == nil {
		r.events, err = openEvents(o.Dir, r.step, r.log.kept, o.Config.TensorBoard, r.wall())
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	r.takeState()
	return r, nil
}

// loggedTo is the last step whose line of the log holds: none where the run begins;
// where the end of an epoch is owed, its line, written by a process that was killed
// right after, goes.
func (r *run) loggedTo() int {
	if r.step == 0 {
		return -1
	}
	if c := r.Resume; c != nil && c.Run != nil && r.step > 0 && r.epochEnds() && c.Run.Ended != r.step {
		return r.step - 1
	}
	return r.step
}

// resume takes over step and optimizer state of the checkpoint that the run goes
// on from, if there is one.
func (r *run) resume() error {
	c := r.Resume
	if c == nil {
		return nil
	}
	r.step, r.saved = c.Step, c.Step
	r.adam.LR = r.Optim.Rate(max(r.step-1, 0), r.perEpoch, r.total)
	var err error
	if c.Optim == nil && c.Step > 0 {
		err = fmt.Errorf("train: the checkpoint at step %d has no optimizer state to resume from; use it with --from", c.Step)
	} else if c.Optim != nil {
		err = r.adam.SetState(optim.State{Step: c.Step - r.Optim.Begun(c.Step, r.perEpoch), M: c.Optim.M, V: c.Optim.V})
	}
	return err
}

// owes reports whether the run was interrupted between an epoch's last step and
// its validation.
func (r *run) owes(step int) bool {
	return step > 0 && (step%r.perEpoch == 0 || step == r.total) && r.ended != step
}

// epochEnds reports whether a validation is due after the steps done.
func (r *run) epochEnds() bool { return r.step%r.perEpoch == 0 || r.step == r.total }

// after tells and logs step r.step and saves when it is time to.
func (r *run) after(epoch int, loss float64) error {
	r.log.add(loss)
	if r.Progress != nil {
		r.Progress(r.progress(epoch, loss))
	}
	if r.epochEnds() { // epochEnd logs and saves
		return nil
	}
	if r.step%max(r.LogEvery, 1) == 0 {
		if err := r.writeLine(epoch, nil); err != nil {
			return err
		}
	}
	if r.SaveEvery > 0 && r.step%r.SaveEvery == 0 || r.SaveInterval > 0 && r.now()-r.savedAt >= r.SaveInterval.Seconds() {
		return r.save("last")
	}
	return nil
}

// failed words an error of a step.
func (r *run) failed(err error) error {
	var n *notFinite
	if errors.As(err, &n) {
		return r.diverged(r.step+1, n.what+" not finite")
	}
	return err
}

func (r *run) progress(epoch int, loss float64) Progress {
	return Progress{Step: r.step, Steps: r.total, Epoch: epoch, Epochs: (r.total + r.perEpoch - 1) / r.perEpoch, Loss: loss, LR: r.adam.LR}
}

// writeLine adds a line to metrics.jsonl.
func (r *run) writeLine(epoch int, s *Score) error {
	if !r.writes() {
		r.log.next()
		return nil
	}
	l := Line{Step: r.step, Epoch: epoch, Size: r.size, LR: r.adam.LR, Lambda: r.DWD.LambdaAt(max(r.step-1, 0), r.perEpoch)}
	left, err := r.PrunedCost(r.learned())
	if err != nil {
		return fmt.Errorf("train: step %d: %w", r.step, err)
	}
	l.Params = r.Spec.ParamCount()
	l.ParamsLeft, l.MACsLeft, l.ChannelsLeft = left.Params, left.MACs, left.Channels
	l.Seconds = r.Seconds()
	if s != nil {
		l.set(s)
		if err := r.watchNorms(&l); err != nil {
			return fmt.Errorf("train: step %d: %w", r.step, err)
		}
		if b := r.Baselines; b != nil {
			l.GaussianMAE, l.GaussianMaxF = &b.Gaussian.MAE, &b.Gaussian.ObjMaxF
		}
	}
	if l, err = r.log.write(l); err != nil {
		return err
	}
	return r.events.line(l, r.wall())
}

// wall is the wall clock time in seconds since 1970.
func (r *run) wall() float64 { return r.Began + r.Seconds() }
