package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"csnet/checkpoint"
	"csnet/model"

	"github.com/google/go-cmp/cmp"
)

// whole runs from step 0 to the end.
func whole(t *testing.T, o Options) Result {
	t.Helper()
	res, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// The same run twice, and with 1, 2 and 4 threads: the same bytes.
func TestRunSameBytes(t *testing.T) {
	pairs := drawn(t, pictures)
	var want [2]string
	for i, threads := range []int{2, 2, 1, 4} {
		o := options(t, pairs, t.TempDir())
		o.Threads = threads
		res := whole(t, o)
		if res.Step != steps || math.IsNaN(res.Loss) || res.Best == nil {
			t.Fatalf("result is %+v", res)
		}
		got := files(t, o.Dir)
		if i == 0 {
			want = got
			continue
		}
		sameFiles(t, fmt.Sprint("run ", i, " with ", threads, " threads"), got, want)
		nothingHalf(t, o.Dir)
	}
}

// stoppedAfter is a context that ends in the Progress call of step k.
func stoppedAfter(o *Options, k int) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	if k == 0 {
		cancel()
	}
	o.Progress = func(p Progress) {
		if p.Step == k && p.Score == nil {
			cancel()
		}
	}
	return ctx
}

// Stopped at any step - before the first, in mid-epoch, at an epoch's end, at
// the very end - and resumed: the bytes of a run never stopped.
func TestStoppedAndResumed(t *testing.T) {
	pairs := drawn(t, pictures)
	ref := options(t, pairs, t.TempDir())
	whole(t, ref)
	want := files(t, ref.Dir)
	for k := range steps + 1 {
		if testing.Short() && k%2 == 1 {
			continue
		}
		t.Run(fmt.Sprint("step ", k), func(t *testing.T) {
			o := options(t, pairs, t.TempDir())
			if _, err := Run(stoppedAfter(&o, k), o); !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
				t.Fatalf("stopped run returned %v, must return %v alone", err, context.Canceled)
			}
			o = resumed(t, o)
			if o.Resume.Step != k {
				t.Fatalf("the saved state is at step %d, must be at %d", o.Resume.Step, k)
			}
			o.Progress, o.Threads = nil, 1
			whole(t, o)
			sameFiles(t, "resumed", files(t, o.Dir), want)
			sane(t, o.Dir, ref.Dir)
			nothingHalf(t, o.Dir)
		})
	}
}

// In mixed precision too a run gives the same bytes with any number of threads, stopped and
// resumed or not, and other ones than in float32.
func TestMixedSameBytes(t *testing.T) {
	pairs := drawn(t, pictures)
	mixed := func(threads int) Options {
		o := options(t, pairs, t.TempDir())
		o.Precision, o.Threads = PrecisionMixed, threads
		return o
	}
	ref, full := mixed(2), options(t, pairs, t.TempDir())
	whole(t, ref)
	whole(t, full)
	want := files(t, ref.Dir)
	if files(t, full.Dir)[0] == want[0] {
		t.Error("mixed precision gave the bytes of float32")
	}
	for k, threads := range map[int]int{0: 1, 4: 3, perEpoch: 8} {
		o := mixed(threads)
		if _, err := Run(stoppedAfter(&o, k), o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		o = resumed(t, o)
		o.Progress, o.Threads = nil, 1
		whole(t, o)
		sameFiles(t, fmt.Sprint("resumed after step ", k), files(t, o.Dir), want)
	}
}

// Stopped while it validates: the epoch's validation is made up for.
func TestStoppedInValidation(t *testing.T) {
	pairs := drawn(t, pictures)
	ref := options(t, pairs, t.TempDir())
	whole(t, ref)
	for k := 1; k <= epochs; k++ {
		o := options(t, pairs, t.TempDir())
		stopInValidation(t, o, k)
		whole(t, resumed(t, o))
		sameFiles(t, fmt.Sprint("validation ", k), files(t, o.Dir), files(t, ref.Dir))
		sane(t, o.Dir, ref.Dir)
	}
}

// Killed at any moment - what lies in its folder is all there is - and
// resumed: the same bytes, with saves every two steps and with a log that is
// ahead of the last save.
func TestKilledAndResumed(t *testing.T) {
	pairs := drawn(t, pictures)
	for _, every := range []int{0, 2} {
		t.Run(fmt.Sprint("saved every ", every), func(t *testing.T) {
			ref := options(t, pairs, t.TempDir())
			ref.SaveEvery, ref.LogEvery = every, 1
			killed(t, ref)
		})
	}
}

func killed(t *testing.T, ref Options) {
	var copies []string
	ref.Progress = func(Progress) {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(dir, os.DirFS(ref.Dir)); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, dir)
	}
	whole(t, ref)
	if len(copies) != steps+epochs {
		t.Fatalf("told %d times, must be %d steps and %d validations", len(copies), steps, epochs)
	}
	want := files(t, ref.Dir)
	for i, dir := range copies {
		if _, err := os.Stat(filepath.Join(dir, "checkpoints", "last.safetensors")); err != nil || testing.Short() && i%3 > 0 {
			continue // nothing saved yet
		}
		o := ref
		o.Dir, o.Progress = dir, nil
		whole(t, resumed(t, o))
		sameFiles(t, fmt.Sprint("killed at moment ", i), files(t, dir), want)
		sane(t, dir, ref.Dir)
	}
}

// sane holds a resumed run's metrics to those of the whole one: the same
// steps, epochs, losses, rates and validations, to the digit.
func sane(t *testing.T, dir, ref string) {
	t.Helper()
	got, err := ReadMetrics(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReadMetrics(filepath.Join(ref, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d lines, a run never stopped writes %d", len(got), len(want))
		return
	}
	for i, l := range got {
		w := want[i]
		l.Seconds, w.Seconds = 0, 0
		if d := cmp.Diff(w, l); d != "" {
			t.Errorf("line %d is not that of a run never stopped: %s", i, d)
		}
	}
}

// metrics.jsonl: the logged steps in order, one validation an epoch, all
// numbers in their ranges.
func TestMetrics(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	var losses []float64
	o.Progress = func(p Progress) {
		if p.Score == nil {
			losses = append(losses, p.Loss)
		}
	}
	whole(t, o)
	ls, err := ReadMetrics(filepath.Join(o.Dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	var validated []int
	for _, l := range ls {
		if l.Step <= last || l.Step > steps {
			t.Errorf("line %+v: step twice or out of order", l)
		}
		last = l.Step
		if l.Epoch != (l.Step-1)/perEpoch || l.Lambda != 3 || l.Seconds < 0 || l.ParamsLeft < 1 || l.MACsLeft < 1 || len(l.ChannelsLeft) != 1 || l.ChannelsLeft[0] < 1 || !(l.Loss > 0) {
			t.Errorf("line %+v", l)
		}
		if want := o.Optim.Rate(l.Step-1, perEpoch, steps); l.LR != want {
			t.Errorf("step %d: rate %g, want %g", l.Step, l.LR, want)
		}
		if l.ValMAE != nil {
			validated = append(validated, l.Step)
		}
	}
	if fmt.Sprint(validated) != fmt.Sprint([]int{perEpoch, 2 * perEpoch, steps}) {
		t.Errorf("validated after steps %v", validated)
	}
	if got, want := ls[0].Loss, (losses[0]+losses[1])/2; ls[0].Step != 2 || math.Abs(got-want) > 1e-12 {
		t.Errorf("first line is of step %d, loss %v, want the mean %v of two", ls[0].Step, got, want)
	}
}

// Best is the checkpoint of the lowest val_mae, the first of equals.
func TestBestIsTheLowest(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	scores, calls := []float64{0.5, 0.3, 0.3}, 0
	o.Validate = func(context.Context, *model.Params, int) (Score, error) {
		calls++
		return Score{MAE: scores[calls-1], MaxF: 0.1}, nil
	}
	res := whole(t, o)
	c, err := checkpoint.Load(res.BestPath)
	if err != nil {
		t.Fatal(err)
	}
	if c.Step != 2*perEpoch || res.Best.MAE != 0.3 {
		t.Errorf("best is of step %d, score %+v", c.Step, res.Best)
	}
	if c, err = checkpoint.Load(res.LastPath); err != nil || c.Step != steps {
		t.Errorf("last is of step %d, error %v", c.Step, err)
	}
}

// Without validation best = last and no val_* is logged.
func TestNoValidation(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.Validate, o.Steps = nil, 4 // ends in mid-epoch
	res := whole(t, o)
	f := files(t, o.Dir)
	if f[0] != f[1] || res.Step != 4 || res.Best != nil {
		t.Errorf("best differs from last, or result %+v", res)
	}
	ls, err := ReadMetrics(filepath.Join(o.Dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range ls {
		if l.ValMAE != nil || l.ValMaxF != nil {
			t.Errorf("line %+v", l)
		}
	}
}
