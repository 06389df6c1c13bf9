package eval

import (
	"cmp"
	"context"
	"image"
	"slices"

	"csnet/data"
	"csnet/internal/imagefile"
	"csnet/internal/page"
	"csnet/internal/parallel"
)

// keptPixels is the most that a picture may have so that its pixels are kept until it is
// known whether it is shown; of larger ones the map is made again.
const keptPixels = 1 << 18

// Shown is a picture of a validation with its map.
type Shown struct {
	Stem              string
	MaxF, MAE         float64 // of this picture alone, salmetric
	Photo, Truth, Map page.Picture
}

// Gallery is the best and the worst pictures of a validation, still to be drawn. The zero
// value is empty.
type Gallery struct {
	shown []scored
	best  int // how many of them are of the best
}

// Empty says whether there are no pictures.
func (g Gallery) Empty() bool { return len(g.shown) == 0 }

// Draw draws the pictures, on so many threads: best and worst, each from the best on.
// Errors: a cancelled ctx.
func (g Gallery) Draw(ctx context.Context, threads int) (best, worst []Shown, err error) {
	all := make([]Shown, len(g.shown))
	encoders := make([]page.Encoder, max(threads, 1))
	err = parallel.Each(ctx, len(encoders), len(all), nil, func(w, i int) (err error) {
		all[i], err = g.shown[i].draw(&encoders[w])
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return all[:g.best], all[g.best:], nil
}

// scored is a picture with its score, and its pixels where they are kept.
type scored struct {
	at        int // in the list of pairs
	stem      string
	maxF, mae float64

	pictures func() (photo, truth, made image.Image) // nil: its pixels are not kept
}

// byScore orders pictures from the best on, equals as they are listed.
func byScore(a, b scored) int { return cmp.Or(cmp.Compare(b.maxF, a.maxF), cmp.Compare(a.at, b.at)) }

func (s *scored) draw(e *page.Encoder) (Shown, error) {
	out := Shown{Stem: s.stem, MaxF: s.maxF, MAE: s.mae}
	photo, truth, made := s.pictures()
	var err error
	if out.Photo, err = e.Photo(photo, thumbSide); err != nil {
		return out, err
	}
	if out.Truth, err = e.Map(truth, thumbSide); err != nil {
		return out, err
	}
	out.Map, err = e.Map(made, thumbSide)
	return out, err
}

// finalists are the n best and the n worst of the pictures that a worker has scored.
type finalists struct {
	n           int
	best, worst []scored // from the best on
}

// wants says whether a picture would be among them.
func (f *finalists) wants(s scored) bool {
	return f.n > 0 && (len(f.best) < f.n || byScore(s, f.best[f.n-1]) < 0 || byScore(f.worst[0], s) < 0)
}

// add adds a picture that is.
func (f *finalists) add(s scored) {
	f.best, f.worst = insert(f.best, s), insert(f.worst, s)
	if len(f.best) > f.n {
		f.best = slices.Delete(f.best, f.n, f.n+1)
		f.worst = slices.Delete(f.worst, 0, 1)
	}
}

func insert(list []scored, s scored) []scored {
	i, _ := slices.BinarySearchFunc(list, s, byScore)
	return slices.Insert(list, i, s)
}

// pick gives the n best and the n worst of what all workers found, of few pictures fewer,
// none twice. Pictures whose pixels are not kept are read, and their maps made, again.
func pick(ctx context.Context, workers []validator, pairs []data.Pair, n int) (Gallery, error) {
	var all []scored
	for i := range workers {
		all = append(append(all, workers[i].finalists.best...), workers[i].finalists.worst...)
	}
	slices.SortFunc(all, byScore)
	all = slices.CompactFunc(all, func(a, b scored) bool { return a.at == b.at })
	n = min(n, (len(all)+1)/2)
	if n < len(all)-n {
		all = slices.Delete(all, n, len(all)-n)
	}
	err := parallel.Each(ctx, len(workers), len(all), nil, func(w, k int) error {
		if all[k].pictures != nil {
			return nil
		}
		return workers[w].again(pairs[all[k].at], &all[k])
	})
	return Gallery{all, n}, err
}

// rank notes the picture scored last, photo and truth with its map, where it may be one
// to show. Where its mask is empty it is none, for maxF counts such a mask as found
// whatever the map is.
func (v *validator) rank(at int, pair data.Pair, photo *data.Photo, mask *data.Mask) {
	s := v.image.Scores().SalMetric
	if v.finalists.n == 0 || v.image.Foreground == 0 || s == nil {
		return
	}
	found := scored{at: at, stem: pair.Stem, maxF: s.MaxF, mae: s.MAE}
	if !v.finalists.wants(found) {
		return
	}
	if mask.W*mask.H <= keptPixels {
		pix := slices.Clone(v.pix)
		v.reader.Keep()
		found.pictures = func() (_, _, _ image.Image) {
			return photoThumb(photo), greyThumb(mask.Pix, mask.W, mask.H), greyThumb(pix, mask.W, mask.H)
		}
	}
	v.finalists.add(found)
}

// again makes the map of a picture again. Photo, truth and map are kept as small as they
// are shown.
func (v *validator) again(pair data.Pair, s *scored) error {
	free := v.hold(pair)
	defer free()
	photo, mask, _, err := v.reader.Read(pair)
	if err != nil {
		return err
	}
	if err := v.scoreMap(photo, mask); err != nil {
		return err
	}
	v.reader.Keep()
	seen, truth := photoThumb(photo), greyThumb(mask.Pix, mask.W, mask.H)
	made := greyThumb(slices.Clone(v.pix), mask.W, mask.H)
	s.pictures = func() (_, _, _ image.Image) { return seen, truth, made }
	return nil
}

// photoThumb is a photo as small as it is shown.
func photoThumb(p *data.Photo) image.Image {
	pix, w, h := thumb(p.Pix, p.W, p.H, 3)
	return (&data.Photo{W: w, H: h, Pix: pix}).Image()
}

// greyThumb is a map or a mask as small as it is shown; one that is not large is pix itself.
func greyThumb(pix []uint8, w, h int) image.Image {
	return greyImage(thumb(pix, w, h, 1))
}

// thumb reduces a picture of channels bytes a pixel.
func thumb(pix []uint8, w, h, channels int) ([]uint8, int, int) {
	tw, th := imagefile.Fitting(w, h, thumbSide)
	if tw == w && th == h {
		return pix, w, h
	}
	small := make([]uint8, channels*tw*th)
	imagefile.Area(small, tw, th, channels, pix, w, h)
	return small, tw, th
}
