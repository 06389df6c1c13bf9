package train

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/synth"
	"csnet/model"
	"csnet/optim"
	"csnet/prune"
)

const (
	side     = 32
	batch    = 4
	pictures = 14 // 3 batches an epoch, 2 pictures left out
	perEpoch = pictures / batch
	epochs   = 3
	steps    = epochs * perEpoch
)

// drawn writes a small drawn set.
func drawn(t *testing.T, n int) []data.Pair {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	if err := synth.Write(context.Background(), dir, 1, n, 40, nil); err != nil {
		t.Fatal(err)
	}
	s, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s.Pairs
}

func smallSpec(t *testing.T) model.Spec {
	t.Helper()
	s, err := smallArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func smallArch() model.Arch {
	a := model.DefaultArch()
	a.Width, a.Blocks, a.Multipliers, a.Dilations = 0.2, []int{1, 2, 2}, []float64{1, 1, 2, 3}, []int{1, 2, 4}
	return a
}

// options is a short run from step 0 into dir, with its validation.
func options(t *testing.T, pairs []data.Pair, dir string) Options {
	t.Helper()
	spec := smallSpec(t)
	params, err := spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	conf := optim.DefaultConfig()
	conf.LR = 3e-3
	conf.Schedule.Milestones = []int{2}
	return Options{
		Config: Config{Batch: batch, Epochs: epochs, Seed: 3, LogEvery: 2},
		Optim:  conf, DWD: optim.DefaultDWD(), Spec: spec, Params: params,
		Loader: loader(t, pairs), Sizes: data.SizePlan{Sizes: data.Sizes{side}}, Threads: 2, Dir: folder(t, dir),
		ConfigYAML: "net: {}\n", Manifest: "{}",
		Validate: validation(spec, pairs),
		PrunedCost: func(p *model.Params) (Left, error) {
			plan, err := prune.NewPlan(spec, p, prune.Options{})
			if err != nil {
				return Left{}, err
			}
			c := spec.Cost(side, side)
			return Left{Params: c.Params - plan.Removed, MACs: c.MACs, Channels: []int{plan.Prunable - plan.Removed}}, nil
		},
		Seconds: func() float64 { return 1 },
	}
}

// folder makes dir a run's folder.
func folder(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func loader(t *testing.T, pairs []data.Pair) *data.Loader {
	t.Helper()
	l, err := data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: side, Batch: batch, Seed: 3, Workers: 2, Augment: data.Augment{Crop: 3, Flip: 0.5, Vertical: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// validation is the mean absolute error of the logits' sign on a first batch.
func validation(spec model.Spec, pairs []data.Pair) func(context.Context, *model.Params, int) (Score, error) {
	return func(ctx context.Context, p *model.Params, side int) (Score, error) {
		l, err := data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: side, Batch: batch, Seed: 9, Workers: 1})
		if err != nil {
			return Score{}, err
		}
		pred := graph.NewPredictor(spec, p, 1)
		defer pred.Close()
		for b, err := range l.Epoch(ctx, 0, 0) {
			if err != nil {
				return Score{}, err
			}
			z, err := pred.Batch(b.X, b.N, b.Size, b.Size)
			if err != nil {
				return Score{}, err
			}
			var sum float64
			for i, v := range z {
				if (v > 0) != (b.Y[i] > 0.5) {
					sum++
				}
			}
			return Score{MAE: sum / float64(len(z)), MaxF: 1 - sum/float64(len(z))}, nil
		}
		return Score{}, fmt.Errorf("no batch")
	}
}

// resumed turns o into a run that goes on from what lies in its folder.
func resumed(t *testing.T, o Options) Options {
	t.Helper()
	c, err := checkpoint.Load(filepath.Join(o.Dir, "checkpoints", "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	o.Resume, o.Params, o.Spec = c, c.Params, c.Spec
	return o
}

// files returns the bytes of last and best.
func files(t *testing.T, dir string) [2]string {
	t.Helper()
	var out [2]string
	for i, name := range []string{"last", "best"} {
		raw, err := os.ReadFile(filepath.Join(dir, "checkpoints", name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(raw)
	}
	return out
}

func sameFiles(t *testing.T, what string, got, want [2]string) {
	t.Helper()
	for i, name := range []string{"last", "best"} {
		if got[i] != want[i] {
			t.Errorf("%s: %s.safetensors has other bytes", what, name)
		}
	}
}

// nothingHalf fails when a temporary file was left in a run's folder.
func nothingHalf(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			switch d.Name() {
			case "metrics.jsonl", "metrics.csv", "last.safetensors", "best.safetensors":
			default:
				t.Errorf("%s was left behind", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
