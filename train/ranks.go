package train

import (
	"context"
	"fmt"
	"math"

	"csnet/internal/dist"
	"csnet/model"
)

// Where several ranks train together, all of them run the same loop on the same
// weights. None may leave it alone: the others would wait for it. So what one rank
// alone knows (an interrupt, a photo that cannot be read, the time) is told to all
// before every step, and all act on it alike.

// ranks is what a run of several ranks has beside the rest.
type ranks struct {
	own context.Context // the rank's: its end is told to the others
	end func()          // ends the context that all ranks share
	now float64         // rank 0's clock before this step
}

// writes says whether this process writes the run's files.
func (r *run) writes() bool { return r.Group.Rank() == 0 }

// together returns the context of the run: ctx, or where there are several ranks one
// that ends when all have agreed to end.
func (r *run) together(ctx context.Context) (context.Context, func()) {
	if r.Group.Size() == 1 {
		return ctx, func() {}
	}
	shared, end := context.WithCancel(context.WithoutCancel(ctx))
	r.ranks = &ranks{own: ctx, end: end}
	return shared, end
}

// agree tells all ranks before a step whether this one can do it: err is what keeps it
// from that. One process alone gets err back.
func (r *run) agree(err error) error {
	if r.ranks == nil {
		return err
	}
	r.Group.At(r.step + 1)
	r.Group.For("before the step")
	if err == nil {
		err = r.ranks.own.Err()
	}
	if err := r.Group.Agree(err); err != nil {
		return err
	}
	r.ranks.now, err = r.Group.Clock(r.Seconds())
	return err
}

// now is the time since the run began, on one clock for all ranks.
func (r *run) now() float64 {
	if r.ranks == nil {
		return r.Seconds()
	}
	return r.ranks.now
}

// drift finds out whether all ranks have the same model and moments, to the bit.
func (r *run) drift() error {
	if r.ranks == nil {
		return nil
	}
	r.Group.For("comparing weights")
	sums := make([]uint64, r.Group.Size())
	sums[r.Group.Rank()] = r.checksum()
	if err := r.Group.Gather(dist.Bytes(sums)); err != nil {
		return err
	}
	for rank, s := range sums {
		if s != sums[0] {
			return fmt.Errorf("train: step %d: ranks have drifted apart: the weights of rank %d are not those of rank 0, though both were trained alike; a memory or processor is at fault, or the network", r.step, rank)
		}
	}
	return nil
}

// checksum is a number of the bits of all weights, statistics and moments (FNV-1a, a
// float at a time).
func (r *run) checksum() uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	add := func(data []float32) {
		for _, v := range data {
			h = (h ^ uint64(math.Float32bits(v))) * prime
		}
	}
	models := []*model.Params{r.Params}
	if r.average != nil {
		models = append(models, r.average.params)
	}
	for _, m := range models {
		for _, t := range m.All() {
			add(t.Data)
		}
	}
	s := r.adam.State()
	for _, t := range r.Params.All() {
		add(s.M[t.Path])
		add(s.V[t.Path])
	}
	return h
}
