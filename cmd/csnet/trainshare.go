package main

import (
	"context"
	"errors"

	"csnet/data"
	"csnet/eval"
	"csnet/internal/dist"
	"csnet/internal/shard"
	"csnet/metrics"
)

// validate is eval.Validate, whose pictures all ranks share: each scores those at its
// places of the list, and all get the score of the whole, to the digit. The pictures
// to show are those of the rank's own.
func (j *trainJob) validate(ctx context.Context, pairs []data.Pair, o eval.ValidateOptions) (eval.Validation, error) {
	s := j.ownShare(ctx, pairs, &o)
	v, err := eval.Validate(s.ctx, s.pairs, o)
	return v, s.agree(err)
}

// validateDrawn is eval.ValidateDrawn, whose masks all ranks share alike.
func (j *trainJob) validateDrawn(ctx context.Context, pairs []data.Pair, draws ...eval.Drawer) ([]eval.Validation, error) {
	o := eval.ValidateOptions{Threads: j.threads}
	s := j.ownShare(ctx, pairs, &o)
	vs, err := eval.ValidateDrawn(s.ctx, s.pairs, draws, o)
	return vs, s.agree(err)
}

// scoredShare is what of a validation is this rank's: all of it where there are no others.
type scoredShare struct {
	ctx    context.Context
	pairs  []data.Pair
	group  *dist.Group
	merged bool // the ranks have added their sums: all of them were well
}

func (j *trainJob) ownShare(ctx context.Context, pairs []data.Pair, o *eval.ValidateOptions) *scoredShare {
	s := &scoredShare{ctx: ctx, pairs: pairs, group: j.group}
	if j.group.Size() == 1 {
		return s
	}
	o.Merge = func(err error, sums ...*metrics.Aggregate) error {
		err = j.mergeScores(err, sums...)
		s.merged = err == nil
		return err
	}
	j.group.For("validation")
	s.ctx, s.pairs = j.own, shard.Of(shard.Part{Index: j.group.Rank(), Count: j.group.Size()}, pairs)
	return s
}

// agree tells all ranks how a validation ended on this one. What goes wrong before the
// sums are added, mergeScores tells; what does so behind it (an interrupt while the
// pictures to show are drawn, which one rank alone draws) would else be known to this
// rank alone, and the others would wait for it or take what it says next for theirs.
func (s *scoredShare) agree(err error) error {
	if !s.merged {
		return err
	}
	return s.group.Agree(err)
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
