package eval

import (
	"context"
	"fmt"

	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/parallel"
	"csnet/metrics"
)

// ValidateDrawn scores maps that do not look at the photos, one kind for each of draws,
// on the masks of pairs, each of which is read once. The results stand in the order of
// draws. Errors are those of Validate.
func ValidateDrawn(ctx context.Context, pairs []data.Pair, draws []Drawer, o ValidateOptions) ([]Validation, error) {
	if o.Threads < 1 {
		return nil, fmt.Errorf("eval: threads is %d, must be at least 1", o.Threads)
	}
	workers := make([]drawnValidator, min(o.Threads, max(len(pairs), 1)))
	room := imagefile.NewRoom(imagefile.RoomBytes, 0)
	for i := range workers {
		workers[i] = drawnValidator{draws: draws, each: make([]validator, len(draws))}
		workers[i].room, workers[i].protocol, workers[i].scorer = room, o.protocol(), metrics.NewScorer()
	}
	err := parallel.Each(ctx, len(workers), len(pairs), o.Progress, func(w, i int) error { return workers[w].score(pairs[i]) })
	all := make([]validator, len(draws))
	sums := make([]*metrics.Aggregate, 0, 2*len(draws))
	for k := range all {
		for i := range workers {
			all[k].merge(&workers[i].each[k])
		}
		sums = append(sums, &all[k].sum, &all[k].objects)
	}
	if o.Merge != nil {
		err = o.Merge(err, sums...)
	}
	out := make([]Validation, len(draws))
	for k := 0; k < len(all) && err == nil; k++ {
		out[k], err = all[k].result()
	}
	if err != nil {
		return nil, fmt.Errorf("validation: %w", err)
	}
	return out, nil
}

// drawnValidator scores what each of draws makes of the masks of pairs.
type drawnValidator struct {
	validator // what reads and scores a picture
	draws     []Drawer
	each      []validator // whose sums are those of a drawer
}

func (d *drawnValidator) score(pair data.Pair) error {
	free := d.hold(pair)
	defer free()
	mask, err := d.reader.Truth(pair)
	if err != nil {
		return err
	}
	for k, draw := range d.draws {
		d.pix = draw(d.pix, mask.W, mask.H)
		if err := d.scorer.Score(d.pix, mask.Pix, mask.W, mask.H, d.protocol, &d.image); err != nil {
			return err
		}
		d.each[k].add(&d.image)
	}
	return nil
}
