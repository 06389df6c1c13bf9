package data

import (
	"context"
	"slices"
	"sync/atomic"

	"csnet/internal/parallel"
)

// HeatSide is the side of the mean mask of Stats, in cells.
const HeatSide = 128

// Statistics describes a data set.
type Statistics struct {
	Pairs      int        `json:"pairs"`
	Width      Spread     `json:"width"`      // of the photos, pixels
	Height     Spread     `json:"height"`     // pixels
	Foreground Spread     `json:"foreground"` // share of a mask's pixels above 128
	Histogram  [10]int    `json:"foreground_histogram"`
	Graded     int        `json:"graded_masks"` // masks with other values than 0 and 255
	Centre     [2]float64 `json:"centre"`       // mean centre of the foreground, x and y, 0..1
	CentreBias float64    `json:"centre_bias"`  // share of all foreground in the middle quarter; 0.25 = no bias

	heat [HeatSide * HeatSide]float64 // mean mask, 0..1
}

// Spread tells how a figure is distributed.
type Spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Mean   float64 `json:"mean"`
	Max    float64 `json:"max"`
}

// one is what Stats keeps of a pair.
type one struct {
	w, h, share float64
	x, y        float64 // centre of the foreground, 0..1
	all, middle float64 // mean of the mask, 0..1, and what the middle quarter adds to it
	graded      bool
}

// Stats reads every pair of a set and describes photos and masks; it gives the
// same figures for any number of threads. progress may be nil. Errors: no pairs; a
// pair that cannot be read, named (Check lists them all); a cancelled ctx.
func Stats(ctx context.Context, set Set, progress func(done, total int)) (*Statistics, error) {
	n := len(set.Pairs)
	if n == 0 {
		return nil, noPairs(set.Dir)
	}
	ones := make([]one, n)
	readers, room := make([]reader, parallel.Workers(n)), newRoom()
	samplers := make([]sampler, len(readers))
	cells := make([][]float32, len(readers))
	var heat [HeatSide * HeatSide]atomic.Int64 // whole numbers, so that the order of adding does not matter
	err := parallel.Each(ctx, len(readers), n, progress, func(worker, i int) error {
		p := set.Pairs[i]
		defer readers[worker].hold(room, 0, p.Image, p.Mask)()
		photo, mask, _, err := readers[worker].readPair(p)
		if err != nil {
			return err
		}
		ones[i] = measure(photo, mask)
		cells[worker] = resized(cells[worker], HeatSide*HeatSide)
		samplers[worker].mask(cells[worker], mask, window{w: mask.W, h: mask.H}, HeatSide)
		for k, v := range cells[worker] {
			heat[k].Add(int64(v * (1 << 24)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := summarise(ones)
	for k := range heat {
		s.heat[k] = float64(heat[k].Load()) / (1 << 24) / float64(n)
	}
	return s, nil
}

// measure takes the figures of one pair.
func measure(photo *Photo, mask *Mask) one {
	o := one{w: float64(photo.W), h: float64(photo.H)}
	var n, sx, sy float64
	for y := range mask.H {
		midRow := 4*y+2 >= mask.H && 4*y+2 < 3*mask.H
		for x, v := range mask.Pix[y*mask.W : (y+1)*mask.W] {
			if v != 0 && v != 255 {
				o.graded = true
			}
			o.all += float64(v)
			if midRow && 4*x+2 >= mask.W && 4*x+2 < 3*mask.W {
				o.middle += float64(v)
			}
			if v > 128 {
				n++
				sx += float64(x) + 0.5
				sy += float64(y) + 0.5
			}
		}
	}
	pixels := float64(len(mask.Pix))
	o.share, o.all, o.middle = n/pixels, o.all/255/pixels, o.middle/255/pixels
	if n > 0 {
		o.x, o.y = sx/n/o.w, sy/n/o.h
	}
	return o
}

func summarise(ones []one) *Statistics {
	s := &Statistics{Pairs: len(ones)}
	pick := func(f func(one) float64) Spread {
		v := make([]float64, len(ones))
		for i, o := range ones {
			v[i] = f(o)
		}
		return spread(v)
	}
	s.Width = pick(func(o one) float64 { return o.w })
	s.Height = pick(func(o one) float64 { return o.h })
	s.Foreground = pick(func(o one) float64 { return o.share })
	full, all, middle := 0.0, 0.0, 0.0
	for _, o := range ones {
		all, middle = all+o.all, middle+o.middle
		s.Histogram[min(int(o.share*10), 9)]++
		if o.graded {
			s.Graded++
		}
		if o.share > 0 {
			full++
			s.Centre[0] += o.x
			s.Centre[1] += o.y
		}
	}
	if full > 0 {
		s.Centre[0] /= full
		s.Centre[1] /= full
	}
	if all > 0 {
		s.CentreBias = middle / all
	}
	return s
}

// spread sorts v and describes it.
func spread(v []float64) Spread {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	slices.Sort(v)
	n := len(v)
	return Spread{v[0], (v[(n-1)/2] + v[n/2]) / 2, sum / float64(n), v[n-1]}
}

// Heat is the mean mask, 0..1, as HeatSide rows of HeatSide cells from the top left:
// how often there is foreground in each part of a picture, whatever its size.
func (s *Statistics) Heat() []float64 { return slices.Clone(s.heat[:]) }
