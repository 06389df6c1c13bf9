package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/config"
	"csnet/model"
	"csnet/train"
)

// smallObjects is the mean share of a picture, which is the MAE of an empty map, below
// which objects are so small that an empty map has a good MAE.
const smallObjects = 0.05

// fewPictures is below how many validation pictures a warning is given.
const fewPictures = 30

// validator returns what scores parameters on pairs, at the side of the step's
// pictures, in the end at eval.size.
func (j *trainJob) validator(pairs []data.Pair) func(context.Context, *model.Params, int) (train.Score, error) {
	return func(ctx context.Context, p *model.Params, size int) (train.Score, error) {
		if size == j.conf.Data.SizePlan().Last() {
			size = j.conf.Eval.Size
		}
		o := eval.ValidateOptions{
			NewNet: func() (eval.Net, error) { return j.newNet(p), nil },
			Size:   size, Reduce: j.conf.Eval.Reduce, Threads: j.threads, WF: j.conf.Train.Best == train.BestWF,
		}
		if j.show != nil {
			o.Progress = j.show.validating
			defer j.show.validated()
		}
		if j.page != nil {
			o.Show = pageSamples
		}
		v, err := j.validate(ctx, pairs, o)
		j.page.keep(v)
		if errors.Is(err, eval.ErrNaN) {
			err = fmt.Errorf("validation: %w: %w", train.ErrNotFinite, err)
		}
		return trainScore(v), err
	}
}

// start scores the net before its first step, as o.Start: nil for a run that goes on, and
// for an untrained net whose maps are not finite: its norms know no statistics yet. Most
// such nets show that on the first picture, which is why they get it alone.
func (j *trainJob) start(ctx context.Context, val []data.Pair, o *train.Options, io streams) error {
	if j.resume != nil && j.resume.Step > 0 {
		return nil
	}
	var s train.Score
	var err error
	if !j.from && j.group == nil {
		_, err = j.validator(val[:1])(ctx, j.params, o.Sizes.At(0))
	}
	if err == nil {
		s, err = o.Validate(ctx, j.params, o.Sizes.At(0))
	}
	if errors.Is(err, eval.ErrNaN) && !j.from {
		io.tell("before the first step the net gives no map: its norms know no statistics yet")
		return nil
	}
	o.Start = &s
	return err
}

func trainScore(v eval.Validation) train.Score {
	s := train.Score{MAE: v.MAE, MaxF: v.MaxF, ObjMaxF: v.MaxF, WF: v.WF}
	if v.Objects != nil {
		s.ObjMaxF = v.Objects.MaxF
	}
	return s
}

// scoreDrawn begins to score what does not look at the photo on the validation pictures: a
// centred Gaussian, a white map, a black one. scores waits for it. Ranks begin when scores
// is called, for they do it together. drop ends it.
func (j *trainJob) scoreDrawn(ctx context.Context, pairs []data.Pair) (scores func() ([]eval.Validation, error), drop func()) {
	ctx, cancel := context.WithCancel(ctx)
	scores = sync.OnceValues(func() ([]eval.Validation, error) {
		return j.validateDrawn(ctx, pairs, eval.CentredGaussian, eval.AllForeground, eval.AllBackground)
	})
	if j.group != nil || len(pairs) == 0 {
		return scores, cancel
	}
	go func() { _, _ = scores() }()
	return scores, func() {
		cancel()
		_, _ = scores()
	}
}

// baselines are the scores of scoreDrawn on so many pictures. It says them, with what is to
// be known of the pictures.
func baselines(scores func() ([]eval.Validation, error), pictures int, io streams) (*train.Baselines, error) {
	vs, err := scores()
	if err != nil {
		return nil, err
	}
	b := train.Baselines{Gaussian: trainScore(vs[0]), White: trainScore(vs[1]), Black: trainScore(vs[2])}
	if v := vs[0]; v.Empty > 0 {
		io.tell("warning: %d of %d validation masks are empty: maxF counts each as found; beside it stands maxF over the other %d",
			v.Empty, v.Pictures, v.Pictures-v.Empty)
	}
	io.tell("to compare, on the %s to validate on a centred Gaussian has val MAE %.4f  maxF %.4f, an empty map MAE %.4f", counted(pictures, "picture"), b.Gaussian.MAE, b.Gaussian.ObjMaxF, b.Black.MAE)
	if pictures < fewPictures {
		io.tell("warning: only %s to validate on: by chance alone scores move by some hundredths (data.val_share, --val)", counted(pictures, "picture"))
	}
	return &b, nil
}

// warmUpWarning tells when the rate never reaches its value, "" else.
func warmUpWarning(c *config.Config, steps int) string {
	if w := c.Optim.Schedule.WarmupSteps; w > 0 && w >= steps {
		return fmt.Sprintf("warning: optim.schedule.warmup_steps is %d and the run has %d steps: the rate never reaches optim.lr = %g; a tenth of them would be --set optim.schedule.warmup_steps=%d", w, steps, c.Optim.LR, steps/10)
	}
	return ""
}

// scoreLine is what is said of a validation; ran is what the display adds.
func scoreLine(p train.Progress, ran string, b *train.Baselines) string {
	at := fmt.Sprintf("epoch %d/%d  step %d", p.Epoch+1, p.Epochs, p.Step)
	if p.Step == 0 {
		at = "before the first step"
	}
	line := fmt.Sprintf("%s%s  val MAE %.4f  maxF %.4f", at, ran, p.Score.MAE, p.Score.MaxF)
	if p.Score.ObjMaxF != p.Score.MaxF {
		line += fmt.Sprintf("  with objects %.4f", p.Score.ObjMaxF)
	}
	if p.Score.WF != 0 {
		line += fmt.Sprintf("  wF %.4f", p.Score.WF)
	}
	if p.Best {
		line += "  best"
	}
	if b == nil {
		return line
	}
	switch f, e := better(*p.Score, b.Gaussian); {
	case b.Sight(*p.Score) == train.Black:
		line += "  as good as black"
	case !f && !e:
		line += "  below a Gaussian"
	case !f:
		line += "  below a Gaussian in maxF"
	case !e:
		line += "  below a Gaussian in MAE"
	}
	return line
}

// better says in which of maxF and MAE a is above b.
func better(a, b train.Score) (f, e bool) { return a.ObjMaxF > b.ObjMaxF, a.MAE < b.MAE }

// verdict says in words what the best of a run is worth, and by which measure it is the best.
func verdict(res train.Result, base *train.Baselines, measure string, from bool) []string {
	if res.Best == nil || base == nil {
		return nil
	}
	b, g := *res.Best, base.Gaussian
	out := []string{fmt.Sprintf("best by %s (train.best): step %d, val MAE %.4f  maxF %.4f; a centred Gaussian has %.4f  %.4f", cmp.Or(measure, train.BestMAE), res.BestStep, b.MAE, b.ObjMaxF, g.MAE, g.ObjMaxF)}
	const cure = ": train longer, on more pictures, or start from a trained net (--from)"
	switch f, e := better(b, g); {
	case base.Sight(b) == train.Black:
		out = append(out, "verdict: the maps are as good as black"+cure)
	case !f && !e:
		out = append(out, "verdict: no better than a centred Gaussian, which does not look at the photo"+cure)
	case !f:
		out = append(out, "verdict: no better than a centred Gaussian in maxF, better in MAE"+cure)
	case !e:
		out = append(out, "verdict: better than a centred Gaussian in maxF, not in MAE"+cure)
	default:
		out = append(out, fmt.Sprintf("verdict: better than a centred Gaussian, by %.4f in maxF and %.4f in MAE", b.ObjMaxF-g.ObjMaxF, g.MAE-b.MAE))
	}
	if base.Sight(b) != train.Black && b.MAE >= base.Black.MAE {
		line := fmt.Sprintf("note: its MAE is no better than an empty map's, %.4f", base.Black.MAE)
		if base.Black.MAE < smallObjects {
			line += fmt.Sprintf(": objects take %.1f%% of a picture, so judge by maxF", 100*base.Black.MAE)
		}
		out = append(out, line)
	}
	if from && res.BestStep == 0 {
		out = append(out, "verdict: no step made the net better than it was: best.safetensors is the net that the run started from")
	}
	if from && res.Start != nil && worse(b, *res.Start) {
		out = append(out, fmt.Sprintf("verdict: worse than the net it started from (MAE %.4f  maxF %.4f): keep that one, or take a lower optim.lr", res.Start.MAE, res.Start.ObjMaxF))
	}
	return out
}

// worse says whether a is below b in both measures.
func worse(a, b train.Score) bool { return a.ObjMaxF < b.ObjMaxF && a.MAE > b.MAE }
