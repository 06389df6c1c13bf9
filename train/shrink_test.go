package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/model"
	"csnet/prune"
)

// shrinking makes o prune its net by these ratios before the epochs; during is called
// while it does, with the number of the shrinking.
func shrinking(t *testing.T, o *Options, pairs []data.Pair, epochs []int, ratio float64, during func(i int) error) {
	t.Helper()
	spec := o.Spec
	o.Validate = func(ctx context.Context, p *model.Params, size int) (Score, error) {
		return validation(spec, pairs)(ctx, p, size)
	}
	o.PrunedCost = func(*model.Params) (Left, error) { return Left{Params: spec.ParamCount()}, nil }
	o.Shrinking = Shrinking{Epochs: epochs, Shrink: func(_ context.Context, i int, p *model.Params) (Shrunk, error) {
		if during != nil {
			if err := during(i); err != nil {
				return Shrunk{}, err
			}
		}
		before := spec
		plan, err := prune.NewPlan(before, p, prune.Options{Ratio: &ratio, Fold: prune.FoldInterior})
		if err != nil {
			return Shrunk{}, err
		}
		if spec, err = plan.Spec(before); err != nil {
			return Shrunk{}, err
		}
		cut, err := plan.Cut(before)
		return Shrunk{Spec: spec, Cut: cut, Tensors: func(p *model.Params) (*model.Params, error) {
			_, small, err := plan.Apply(before, p)
			return small, err
		}}, err
	}}
}

// A run goes from a wide net to a small one; stopped at any step, right before, in
// and right after a pruning too, and resumed, it ends in the same bytes.
func TestShrinkingRun(t *testing.T) {
	pairs := drawn(t, pictures)
	at := []int{1, 2}
	for _, ema := range []float64{0, .9} {
		begin := func() Options {
			o := options(t, pairs, t.TempDir())
			o.EMA = ema
			return o
		}
		ref := begin()
		first := ref.Spec.ParamCount()
		shrinking(t, &ref, pairs, at, .3, nil)
		whole(t, ref)
		want := files(t, ref.Dir)
		checkShrunk(t, ref.Dir, first)

		for k := range steps + 1 {
			o := begin()
			shrinking(t, &o, pairs, at, .3, nil)
			if _, err := Run(stoppedAfter(&o, k), o); k > 0 && !errors.Is(err, context.Canceled) {
				t.Fatalf("step %d: %v", k, err)
			} else if k == 0 {
				continue // nothing was saved
			}
			o = resumed(t, o)
			o.Progress = nil
			shrinking(t, &o, pairs, at, .3, nil)
			whole(t, o)
			sameFiles(t, "stopped in between", files(t, o.Dir), want)
		}
		for i := range at {
			for name, stop := range map[string]func(cancel func()) error{
				"stopped while pruning": func(cancel func()) error { cancel(); return nil },
				"failed while pruning":  func(func()) error { return errors.New("no room") },
			} {
				o := begin()
				ctx, cancel := context.WithCancel(context.Background())
				shrinking(t, &o, pairs, at, .3, func(n int) error {
					if n == i {
						return stop(cancel)
					}
					return nil
				})
				if _, err := Run(ctx, o); err == nil {
					t.Fatalf("%s: no error", name)
				}
				cancel()
				o = resumed(t, o)
				if o.Resume.Step != at[i]*perEpoch {
					t.Fatalf("%s: saved at step %d", name, o.Resume.Step)
				}
				shrinking(t, &o, pairs, at, .3, nil)
				whole(t, o)
				sameFiles(t, name, files(t, o.Dir), want)
			}
		}
	}
}

// checkShrunk looks at what a run left: a smaller net with its own optimizer state,
// and a log that knows the sizes.
func checkShrunk(t *testing.T, dir string, first int) {
	t.Helper()
	c, err := checkpoint.Load(filepath.Join(dir, "checkpoints", "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Spec.ParamCount(); n >= first || c.Run.Shrunk != 2 || c.Optim == nil {
		t.Errorf("%d parameters of %d, %d shrinkings, optimizer state %v", n, first, c.Run.Shrunk, c.Optim != nil)
	}
	lines, err := ReadMetrics(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, l := range lines {
		if !slices.Contains(sizes, l.Params) {
			sizes = append(sizes, l.Params)
		}
	}
	if len(sizes) != 3 || sizes[0] != first || sizes[1] <= sizes[2] || sizes[2] != c.Spec.ParamCount() {
		t.Errorf("the log has nets of %v parameters", sizes)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	if err != nil || !strings.HasPrefix(string(raw), strings.Join(csvColumns(), ",")) {
		t.Errorf("%v", err)
	}
}

// The moments of what stays are carried over, element by element.
func TestMomentsAreCarriedOver(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	o.Epochs = 1
	whole(t, o)
	before := resumed(t, o).Resume
	ratio := .4
	plan, err := prune.NewPlan(before.Spec, before.Params, prune.Options{Ratio: &ratio})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := plan.Cut(before.Spec)
	if err != nil {
		t.Fatal(err)
	}
	after, small, err := plan.Apply(before.Spec, before.Params)
	if err != nil {
		t.Fatal(err)
	}
	// What the plan does to the weights themselves it does to values beside them.
	for _, s := range after.Tensors() {
		if !slices.Equal(cut(s.Path, before.Params.Get(s.Path).Data), small.Get(s.Path).Data) {
			t.Errorf("%s is cut otherwise than its tensor", s.Path)
		}
	}
	if cut("nothing", nil) != nil || cut("cls.bias", make([]float32, 7)) != nil {
		t.Error("values of no tensor are cut")
	}
	// And a run that shrinks before any further step has just these moments.
	long := o
	long.Epochs = 2
	long.Dir = folder(t, t.TempDir())
	p, err := o.Spec.NewParams(1)
	if err != nil {
		t.Fatal(err)
	}
	long.Params, long.Optim.Schedule.Milestones = p, o.Optim.Schedule.Milestones
	shrinking(t, &long, pairs, []int{1}, ratio, nil)
	ctx, cancel := context.WithCancel(context.Background())
	inner := long.Shrinking.Shrink
	long.Shrinking.Shrink = func(c context.Context, i int, p *model.Params) (Shrunk, error) {
		cancel()
		return inner(c, i, p)
	}
	if _, err := Run(ctx, long); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c := resumed(t, long).Resume
	if c.Step != perEpoch || c.Optim == nil {
		t.Fatalf("step %d", c.Step)
	}
	for path, m := range c.Optim.M {
		if !slices.Equal(m, cut(path, before.Optim.M[path])) || !slices.Equal(c.Optim.V[path], cut(path, before.Optim.V[path])) {
			t.Errorf("%s: the moments are others", path)
		}
	}
}
