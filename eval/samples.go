package eval

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"sort"

	"golang.org/x/image/draw"

	"csnet/data"
	"csnet/metrics"
)

// samplesPerGroup is how many images a report shows as best, median and worst.
const samplesPerGroup = 6

// thumbSide bounds both sides of a report's pictures, in pixels.
const thumbSide = 240

// Sample is an image shown in the report.
type Sample struct {
	Group  string // best, median or worst
	Stem   string
	Scores metrics.Scores
	Photo  []byte // JPEG; nil when the set has no photos
	Truth  []byte // PNG
	Map    []byte // PNG
}

// samples picks the best, median and worst scored images and draws them.
func samples(ctx context.Context, o *Options, t *task, w *worker, scores []ImageScore) ([]Sample, error) {
	var out []Sample
	for _, pick := range pickSamples(o.Protocol, scores) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := w.load(t, t.items[pick.index], true)
		if err != nil {
			return nil, fmt.Errorf("eval: %s was read before, not now: %w", t.items[pick.index].mask, err)
		}
		s := Sample{Group: pick.group, Stem: scores[pick.index].Stem, Scores: scores[pick.index].Scores}
		if p.photo != nil {
			if s.Photo, err = photoThumb(p.photo); err != nil {
				return nil, err
			}
		}
		if s.Truth, err = greyThumb(p.mask.Pix, p.mask.W, p.mask.H); err != nil {
			return nil, err
		}
		if s.Map, err = greyThumb(p.pred, p.mask.W, p.mask.H); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

type pick struct {
	group string
	index int
}

// rankOf is the measure by which images are called best and worst.
func rankOf(p metrics.Protocol) (metrics.Protocol, string) {
	if p.Has(metrics.PySOD) {
		return metrics.PySOD, "Sm"
	}
	return metrics.SalMetric, "maxF"
}

// pickSamples ranks by Sm (pysod) or maxF (salmetric), equals by index. Small
// sets give fewer, none twice.
func pickSamples(p metrics.Protocol, scores []ImageScore) []pick {
	protocol, measure := rankOf(p)
	var order []int
	value := make([]float64, len(scores))
	for i, s := range scores {
		v, ok := s.Scores.Value(protocol, measure)
		if ok && s.Err == nil {
			value[i] = v
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return value[order[a]] > value[order[b]] })
	n := len(order)
	k := min(samplesPerGroup, (n+2)/3)
	var out []pick
	add := func(group string, from, to int) {
		for _, i := range order[from:to] {
			out = append(out, pick{group, i})
		}
	}
	add("best", 0, min(k, n))
	worst := max(n-k, min(k, n))
	mid := max(min(k, n), min((n-k)/2, worst-k))
	add("median", mid, min(mid+k, worst))
	add("worst", worst, n)
	return out
}

// thumbSize fits w x h into thumbSide, never enlarging; each side at least 1.
func thumbSize(w, h int) (int, int) {
	longest := max(w, h, thumbSide)
	return max(1, w*thumbSide/longest), max(1, h*thumbSide/longest)
}

func photoThumb(p *data.Photo) ([]byte, error) {
	src := image.NewRGBA(image.Rect(0, 0, p.W, p.H))
	for i := range p.W * p.H {
		copy(src.Pix[4*i:], p.Pix[3*i:3*i+3])
		src.Pix[4*i+3] = 255
	}
	w, h := thumbSize(p.W, p.H)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(dst, dst.Rect, src, src.Rect, draw.Src, nil)
	var b bytes.Buffer
	err := jpeg.Encode(&b, dst, &jpeg.Options{Quality: 80})
	return b.Bytes(), err
}

func greyThumb(pix []uint8, w, h int) ([]byte, error) {
	src := &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	tw, th := thumbSize(w, h)
	dst := image.NewGray(image.Rect(0, 0, tw, th))
	draw.ApproxBiLinear.Scale(dst, dst.Rect, src, src.Rect, draw.Src, nil)
	var b bytes.Buffer
	err := png.Encode(&b, dst)
	return b.Bytes(), err
}
