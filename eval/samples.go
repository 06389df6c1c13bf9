package eval

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sort"

	"csnet/internal/page"
	"csnet/metrics"
)

// How many photos a report shows of each group, and of one where a single method
// is scored.
const (
	samplesPerGroup = 4
	samplesOfOne    = 6
)

// thumbSide bounds both sides of a report's pictures, in pixels.
const thumbSide = 240

// Sample is a photo of a set, shown with the maps of all methods side by side.
type Sample struct {
	Group string // best, median, worst or differ
	Stem  string
	Photo page.Picture // none when the set has no photos
	Truth page.Picture
	Maps  []page.Picture // one per method of Report.shown; none where the method has no map
}

// shown are the methods whose maps a report shows: all but the baselines, whose maps
// are the same for every photo, unless there are only such.
func (r *Report) shown() []int {
	var nets, all []int
	for i, m := range r.Methods {
		all = append(all, i)
		if m.Kind != "baseline" {
			nets = append(nets, i)
		}
	}
	if len(nets) > 0 {
		return nets
	}
	return all
}

// addSamples picks photos of every set and draws them. Each method's net is made
// once more for that, for one worker.
func (r *Report) addSamples(ctx context.Context, o *Options, tasks [][]*task) error {
	r.Samples = make([][]Sample, len(o.Sets))
	for k := range o.Sets {
		r.Samples[k] = r.pickSamples(k)
	}
	for n, i := range r.shown() {
		w, err := newWorker(o, &o.Methods[i], nil)
		if err != nil {
			return err
		}
		for k := range o.Sets {
			if err = r.drawSamples(ctx, w, tasks[i][k], k, n); err != nil {
				break
			}
		}
		w.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// drawSamples adds the maps of the n-th shown method to set k's samples, with photo
// and truth where they are not there yet.
func (r *Report) drawSamples(ctx context.Context, w *worker, t *task, k, n int) error {
	m := &r.Methods[r.shown()[n]].Sets[k]
	items := make(map[string]item, len(t.items))
	for _, it := range t.items {
		items[it.stem] = it
	}
	for i := range r.Samples[k] {
		s := &r.Samples[k][i]
		it, ok := items[s.Stem]
		if score := m.score(s.Stem); !ok || score == nil || score.Err != nil {
			s.Maps = append(s.Maps, page.Picture{})
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := w.load(t, it, len(s.Photo.Data) == 0)
		if err != nil {
			return fmt.Errorf("eval: %s was read before, not now: %w", it.mask, err)
		}
		if err := s.draw(&p); err != nil {
			return err
		}
	}
	return nil
}

// draw adds one method's map, and photo and truth where they are missing.
func (s *Sample) draw(p *picture) error {
	var err error
	if len(s.Photo.Data) == 0 && p.photo != nil {
		if s.Photo, err = page.Photo(p.photo.Image(), thumbSide); err != nil {
			return err
		}
	}
	if len(s.Truth.Data) == 0 {
		if s.Truth, err = page.Map(greyImage(p.mask.Pix, p.mask.W, p.mask.H), thumbSide); err != nil {
			return err
		}
	}
	m, err := page.Map(greyImage(p.pred, p.mask.W, p.mask.H), thumbSide)
	s.Maps = append(s.Maps, m)
	return err
}

func greyImage(pix []uint8, w, h int) *image.Gray {
	return &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
}

// score finds an image's scores, nil when it has none.
func (s *SetReport) score(stem string) *ImageScore {
	i, ok := slices.BinarySearchFunc(s.PerImage, stem, func(im ImageScore, stem string) int {
		switch {
		case im.Stem < stem:
			return -1
		case im.Stem > stem:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &s.PerImage[i]
}

// rankOf is the measure by which images are called best and worst.
func rankOf(p metrics.Protocol) (metrics.Protocol, string) {
	if p.Has(metrics.PySOD) {
		return metrics.PySOD, "Sm"
	}
	return metrics.SalMetric, "maxF"
}

// ranked is an image with its score, the mean over methods, and how far these are
// apart.
type ranked struct {
	stem         string
	mean, spread float64
}

// pickSamples picks photos of set k by Sm (pysod) or maxF (salmetric), the mean over
// the shown methods: the best, those around the median, the worst, and those where
// the methods differ most. Equals go by name; small sets give fewer, none twice.
func (r *Report) pickSamples(k int) []Sample {
	order := r.ranking(k)
	n, per := len(order), samplesPerGroup
	if len(r.shown()) == 1 {
		per = samplesOfOne
	}
	var out []Sample
	taken := make(map[string]bool)
	add := func(group string, from []ranked) {
		for _, x := range from {
			if !taken[x.stem] {
				taken[x.stem] = true
				out = append(out, Sample{Group: group, Stem: x.stem})
			}
		}
	}
	each := min(per, (n+2)/3)
	add("best", order[:min(each, n)])
	worst := max(n-each, min(each, n))
	mid := max(min(each, n), min((n-each)/2, worst-each))
	add("median", order[mid:min(mid+each, worst)])
	add("worst", order[worst:])
	if len(r.shown()) > 1 {
		sort.SliceStable(order, func(a, b int) bool { return order[a].spread > order[b].spread })
		var apart []ranked
		for _, x := range order {
			if len(apart) < per && x.spread > 0 && !taken[x.stem] {
				apart = append(apart, x)
			}
		}
		add("differ", apart)
	}
	return out
}

// ranking lists set k's images that every shown method has scored, or, where there
// are none, those that some have, from best to worst.
func (r *Report) ranking(k int) []ranked {
	protocol, measure := rankOf(r.Protocol)
	values := make(map[string][]float64)
	for _, i := range r.shown() {
		for _, im := range r.Methods[i].Sets[k].PerImage {
			if v, ok := im.Scores.Value(protocol, measure); ok && im.Err == nil {
				values[im.Stem] = append(values[im.Stem], v)
			}
		}
	}
	var common, some []ranked
	for stem, vs := range values {
		x := ranked{stem: stem, spread: slices.Max(vs) - slices.Min(vs)}
		for _, v := range vs {
			x.mean += v / float64(len(vs))
		}
		if some = append(some, x); len(vs) == len(r.shown()) {
			common = append(common, x)
		}
	}
	if len(common) == 0 {
		common = some
	}
	sort.Slice(common, func(a, b int) bool {
		if common[a].mean != common[b].mean {
			return common[a].mean > common[b].mean
		}
		return common[a].stem < common[b].stem
	})
	return common
}
