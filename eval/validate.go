package eval

import (
	"context"
	"fmt"

	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/parallel"
	"csnet/metrics"
)

// ValidateOptions of Validate and ValidateDrawn; the latter has no use for NewNet, Size,
// Reduce and Show.
type ValidateOptions struct {
	NewNet   func() (Net, error) // makes a net for one worker
	Size     int                 // side of the net's input, pixels
	Reduce   bool                // photos of more than saliency.Side pixels are reduced by area first
	WF       bool                // the weighted F too, which takes longer
	Threads  int                 // workers, at least 1
	Show     int                 // pictures to keep with their maps, of the best and of the worst; 0: none
	Progress func(done, total int)
	// Merge is called once, when the pairs are scored or err has kept that from being
	// done (a net that cannot be made, a file, the end of ctx), and adds
	// to the sums (over all pairs, over those whose mask is not empty) what others
	// have scored; nil: there are no others. Its error ends the validation.
	Merge func(err error, sums ...*metrics.Aggregate) error
}

// Validation is what Validate finds, under the salmetric protocol but for WF.
type Validation struct {
	metrics.SalMetricScores
	Pictures int
	Empty    int                      // of them, with an empty mask
	Objects  *metrics.SalMetricScores // over the pictures whose mask is not empty; nil where none is
	WF       float64                  // weighted F (pysod), where it was asked for

	Gallery Gallery // the best and the worst by maxF; with ValidateOptions.Show
}

// Validate scores a net on pairs, one image at a time on each thread: the score of
// an epoch. The digits do not depend on the number of threads. The first file that
// cannot be read ends it, and so do a failing net and a cancelled ctx.
func Validate(ctx context.Context, pairs []data.Pair, o ValidateOptions) (Validation, error) {
	if o.Threads < 1 {
		return Validation{}, fmt.Errorf("eval: threads is %d, must be at least 1", o.Threads)
	}
	workers := make([]validator, min(o.Threads, max(len(pairs), 1)))
	defer func() {
		for i := range workers {
			workers[i].close()
		}
	}()
	err := o.begin(workers)
	if err == nil {
		err = parallel.Each(ctx, len(workers), len(pairs), o.Progress, func(w, i int) error {
			return workers[w].score(i, pairs[i])
		})
	}
	var all validator
	for i := range workers {
		all.merge(&workers[i])
	}
	if o.Merge != nil {
		err = o.Merge(err, &all.sum, &all.objects)
	}
	if err != nil {
		return Validation{}, fmt.Errorf("validation: %w", err)
	}
	out, err := all.result()
	if err == nil && o.Show > 0 {
		out.Gallery, err = pick(ctx, workers, pairs, o.Show)
	}
	return out, err
}

// begin makes the workers' nets and what they share.
func (o ValidateOptions) begin(workers []validator) error {
	room := imagefile.NewRoom(imagefile.RoomBytes, 0)
	for i := range workers {
		workers[i].room, workers[i].protocol, workers[i].scorer = room, o.protocol(), metrics.NewScorer()
		workers[i].finalists.n = o.Show
		net, err := o.NewNet()
		if err != nil {
			return err
		}
		workers[i].predict = Predictor{Net: net, Size: o.Size, Reduce: o.Reduce}
	}
	return nil
}

// protocol is what pictures are scored under.
func (o ValidateOptions) protocol() metrics.Protocol {
	if o.WF {
		return metrics.Both
	}
	return metrics.SalMetric
}

// validator scores pairs in its own buffers.
type validator struct {
	predict  Predictor
	protocol metrics.Protocol
	scorer   *metrics.Scorer
	room     *imagefile.Room // shared by all validators
	reader   data.PairReader
	image    metrics.Image
	pix      []uint8

	sum, objects metrics.Aggregate // objects: over masks that are not empty
	finalists    finalists
}

// score scores the pair at a place of the list.
func (v *validator) score(at int, pair data.Pair) error {
	free := v.hold(pair)
	defer free()
	photo, mask, _, err := v.reader.Read(pair)
	if err != nil {
		return err
	}
	if err := v.scoreMap(photo, mask); err != nil {
		return err
	}
	v.add(&v.image)
	v.rank(at, pair, photo, mask)
	return nil
}

// add adds a picture's terms to the sums.
func (v *validator) add(image *metrics.Image) {
	v.sum.Add(image)
	if image.Foreground > 0 {
		v.objects.Add(image)
	}
}

// hold waits until there is memory to decode the pair; free gives it back.
func (v *validator) hold(pair data.Pair) (free func()) {
	release, large := data.Hold(v.room, scoreBytes, pair.Image, pair.Mask)
	return func() {
		if large {
			v.pix, v.scorer, v.reader = nil, metrics.NewScorer(), data.PairReader{}
		}
		release()
	}
}

// scoreMap makes the map of a photo and fills v.image with its terms.
func (v *validator) scoreMap(photo *data.Photo, mask *data.Mask) (err error) {
	if v.pix, err = v.predict.Map(v.pix, photo); err != nil {
		return err
	}
	return v.scorer.Score(v.pix, mask.Pix, mask.W, mask.H, v.protocol, &v.image)
}

func (v *validator) merge(o *validator) {
	v.sum.Merge(&o.sum)
	v.objects.Merge(&o.objects)
}

func (v *validator) result() (Validation, error) {
	r, objects := v.sum.Result(), v.objects.Result()
	if r.Scores.SalMetric == nil {
		return Validation{}, fmt.Errorf("validation: no picture to score")
	}
	out := Validation{SalMetricScores: *r.Scores.SalMetric, Pictures: r.Images, Empty: r.Images - objects.Images}
	if out.Empty > 0 {
		out.Objects = objects.Scores.SalMetric
	}
	if r.Scores.PySOD != nil {
		out.WF = r.Scores.PySOD.WF
	}
	return out, nil
}

func (v *validator) close() {
	if v.predict.Net != nil {
		_ = v.predict.Net.Close()
	}
}
