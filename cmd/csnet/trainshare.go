package main

import (
	"context"
	"errors"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/shard"
	"csnet/metrics"
)

// validate is eval.Validate, whose pictures all ranks share: each scores those at its
// places of the list, and all get the score of the whole, to the digit. The pictures
// to show are those of the rank's own.
func (j *trainJob) validate(ctx context.Context, pairs []data.Pair, o eval.ValidateOptions) (eval.Validation, error) {
	ctx, pairs = j.ownShare(ctx, pairs, &o)
	return eval.Validate(ctx, pairs, o)
}

// validateDrawn is eval.ValidateDrawn, whose masks all ranks share alike.
func (j *trainJob) validateDrawn(ctx context.Context, pairs []data.Pair, draws ...eval.Drawer) ([]eval.Validation, error) {
	o := eval.ValidateOptions{Threads: j.threads}
	ctx, pairs = j.ownShare(ctx, pairs, &o)
	return eval.ValidateDrawn(ctx, pairs, draws, o)
}

// ownShare returns what of a validation is this rank's: all of it where there are no
// others.
func (j *trainJob) ownShare(ctx context.Context, pairs []data.Pair, o *eval.ValidateOptions) (context.Context, []data.Pair) {
	if j.group.Size() == 1 {
		return ctx, pairs
	}
	o.Merge = j.mergeScores
	j.group.For("validation")
	return j.own, shard.Of(shard.Part{Index: j.group.Rank(), Count: j.group.Size()}, pairs)
}

// mergeScores adds the sums of all ranks, where all of them are well.
func (j *trainJob) mergeScores(err error, sums ...*metrics.Aggregate) error {
	nan := make([]byte, j.group.Size())
	if errors.Is(err, eval.ErrNaN) {
		nan[j.group.Rank()] = 1
	}
	if err := j.group.Gather(nan); err != nil {
		return err
	}
	for _, n := range nan {
		if n == 1 {
			return eval.ErrNaN // on all ranks, which act on it alike
		}
	}
	if err := j.group.Agree(err); err != nil {
		return err
	}
	for _, s := range sums {
		raw, err := s.MarshalBinary()
		if err != nil {
			return err
		}
		all := make([]byte, len(raw)*j.group.Size())
		copy(all[len(raw)*j.group.Rank():], raw)
		if err := j.group.Gather(all); err != nil {
			return err
		}
		for rank := range j.group.Size() {
			var other metrics.Aggregate
			if rank == j.group.Rank() {
				continue
			}
			if err := other.UnmarshalBinary(all[len(raw)*rank:][:len(raw)]); err != nil {
				return err
			}
			s.Merge(&other)
		}
	}
	return nil
}
