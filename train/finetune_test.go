package train

import (
	"context"
	"errors"
	"slices"
	"testing"

	"csnet/checkpoint"
	"csnet/model"
)

// tuned is a run that begins with a net that was trained and scores start.
func tuned(t *testing.T, start float64) Options {
	t.Helper()
	pairs := drawn(t, pictures)
	before := options(t, pairs, t.TempDir())
	whole(t, before)
	c, err := checkpoint.Load(before.Dir + "/checkpoints/last.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, pairs, t.TempDir())
	o.Params, o.Trained, o.Start = c.Params, true, &Score{MAE: start, MaxF: 0.1}
	return o
}

// A run hands out no worse net than it was given: where no step brings a better one, best
// is the net that it began with, also after a stop; where one does, that is best.
func TestTunedIsNeverWorse(t *testing.T) {
	for _, c := range []struct {
		maes []float64
		step int
	}{
		{[]float64{0.3, 0.25, 0.2}, 0},
		{[]float64{0.3, 0.05, 0.2}, 2 * perEpoch},
	} {
		o := tuned(t, 0.1)
		given := o.Params.Clone()
		scores(&o, c.maes...)
		if _, err := Run(stoppedAfter(&o, perEpoch+1), o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if best := loaded(t, o.Dir, "best"); best.Step != 0 || !sameParams(best.Params, given) {
			t.Errorf("best is of step %d, want the net that was given", best.Step)
		}
		o = resumed(t, o)
		o.Trained = false // the checkpoint knows
		scores(&o, c.maes[1:]...)
		o.Progress = nil
		res := whole(t, o)
		best := loaded(t, o.Dir, "best")
		if res.BestStep != c.step || best.Step != c.step || (c.step == 0) != sameParams(best.Params, given) || res.Start == nil || res.Start.MAE != 0.1 {
			t.Errorf("%v: %+v, best of step %d", c.maes, res, best.Step)
		}
	}
}

// A net that was drawn is never the best, whatever its score.
func TestDrawnIsNotTheBest(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	o.Start = &Score{MAE: 0.1, MaxF: 0.1}
	scores(&o, 0.3, 0.25, 0.2)
	if res := whole(t, o); res.BestStep != steps {
		t.Errorf("%+v", res)
	}
}

// train.norm = frozen keeps the running statistics, and lets weights and norms learn; a
// run stopped and resumed ends with the same bytes.
func TestFrozenNorms(t *testing.T) {
	run := func(stop bool) (Options, *model.Params) {
		o := tuned(t, 0.9)
		o.Norm, o.EMA = NormFrozen, 0.9
		given := o.Params.Clone()
		if stop {
			if _, err := Run(stoppedAfter(&o, perEpoch+1), o); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			o = resumed(t, o)
			o.Progress = nil
		}
		whole(t, o)
		return o, given
	}
	o, given := run(false)
	for i, x := range loaded(t, o.Dir, "last").Params.All() {
		if was := given.All()[i]; slices.Equal(x.Data, was.Data) == x.Role.Learned() {
			t.Errorf("%s: kept %v, learned %v", x.Path, !x.Role.Learned(), x.Role.Learned())
		}
	}
	again, _ := run(true)
	sameFiles(t, "stopped and resumed", files(t, again.Dir), files(t, o.Dir))
}

func loaded(t *testing.T, dir, name string) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Load(dir + "/checkpoints/" + name + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sameParams(a, b *model.Params) bool {
	return slices.EqualFunc(a.All(), b.All(), func(x, y *model.Tensor) bool { return slices.Equal(x.Data, y.Data) })
}
