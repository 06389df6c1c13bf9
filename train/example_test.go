package train_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/model"
	"csnet/optim"
	"csnet/train"
)

// drawSet writes n photos of 40 x 40 pixels with a white square to dir/images, and their
// masks to dir/masks.
func drawSet(dir string, n int) error {
	for i := range n {
		photo, mask := image.NewNRGBA(image.Rect(0, 0, 40, 40)), image.NewGray(image.Rect(0, 0, 40, 40))
		for y := range 40 {
			for x := range 40 {
				photo.Set(x, y, color.NRGBA{R: uint8(6 * x), G: uint8(6 * y), A: 255})
				if x >= i && x < i+20 && y >= 10 && y < 30 {
					photo.Set(x, y, color.White)
					mask.Set(x, y, color.White)
				}
			}
		}
		for sub, picture := range map[string]image.Image{"images": photo, "masks": mask} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
				return err
			}
			f, err := os.Create(filepath.Join(dir, sub, fmt.Sprintf("%03d.png", i)))
			if err != nil {
				return err
			}
			if err := png.Encode(f, picture); err != nil {
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// smallNet is a net for this page alone; model.DefaultArch is that of the paper.
func smallNet() (model.Spec, *model.Params, error) {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers = 0.2, []int{1, 1, 1}, []float64{1, 1, 1, 1}
	spec, err := a.Spec()
	if err != nil {
		return spec, nil, err
	}
	params, err := spec.NewParams(1)
	return spec, params, err
}

// A run trains a net on a set, keeps a log, and leaves checkpoints, from which it can be
// resumed to the same bits. This one has four steps, and scores nothing on the way.
func ExampleRun() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// step 4 of 4; last.safetensors holds step 4 of a net of 903 parameters
}

func run() error {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := drawSet(filepath.Join(dir, "set"), 8); err != nil {
		return err
	}
	set, err := data.Find(filepath.Join(dir, "set"))
	if err != nil {
		return err
	}
	loader, err := data.NewLoader(data.LoaderOptions{Pairs: set.Pairs, Size: 32, Batch: 4, Seed: 1, Augment: data.Augment{Flip: 0.5}})
	if err != nil {
		return err
	}
	spec, params, err := smallNet()
	if err != nil {
		return err
	}
	out := filepath.Join(dir, "run")
	if err := os.MkdirAll(filepath.Join(out, "checkpoints"), 0o755); err != nil {
		return err
	}
	conf := train.DefaultConfig()
	conf.Batch, conf.Steps = 4, 4
	result, err := train.Run(context.Background(), train.Options{
		Config: conf, Optim: optim.DefaultConfig(), DWD: optim.DefaultDWD(), Spec: spec, Params: params,
		Loader: loader, Sizes: data.SizePlan{Sizes: data.Sizes{32}}, Threads: 2, Dir: out,
		PrunedCost: func(*model.Params) (train.Left, error) { return train.Left{Params: spec.ParamCount()}, nil },
		Seconds:    func() float64 { return 0 }, // a clock, for the log
	})
	if err != nil {
		return err
	}
	c, err := checkpoint.Load(result.LastPath)
	if err != nil {
		return err
	}
	fmt.Printf("step %d of %d; %s holds step %d of a net of %d parameters\n", result.Step, conf.Steps, filepath.Base(result.LastPath), c.Step, c.Spec.ParamCount())
	return nil
}

// A Stepper is the inside of a run, for loops of one's own: batches in, losses out; the
// params are trained in place.
func ExampleStepper() {
	spec, params, err := smallNet()
	if err != nil {
		fmt.Println(err)
		return
	}
	conf := optim.DefaultConfig()
	conf.LR = 1e-2
	s, err := train.NewStepper(spec, params, conf, optim.DefaultDWD(), graph.Options{Batch: 2, H: 32, W: 32, Threads: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	x, y := make([]float32, 2*3*32*32), make([]float32, 2*32*32)
	for i := range y {
		if i%32 < 16 { // the left half is bright, and the foreground
			y[i] = 1
		}
	}
	for i := range x {
		x[i] = y[i%len(y)]
	}
	first, err := s.Step(x, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	last := first
	for range 30 {
		if last, err = s.Step(x, y); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("the loss falls:", last < first)
	// Output:
	// the loss falls: true
}
