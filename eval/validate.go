package eval

import (
	"context"
	"fmt"

	"csnet/data"
	"csnet/internal/parallel"
	"csnet/metrics"
)

// ValidateOptions of Validate.
type ValidateOptions struct {
	NewNet   func() (Net, error) // makes a net for one worker
	Size     int                 // side of the net's input, pixels
	Threads  int                 // workers, at least 1
	Progress func(done, total int)
}

// Validate scores a net on pairs under the salmetric protocol, one image at a
// time on each thread: the score of an epoch. The digits do not depend on the
// number of threads. The first file that cannot be read ends it, and so do a
// failing net and a cancelled ctx.
func Validate(ctx context.Context, pairs []data.Pair, o ValidateOptions) (metrics.SalMetricScores, error) {
	if o.Threads < 1 {
		return metrics.SalMetricScores{}, fmt.Errorf("eval: threads is %d, must be at least 1", o.Threads)
	}
	workers := make([]validator, min(o.Threads, max(len(pairs), 1)))
	defer func() {
		for i := range workers {
			workers[i].close()
		}
	}()
	for i := range workers {
		net, err := o.NewNet()
		if err != nil {
			return metrics.SalMetricScores{}, fmt.Errorf("validation: %w", err)
		}
		workers[i].predict, workers[i].scorer = Predictor{Net: net, Size: o.Size}, metrics.NewScorer()
	}
	err := parallel.Each(ctx, len(workers), len(pairs), o.Progress, func(w, i int) error {
		return workers[w].score(pairs[i])
	})
	if err != nil {
		return metrics.SalMetricScores{}, fmt.Errorf("validation: %w", err)
	}
	var sum metrics.Aggregate
	for i := range workers {
		sum.Merge(&workers[i].sum)
	}
	r := sum.Result()
	if r.Scores.SalMetric == nil {
		return metrics.SalMetricScores{}, fmt.Errorf("validation: no picture to score")
	}
	return *r.Scores.SalMetric, nil
}

// validator scores pairs in its own buffers.
type validator struct {
	predict Predictor
	scorer  *metrics.Scorer
	image   metrics.Image
	pix     []uint8
	sum     metrics.Aggregate
}

func (v *validator) score(pair data.Pair) error {
	photo, mask, _, err := data.ReadPair(pair)
	if err != nil {
		return err
	}
	if v.pix, err = v.predict.Map(v.pix, photo); err != nil {
		return err
	}
	if err := v.scorer.Score(v.pix, mask.Pix, mask.W, mask.H, metrics.SalMetric, &v.image); err != nil {
		return err
	}
	v.sum.Add(&v.image)
	return nil
}

func (v *validator) close() {
	if v.predict.Net != nil {
		_ = v.predict.Net.Close()
	}
}
