package main

import (
	"context"
	"fmt"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/internal/page"
	"csnet/model"
	"csnet/prune"
	"csnet/train"
)

// prunedCost is what pruning by the config's threshold would leave.
func (j *trainJob) prunedCost(p *model.Params) (train.Left, error) {
	if prune.Supported(j.spec) != nil { // nothing can go
		cost := j.spec.Cost(model.CostSide, model.CostSide)
		return train.Left{Params: cost.Params, MACs: cost.MACs, Channels: octaveChannels(j.spec)}, nil
	}
	plan, err := prune.NewPlan(j.spec, p, prune.Options{Threshold: &j.conf.Prune.Threshold, MinChannels: j.conf.Prune.MinChannels})
	if err != nil {
		return train.Left{}, err
	}
	left, err := plan.Spec(j.spec)
	if err != nil {
		return train.Left{}, err
	}
	cost := left.Cost(model.CostSide, model.CostSide)
	return train.Left{Params: cost.Params, MACs: cost.MACs, Channels: octaveChannels(left)}, nil
}

// octaveChannels counts the channels that the octave convolutions of a net put out in
// each octave, finest first.
func octaveChannels(s model.Spec) []int {
	var n []int
	for _, l := range s.Layers() {
		if l.Op != model.OpOctConv {
			continue
		}
		for k, c := range l.Out {
			if k == len(n) {
				n = append(n, 0)
			}
			n[k] += c
		}
	}
	return n
}

// leftAt is what pruning by several ratios would leave.
func (j *trainJob) leftAt(p *model.Params) ([]train.AtRatio, error) {
	if prune.Supported(j.spec) != nil {
		return nil, nil
	}
	var out []train.AtRatio
	for _, ratio := range []float64{0.1, 0.25, 0.5, 0.75} {
		plan, err := prune.NewPlan(j.spec, p, prune.Options{Ratio: &ratio, MinChannels: j.conf.Prune.MinChannels})
		if err != nil {
			return nil, err
		}
		left, err := plan.Spec(j.spec)
		if err != nil {
			return nil, err
		}
		cost := left.Cost(model.CostSide, model.CostSide)
		out = append(out, train.AtRatio{Ratio: ratio, Params: cost.Params, MACs: cost.MACs})
	}
	return out, nil
}

// checkShrinking refuses milestones whose targets no net like this one can reach, as
// far as that can be known before it has learned.
func (j *trainJob) checkShrinking() error {
	if j.resume != nil {
		return nil
	}
	for i := range j.conf.Prune.Milestones {
		o, err := j.conf.Prune.At(i)
		if err == nil {
			_, err = prune.NewPlan(j.spec, j.params, o)
		}
		if err != nil {
			return usagef("prune.milestones[%d]: %w", i, err)
		}
	}
	return nil
}

// shrinking is what the config's prune section makes of the net in training.
func (j *trainJob) shrinking(pairs []data.Pair, io streams) train.Shrinking {
	photos := &prunePhotos{pairs: pairs, size: j.conf.Data.SizePlan().Last(), io: io}
	return train.Shrinking{Epochs: j.conf.Prune.Milestones, Shrink: func(ctx context.Context, i int, params *model.Params) (train.Shrunk, error) {
		s, err := j.shrink(ctx, i, params, photos)
		if err == nil && j.show != nil {
			j.show.steps.say(fmt.Sprintf("pruned before epoch %d: %s parameters are left", j.conf.Prune.Milestones[i]+1, page.Thousands(s.Spec.ParamCount())))
		}
		return s, err
	}}
}

// shrink prunes the net at milestone i. What validates and counts from here on sees
// the Spec of the net that is left.
func (j *trainJob) shrink(ctx context.Context, i int, params *model.Params, photos *prunePhotos) (train.Shrunk, error) {
	c, before := j.conf.Prune, j.spec
	o, err := c.At(i)
	if err != nil {
		return train.Shrunk{}, err
	}
	if c.Criterion == prune.ByGammaGap {
		if o.Gap, err = photos.gaps(ctx, storedNet{Checkpoint: &checkpoint.Checkpoint{Spec: before, Params: params}}); err != nil {
			return train.Shrunk{}, err
		}
	}
	plan, err := prune.NewPlan(before, params, o)
	if err != nil {
		return train.Shrunk{}, err
	}
	out := train.Shrunk{}
	if out.Spec, err = plan.Spec(before); err != nil {
		return out, err
	}
	if out.Cut, err = plan.Cut(before); err != nil {
		return out, err
	}
	out.Tensors = func(p *model.Params) (*model.Params, error) {
		fits := *plan
		if p != params && fits.Fold == prune.FoldExact {
			fits.Fold = prune.FoldInterior // what is dead in the average may yet live here
		}
		_, small, err := fits.Apply(before, p)
		if err != nil || c.Recalibrate == 0 {
			return small, err
		}
		l, g, err := photos.drawn(c.Recalibrate)
		if err != nil {
			return nil, err
		}
		return small, train.Recalibrate(ctx, out.Spec, small, l, g)
	}
	j.spec = out.Spec
	return out, nil
}
