package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"csnet/data"
	"csnet/graph"
	"csnet/internal/synth"
	"csnet/model"
	"csnet/optim"
)

// resizeSpec is a small net that takes any size, with group norm.
func resizeSpec(t *testing.T) model.Spec {
	t.Helper()
	a := smallArch()
	a.Dialect, a.Norm, a.Groups, a.Head = model.Resize, model.GroupNorm, 1, []int{4, 8}
	s, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ownSize is a run over pictures of two sizes, one by one, two of them a step, with new
// moments at its second epoch.
func ownSize(t *testing.T, pairs []data.Pair) Options {
	t.Helper()
	o := options(t, pairs, t.TempDir())
	o.Spec = resizeSpec(t)
	var err error
	if o.Params, err = o.Spec.NewParams(1); err != nil {
		t.Fatal(err)
	}
	o.Batch, o.Accumulate, o.Epochs, o.OwnSize, o.Loss = 1, 2, 2, true, Loss{BCE: 1, Sum: true}
	o.DWD.Mode = "none"
	o.Optim.Schedule = optim.Schedule{Kind: "step", Milestones: []int{1}, Factor: 0.1, Fresh: true}
	o.Loader, err = data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: side, Batch: 1, Seed: 3, Workers: 2, OwnSize: true, Augment: data.Augment{Flip: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	o.Validate = validation(o.Spec, pairs)
	o.PrunedCost = func(*model.Params) (Left, error) { return Left{}, nil }
	return o
}

// Pictures of several sizes, gradients of which are added up: stopped after any step and
// resumed, also at the step with new moments, the run ends with the same bytes, with other
// threads too.
func TestOwnSizeResumed(t *testing.T) {
	pairs := drawn(t, 5)
	dir := filepath.Join(t.TempDir(), "larger")
	if err := synth.Write(context.Background(), dir, 2, 4, 56, nil); err != nil {
		t.Fatal(err)
	}
	larger, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	pairs = append(pairs, larger.Pairs...)
	ref := ownSize(t, pairs)
	whole(t, ref)
	want := files(t, ref.Dir)
	const perEpoch = 4 // nine pictures, two a step
	for _, k := range []int{1, perEpoch, perEpoch + 1} {
		t.Run(fmt.Sprint("step ", k), func(t *testing.T) {
			o := ownSize(t, pairs)
			if _, err := Run(stoppedAfter(&o, k), o); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			o = resumed(t, o)
			if o.Resume.Step != k {
				t.Fatalf("the saved state is at step %d, must be at %d", o.Resume.Step, k)
			}
			o.Progress, o.Threads = nil, 1
			whole(t, o)
			sameFiles(t, "resumed", files(t, o.Dir), want)
		})
	}
}

// Two batches of one picture added up give the gradient of a batch of two, and with
// loss.sum as many times that as a picture has pixels.
func TestAccumulatedGradient(t *testing.T) {
	const h, w = 32, 48
	x, y := make([]float32, 2*3*h*w), make([]float32, 2*h*w)
	for i := range x {
		x[i] = float32(math.Sin(0.7 * float64(i)))
	}
	for i := range y {
		y[i] = float32(i * 7919 % 1000 / 500)
	}
	gradient := func(c Config, batch int) [][]float32 {
		spec := resizeSpec(t)
		p, err := spec.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewStepper(spec, p, optim.DefaultConfig(), optim.DWD{Mode: "none"}, graph.Options{Batch: batch, H: h, W: w, Threads: 1, Loss: c.LossTerms(h, w)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for i := 0; i < 2; i += batch {
			if _, err := s.Gradient(x[i*3*h*w:][:batch*3*h*w], y[i*h*w:][:batch*h*w]); err != nil {
				t.Fatal(err)
			}
		}
		var g [][]float32
		for _, l := range s.Net().Learned() {
			g = append(g, append([]float32(nil), l.Grad...))
		}
		return g
	}
	want := gradient(Config{Accumulate: 1}, 2)
	for _, c := range []struct {
		Config
		times float64
	}{{Config{Accumulate: 2}, 1}, {Config{Accumulate: 2, Loss: Loss{BCE: 1, Sum: true}}, h * w}} {
		for i, g := range gradient(c.Config, 1) {
			var off, largest float64
			for k, v := range g {
				off = max(off, math.Abs(float64(v)-c.times*float64(want[i][k])))
				largest = max(largest, c.times*math.Abs(float64(want[i][k])))
			}
			if !(off <= 1e-4*largest+1e-7) {
				t.Errorf("%+v: gradient %d is off by %g of %g", c.Loss, i, off, largest)
			}
		}
	}
}
