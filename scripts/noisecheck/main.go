// Command noisecheck measures whether a net finds in a large photo what it finds in the
// same photo at the size that it was trained on. Every fifth photo of a set is enlarged
// eight times (bicubic), noise of -6 to 6 levels is added to every sample, and it is
// packed as a JPEG of quality 90, all in memory; its map is made as csnet predict
// --save-size makes it, at the size of the mask. Beside it stands the score of the
// photos as they are. It fails where large photos score worse by more than .002.
//
// Usage: go run ./scripts/noisecheck CHECKPOINT SET
package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"

	"golang.org/x/image/draw"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/imagefile"
	"csnet/internal/saliency"
	"csnet/metrics"
)

const (
	every   = 5 // photo of the set
	times   = 8
	noise   = 6
	quality = 90
	slack   = .002
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: noisecheck CHECKPOINT SET")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "noisecheck:", err)
		os.Exit(1)
	}
}

func run(path, dir string) error {
	c, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	set, err := data.Find(dir)
	if err != nil {
		return err
	}
	net := graph.NewPredictor(c.Spec, c.Params, 1)
	defer func() { _ = net.Close() }()
	check := &scores{net: saliency.Predictor{Net: net, Size: 224}, scorer: metrics.NewScorer()}
	for i := 0; i < len(set.Pairs); i += every {
		photo, mask, _, err := data.ReadPair(set.Pairs[i])
		if err != nil {
			return err
		}
		large, err := enlarged(photo, uint64(i))
		if err != nil {
			return err
		}
		for k, p := range []*data.Photo{photo, large} {
			if err := check.add(k, p, mask); err != nil {
				return fmt.Errorf("%s: %w", set.Pairs[i].Image, err)
			}
		}
		fmt.Fprintf(os.Stderr, "\r%d of %d photos", i/every+1, (len(set.Pairs)+every-1)/every)
	}
	fmt.Fprintln(os.Stderr)
	as, in := check.all[0].Result().SalMetric, check.all[1].Result().SalMetric
	fmt.Printf("%d photos                        maxF    MAE\n", check.all[0].Images())
	fmt.Printf("as they are                      %.4f  %.4f\n", as.MaxF, as.MAE)
	fmt.Printf("%d times as large, with noise     %.4f  %.4f\n", times, in.MaxF, in.MAE)
	if in.MaxF < as.MaxF-slack || in.MAE > as.MAE+slack {
		return errors.New("large photos score worse by more than .002")
	}
	return nil
}

// enlarged is what the net sees of the photo made large and noisy.
func enlarged(p *data.Photo, seed uint64) (*data.Photo, error) {
	small := image.NewRGBA(image.Rect(0, 0, p.W, p.H))
	for i := range p.W * p.H {
		copy(small.Pix[4*i:4*i+3], p.Pix[3*i:])
		small.Pix[4*i+3] = 255
	}
	large := image.NewRGBA(image.Rect(0, 0, times*p.W, times*p.H))
	draw.CatmullRom.Scale(large, large.Rect, small, small.Rect, draw.Src, nil)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range large.Pix {
		if i%4 < 3 {
			large.Pix[i] = uint8(min(max(int(large.Pix[i])+r.IntN(2*noise+1)-noise, 0), 255))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, large, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	f, err := imagefile.Open(b.Bytes())
	if err != nil {
		return nil, err
	}
	return saliency.See(f)
}

// scores are those of the photos as they are, and of the large ones.
type scores struct {
	net    saliency.Predictor
	scorer *metrics.Scorer
	image  metrics.Image
	all    [2]metrics.Aggregate
}

func (s *scores) add(k int, photo *data.Photo, mask *data.Mask) error {
	prob, err := s.net.Prob(photo)
	if err != nil {
		return err
	}
	rows, pix := saliency.Plain(prob, s.net.Size, mask.W, mask.H), make([]uint8, mask.W*mask.H)
	for y := range mask.H {
		rows.Bytes(pix[y*mask.W:(y+1)*mask.W], y)
	}
	if err := s.scorer.Score(pix, mask.Pix, mask.W, mask.H, metrics.SalMetric, &s.image); err != nil {
		return err
	}
	s.all[k].Add(&s.image)
	return nil
}
