// Command refinecheck measures what sharpening maps along the photo's edges does:
// maxF and MAE (salmetric) and the MAE within 5 pixels of the masks' borders, with
// and without. Usage: refinecheck CHECKPOINT SET [RADIUS,EPS]...
package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/refine"
	"csnet/metrics"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "refinecheck:", err)
		os.Exit(1)
	}
}

// side is the net's input; border is how far from a mask's border the third
// figure looks, in pixels.
const (
	side   = 224
	border = 5
)

// way is one way to make the map, and its scores.
type way struct {
	name       string
	options    *refine.Options // nil: the map as it is
	sum        metrics.Aggregate
	near, seen float64
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: refinecheck CHECKPOINT SET [RADIUS,EPS]...")
	}
	c, err := checkpoint.Load(args[0])
	if err != nil {
		return err
	}
	set, err := data.Find(args[1])
	if err != nil {
		return err
	}
	ways := []*way{{name: "as it is"}, {name: "refined", options: &refine.Options{}}}
	for _, a := range args[2:] {
		var o refine.Options
		if _, err := fmt.Sscanf(strings.ReplaceAll(a, ",", " "), "%d %g", &o.Radius, &o.Eps); err != nil {
			return fmt.Errorf("%q is no RADIUS,EPS: %w", a, err)
		}
		ways = append(ways, &way{name: a, options: &o})
	}
	net := graph.NewPredictor(c.Spec, c.Params, 2)
	defer net.Close()
	scorer := metrics.NewScorer()
	for _, pair := range set.Pairs {
		photo, mask, _, err := data.ReadPair(pair)
		if err != nil {
			return err
		}
		if err := score(ways, net, scorer, photo, mask); err != nil {
			return fmt.Errorf("%s: %w", pair.Image, err)
		}
	}
	fmt.Printf("%-14s %8s %8s %8s\n", "", "maxF", "MAE", "near")
	for _, w := range ways {
		s := w.sum.Result().Scores.SalMetric
		fmt.Printf("%-14s %8.4f %8.4f %8.4f\n", w.name, s.MaxF, s.MAE, w.near/w.seen)
	}
	return nil
}

// score adds one photo to all ways.
func score(ways []*way, net *graph.Predictor, scorer *metrics.Scorer, photo *data.Photo, mask *data.Mask) error {
	x := make([]float32, 3*side*side)
	data.Input(x, photo, side)
	logits, err := net.Logits(x, side, side)
	if err != nil {
		return err
	}
	prob := make([]float32, len(logits))
	for i, z := range logits {
		prob[i] = float32(1 / (1 + math.Exp(-float64(z))))
	}
	zone := nearBorder(mask)
	for _, w := range ways {
		m := data.Restore(nil, photo.W, photo.H, prob, side)
		if w.options != nil {
			z, p := make([]float32, len(prob)), make([]float32, photo.W*photo.H)
			refine.Scores(z, prob)
			data.Resize(p, photo.W, photo.H, z, side, side, 1)
			f, err := refine.New(p, photo.Pix, photo.W, photo.H, *w.options)
			if err != nil {
				return err
			}
			if err := f.Apply(m, photo.Pix, photo.W, photo.H, 0, photo.H); err != nil {
				return err
			}
		}
		var image metrics.Image
		if err := scorer.Score(m, mask.Pix, mask.W, mask.H, metrics.SalMetric, &image); err != nil {
			return err
		}
		w.sum.Add(&image)
		for i, in := range zone {
			if in {
				w.near += math.Abs(float64(m[i])-float64(mask.Pix[i])) / 255
				w.seen++
			}
		}
	}
	return nil
}

// nearBorder marks the pixels with foreground and background within 5 pixels.
func nearBorder(m *data.Mask) []bool {
	zone := make([]bool, len(m.Pix))
	for i := range zone {
		x, y := i%m.W, i/m.W
		fore, back := false, false
		for yy := max(y-border, 0); yy <= min(y+border, m.H-1); yy++ {
			for xx := max(x-border, 0); xx <= min(x+border, m.W-1); xx++ {
				if m.Pix[yy*m.W+xx] > 128 {
					fore = true
				} else {
					back = true
				}
			}
		}
		zone[i] = fore && back
	}
	return zone
}
