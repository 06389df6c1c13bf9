package metrics

import (
	"math"
	"testing"
)

// drawn is a 400x300 pair: a wavy blob and a soft, noisy map of it.
func drawn() (pred, mask []uint8, w, h int) {
	w, h = 400, 300
	pred, mask = make([]uint8, w*h), make([]uint8, w*h)
	for y := range h {
		for x := range w {
			dx, dy := float64(x-190)/110, float64(y-160)/80
			r := math.Hypot(dx, dy) - 0.2*math.Sin(5*math.Atan2(dy, dx))
			if r < 1 {
				mask[y*w+x] = 255
			}
			noise := 0.1 * (1 + math.Sin(float64(x)/17)*math.Cos(float64(y)/23))
			pred[y*w+x] = uint8(255 * min(1, noise+1/(1+math.Exp(9*(r-1)))))
		}
	}
	return pred, mask, w, h
}

func BenchmarkScore(b *testing.B) {
	pred, mask, w, h := drawn()
	for _, p := range []Protocol{SalMetric, PySOD, Both} {
		b.Run(string(p), func(b *testing.B) {
			s, agg := NewScorer(), Aggregate{}
			var im Image
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Score(pred, mask, w, h, p, &im); err != nil {
					b.Fatal(err)
				}
				agg.Add(&im)
			}
		})
	}
}
