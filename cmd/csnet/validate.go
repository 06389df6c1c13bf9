package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"csnet/data"
	"csnet/eval"
	"csnet/graph"
	"csnet/metrics"
	"csnet/model"
	"csnet/train"
)

// validate returns the function that scores parameters on pairs under the
// salmetric protocol, an image at a time on each of the threads.
func validate(spec model.Spec, pairs []data.Pair, size, threads int) func(context.Context, *model.Params) (train.Score, error) {
	return func(ctx context.Context, p *model.Params) (train.Score, error) {
		parts := make([]metrics.Aggregate, threads)
		errs := make([]error, threads)
		var next atomic.Int64
		var wg sync.WaitGroup
		for w := range threads {
			wg.Go(func() {
				net := graph.NewPredictor(spec, p, 1)
				defer func() { _ = net.Close() }()
				errs[w] = scorePairs(ctx, &eval.Predictor{Net: net, Size: size}, pairs, &next, &parts[w])
			})
		}
		wg.Wait()
		total := &metrics.Aggregate{}
		for w := range parts {
			if errs[w] != nil {
				return train.Score{}, fmt.Errorf("validation: %w", errs[w])
			}
			total.Merge(&parts[w])
		}
		s := total.Result().Scores.SalMetric
		return train.Score{MAE: s.MAE, MaxF: s.MaxF}, nil
	}
}

// scorePairs scores the pairs that next hands out.
func scorePairs(ctx context.Context, net *eval.Predictor, pairs []data.Pair, next *atomic.Int64, sum *metrics.Aggregate) error {
	scorer := metrics.NewScorer()
	var im metrics.Image
	var pix []uint8
	for ctx.Err() == nil {
		i := int(next.Add(1) - 1)
		if i >= len(pairs) {
			return nil
		}
		photo, mask, _, err := data.ReadPair(pairs[i])
		if err != nil {
			return err
		}
		if pix, err = net.Map(pix, photo); err != nil {
			return err
		}
		if err := scorer.Score(pix, mask.Pix, mask.W, mask.H, metrics.SalMetric, &im); err != nil {
			return err
		}
		sum.Add(&im)
	}
	return ctx.Err()
}
