package train

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
	"csnet/model"
	"csnet/optim"
	"csnet/prune"
)

func wants(t *testing.T, what string, err error, texts ...string) {
	t.Helper()
	for _, w := range texts {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %v, must say %q", what, err, w)
		}
	}
}

// A NaN stops the run with the step and the layer it first appeared in, and
// the last checkpoint stays as it was, from before.
func TestNaNStops(t *testing.T) {
	for _, path := range []string{"stage2.0.dw1.w1", "stage1.0.mix.norm0.gamma", "csf.ms1.w0", "cls.bias"} {
		o := options(t, drawn(t, pictures), t.TempDir())
		var before string
		o.Progress = func(p Progress) {
			if p.Step == 5 && p.Score == nil { // last is of step 4
				o.Params.Get(path).Data[0] = float32(math.NaN())
				before = files(t, o.Dir)[0]
			}
		}
		o.SaveEvery = 4
		_, err := Run(context.Background(), o)
		wants(t, path, err, "step 6", path[:strings.LastIndexByte(strings.Split(path, ".norm")[0], '.')], "not finite")
		if files(t, o.Dir)[0] != before {
			t.Errorf("%s: the last checkpoint changed", path)
		}
		nothingHalf(t, o.Dir)
	}
}

// A giant rate ends in an error, never in a checkpoint with NaN.
func TestGiantRateStops(t *testing.T) {
	for _, lr := range []float64{1e12, 1e30, 1e38} {
		o := options(t, drawn(t, pictures), t.TempDir())
		o.Optim.LR = lr
		o.Validate = nil
		_, err := Run(context.Background(), o)
		if err != nil {
			wants(t, "giant rate", err, "step")
		}
		if _, err := os.Stat(filepath.Join(o.Dir, "checkpoints", "last.safetensors")); err == nil {
			resumed(t, o) // loads: all values finite
		}
	}
}

// What cannot be trained is refused before anything is written.
func TestRunRefuses(t *testing.T) {
	pairs := drawn(t, pictures)
	one := func(size, batch int) *data.Loader {
		l, err := data.NewLoader(data.LoaderOptions{Pairs: pairs, Size: size, Batch: batch, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		name   string
		change func(o *Options)
		want   []string
	}{
		{"one value per channel", func(o *Options) { o.Sizes.Sizes[0], o.Batch, o.Loader = 8, 1, one(8, 1) }, []string{"batch 1 at 8x8", "one value per channel"}},
		{"size", func(o *Options) { o.Sizes.Sizes[0], o.Loader = 30, one(30, batch) }, []string{"30", "multiple of 8", "24 and 32"}},
		{"tensors", func(o *Options) { o.Params, _ = model.NewParams(o.Params.All()[1:]) }, []string{"stage0.0.mix.w00", "missing"}},
	} {
		o := options(t, pairs, t.TempDir())
		c.change(&o)
		_, err := Run(context.Background(), o)
		wants(t, c.name, err, c.want...)
		if _, err := os.Stat(filepath.Join(o.Dir, "metrics.jsonl")); err == nil {
			t.Errorf("%s: metrics.jsonl was written", c.name)
		}
	}
	_, err := data.NewLoader(data.LoaderOptions{Pairs: pairs[:3], Size: side, Batch: batch})
	wants(t, "fewer pictures than a batch", err, "3 pairs", "batch of 4")
}

// A photo cut short in the middle of the set ends the run with its name; so
// does a mask of another size.
func TestBrokenPicture(t *testing.T) {
	pairs := drawn(t, pictures)
	raw, err := os.ReadFile(pairs[7].Image)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pairs[7].Image, raw[:len(raw)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	o := options(t, pairs, t.TempDir())
	o.Validate = nil
	_, err = Run(context.Background(), o)
	wants(t, "truncated photo", err, filepath.Base(pairs[7].Image), "after step")
	nothingHalf(t, o.Dir)
}

// A folder that is not there, and one with the log's name taken by a folder.
func TestUnwritableFolder(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	o.Dir = filepath.Join(o.Dir, "none")
	if _, err := Run(context.Background(), o); err == nil {
		t.Error("trained into a folder that is not there")
	}
	o = options(t, pairs, t.TempDir())
	if err := os.RemoveAll(filepath.Join(o.Dir, "checkpoints")); err != nil {
		t.Fatal(err)
	}
	_, err := Run(context.Background(), o)
	wants(t, "no folder for checkpoints", err, "last.safetensors")
}

// Fine-tuning a pruned net is the same Run with a smaller Spec: loss falls,
// and every tensor has the pruned shape.
func TestFineTunePruned(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	whole(t, o)
	ratio := 0.5
	plan, err := prune.NewPlan(o.Spec, o.Params, prune.Options{Ratio: &ratio})
	if err != nil {
		t.Fatal(err)
	}
	spec, params, err := plan.Apply(o.Spec, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	tune := options(t, pairs, t.TempDir())
	tune.Spec, tune.Params, tune.Validate = spec, params, validation(spec, pairs)
	tune.PrunedCost = func(*model.Params) (Left, error) { return Left{Params: 1, MACs: 1}, nil }
	tune.Epochs, tune.Optim.Schedule.Milestones = 8, nil
	var first, last float64
	tune.Progress = func(p Progress) {
		if p.Step <= perEpoch && p.Score == nil {
			first += p.Loss / perEpoch
		}
		if p.Step > p.Steps-perEpoch && p.Score == nil {
			last += p.Loss / perEpoch
		}
	}
	res := whole(t, tune)
	if !(last < first) {
		t.Errorf("loss went from %g to %g", first, last)
	}
	c := resumed(t, tune)
	if got := c.Spec.Cost(32, 32).Params; got != spec.Cost(32, 32).Params || c.Resume.Step != 8*perEpoch || res.Step != c.Resume.Step {
		t.Errorf("saved net has %d parameters at step %d", got, c.Resume.Step)
	}
}

// DWD acts on the gammas of all three norms of every ILBlock - 99 tensors of
// the x1 net - and L2 on all the rest; the release's slip adds dw2's gammas.
func TestWhatDecays(t *testing.T) {
	spec, err := model.DefaultArch().Spec()
	if err != nil {
		t.Fatal(err)
	}
	slip := optim.DefaultDWD()
	slip.CompatSlip = true
	all, both := 0, 0
	ls := spec.Layers()
	for _, x := range spec.Tensors() {
		path := x.Path
		n, ok := blockNorm(spec, ls[x.Layer], x.Slot)
		if !ok {
			continue
		}
		all++
		if !strings.HasPrefix(path, "stage") || !strings.HasSuffix(path, ".gamma") || n.Stages != 4 {
			t.Errorf("%s: %+v", path, n)
		}
		if l2, dynamic, _ := optim.DefaultDWD().Decay(n); l2 || !dynamic {
			t.Errorf("%s takes L2", path)
		}
		if l2, _, _ := slip.Decay(n); l2 {
			both++
			if !strings.Contains(path, ".dw2.") {
				t.Errorf("the slip is on %s", path)
			}
		}
	}
	if all != 99 {
		t.Errorf("%d gammas under DWD, must be 99", all)
	}
	if both != 33 {
		t.Errorf("the slip is on %d gammas, must be 33", both)
	}
}

// A log cut short in its last line, as after a power cut, is read up to there;
// broken in the middle it is an error with its line.
func TestReadMetrics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("{\"step\":1}\n{\"step\":2}\n{\"ste")
	if ls, err := ReadMetrics(path); err != nil || len(ls) != 2 {
		t.Errorf("%d lines, error %v", len(ls), err)
	}
	write("{\"step\":1}\n{\"ste\n{\"step\":3}\n")
	_, err := ReadMetrics(path)
	wants(t, "broken line", err, "metrics.jsonl:2")
	_, err = ReadMetrics(path + "x")
	wants(t, "no file", err, "metrics.jsonlx")
}
