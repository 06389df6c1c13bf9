// Command refinecheck measures what sharpening maps along the photos' edges does to
// scores: maxF and MAE as eval has them, and the MAE within 5 pixels of the masks'
// borders, plain and refined, over a set of photos and masks.
//
// Usage: go run ./scripts/refinecheck CHECKPOINT SET
package main

import (
	"fmt"
	"os"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/saliency"
)

// near is how far from a mask's border a pixel may be to count as near it.
const near = 5

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: refinecheck CHECKPOINT SET")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "refinecheck:", err)
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
	p := saliency.Predictor{Net: net, Size: 224}
	var plain, refined score
	for _, pair := range set.Pairs {
		photo, mask, _, err := data.ReadPair(pair)
		if err != nil {
			return err
		}
		prob, err := p.Prob(photo)
		if err != nil {
			return err
		}
		border := nearBorder(mask)
		plain.add(saliency.Plain(prob, p.Size, photo.W, photo.H), mask, border)
		rgb := func(row []uint8, y int) { copy(row, photo.Pix[3*y*photo.W:]) }
		refined.add(saliency.NewEdges(prob, p.Size, photo).Rows(photo.W, photo.H, rgb), mask, border)
	}
	fmt.Printf("%d photos   maxF    MAE    MAE near borders\n", len(set.Pairs))
	fmt.Printf("plain      %s\nrefined    %s\n", &plain, &refined)
	return nil
}

// score adds up what the salmetric protocol and the border want.
type score struct {
	precision, recall [256]float64
	mae, border       float64
	n                 int
}

func (s *score) add(rows saliency.Rows, mask *data.Mask, border []bool) {
	var all, hit [256]float64 // pixels by level, and those of the mask among them
	line := make([]uint8, mask.W)
	truth, sum, sumNear, countNear := 0.0, 0.0, 0.0, 0.0
	for y := range mask.H {
		rows.Bytes(line, y)
		for x, v := range line {
			i := y*mask.W + x
			d := float64(v) - float64(mask.Pix[i])
			d = max(d, -d) / 255
			sum += d
			if border[i] {
				sumNear, countNear = sumNear+d, countNear+1
			}
			all[v]++
			if mask.Pix[i] > 128 {
				hit[v]++
				truth++
			}
		}
	}
	const eps = 1e-4
	above, hits := 0.0, 0.0
	for t := 255; t >= 0; t-- {
		s.precision[t] += (hits + eps) / (above + eps)
		s.recall[t] += (hits + eps) / (truth + eps)
		above, hits = above+all[t], hits+hit[t]
	}
	s.mae += sum / float64(len(mask.Pix))
	s.border += sumNear / max(countNear, 1)
	s.n++
}

func (s *score) String() string {
	best, n := 0.0, float64(s.n)
	for t := range s.precision {
		p, r := s.precision[t]/n, s.recall[t]/n
		best = max(best, 1.3*p*r/(0.3*p+r))
	}
	return fmt.Sprintf("%.4f  %.4f  %.4f", best, s.mae/n, s.border/n)
}

// nearBorder says of each pixel whether one of the other side of the mask is near.
func nearBorder(m *data.Mask) []bool {
	out := make([]bool, len(m.Pix))
	in := func(x, y int) bool { return m.Pix[y*m.W+x] > 128 }
	for i := range out {
		x, y := i%m.W, i/m.W
		for dy := max(-near, -y); dy <= near && y+dy < m.H && !out[i]; dy++ {
			for dx := max(-near, -x); dx <= near && x+dx < m.W; dx++ {
				if dx*dx+dy*dy <= near*near && in(x+dx, y+dy) != in(x, y) {
					out[i] = true
					break
				}
			}
		}
	}
	return out
}
