package eval

import (
	"cmp"
	"context"
	"slices"

	"csnet/data"
	"csnet/internal/page"
	"csnet/internal/parallel"
)

// Shown is a picture of a validation with its map.
type Shown struct {
	Stem              string
	MaxF, MAE         float64 // of this picture alone, salmetric
	Photo, Truth, Map page.Picture
}

// rank is the score of the picture scored last; none where its mask is empty, for
// maxF counts such a mask as found whatever the map is.
func (v *validator) rank(pair data.Pair) ranked {
	s := v.image.Scores().SalMetric
	if v.image.Foreground == 0 || s == nil {
		return ranked{}
	}
	return ranked{stem: pair.Stem, mean: s.MaxF}
}

// show draws the n best and the n worst pictures of those that have a rank, one on
// each worker at a time; of few pictures fewer, none twice.
func show(ctx context.Context, workers []validator, pairs []data.Pair, scores []ranked, n int) (best, worst []Shown, err error) {
	var order []int
	for i, s := range scores {
		if s.stem != "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b].mean, scores[a].mean) })
	n = min(n, (len(order)+1)/2)
	if n < len(order)-n {
		order = slices.Delete(order, n, len(order)-n)
	}
	shown := make([]Shown, len(order))
	err = parallel.Each(ctx, len(workers), len(order), nil, func(w, k int) (err error) {
		shown[k], err = workers[w].draw1(pairs[order[k]])
		return err
	})
	return shown[:n], shown[n:], err
}

// draw1 makes a picture's map again and draws it.
func (v *validator) draw1(pair data.Pair) (Shown, error) {
	s := Shown{Stem: pair.Stem}
	free := v.hold(pair)
	defer free()
	photo, mask, _, err := data.ReadPair(pair)
	if err != nil {
		return s, err
	}
	if err := v.scoreMap(photo, mask); err != nil {
		return s, err
	}
	if scores := v.image.Scores().SalMetric; scores != nil {
		s.MaxF, s.MAE = scores.MaxF, scores.MAE
	}
	if s.Photo, err = page.Photo(photo.Image(), thumbSide); err != nil {
		return s, err
	}
	if s.Truth, err = page.Map(greyImage(mask.Pix, mask.W, mask.H), thumbSide); err != nil {
		return s, err
	}
	s.Map, err = page.Map(greyImage(v.pix, mask.W, mask.H), thumbSide)
	return s, err
}
