// Command reducecheck measures what decoding JPEG photos at a reduced scale does to
// their maps: every photo of a folder is decoded so as predict does it, and in full and
// then reduced by area to the same size. It prints how far the two maps lie apart, in
// levels of 255, photo by photo and on average.
//
// Usage: go run ./scripts/reducecheck CHECKPOINT FOLDER
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/imagefile"
	"csnet/internal/saliency"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: reducecheck CHECKPOINT FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "reducecheck:", err)
		os.Exit(1)
	}
}

func run(path, dir string) error {
	c, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.jp*g"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("%s: has no JPEG photo", dir)
	}
	net := graph.NewPredictor(c.Spec, c.Params, 1)
	defer func() { _ = net.Close() }()
	p := saliency.Predictor{Net: net, Size: 224}
	sum := 0.0
	for _, name := range names {
		apart, err := compare(&p, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("%-24s %.3f\n", filepath.Base(name), apart)
		sum += apart
	}
	fmt.Printf("%-24s %.3f levels of 255\n", fmt.Sprintf("mean of %d photos", len(names)), sum/float64(len(names)))
	return nil
}

// compare gives the mean absolute difference of a photo's two maps at its own size.
func compare(p *saliency.Predictor, name string) (float64, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	f, err := imagefile.Open(raw)
	if err != nil {
		return 0, err
	}
	quick, err := saliency.See(f)
	if err != nil {
		return 0, err
	}
	img, err := f.Decode()
	if err != nil {
		return 0, err
	}
	full := saliency.SeeImage(imagefile.UprightImage(img, f.Orientation))
	w, h := f.Size()
	var maps [2][]uint8
	for i, photo := range []*data.Photo{quick, full} {
		prob, err := p.Prob(photo)
		if err != nil {
			return 0, err
		}
		maps[i] = data.Restore(nil, w, h, prob, p.Size)
	}
	apart := 0
	for i, v := range maps[0] {
		apart += max(int(v)-int(maps[1][i]), int(maps[1][i])-int(v))
	}
	return float64(apart) / float64(w*h), nil
}
