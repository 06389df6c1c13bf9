package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"csnet/train"
)

// The line of a validation says how long the command has trained and the mean loss of
// the steps since the one before; where there were no steps, as after a resume that
// owed it, it says neither.
func TestScoreLineLoss(t *testing.T) {
	s := &screen{width: 200}
	d := &trainDisplay{io: streams{err: s}, steps: newProgress(streams{err: s}, "train", "steps", 0, -1)}
	d.steps.clock = func() time.Duration { return 75 * time.Second }
	score := func(step int) {
		d.step(train.Progress{Step: step, Steps: 4, Epoch: max(step-1, 0) / 2, Epochs: 2, Loss: 9, Score: &train.Score{MAE: .25, MaxF: .5, ObjMaxF: .5}})
	}
	score(0)
	for i, loss := range []float64{.5, .25, .125, .375} {
		d.step(train.Progress{Step: i + 1, Steps: 4, Epoch: i / 2, Epochs: 2, Loss: loss})
		if i%2 == 1 {
			score(i + 1)
		}
	}
	score(4)
	d.steps.done()
	var got []string
	for _, line := range s.lines {
		if strings.Contains(line, "val MAE") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		"before the first step  val MAE 0.2500  maxF 0.5000",
		"epoch 1/2  step 2  1 min 15 s  loss 0.3750  val MAE 0.2500  maxF 0.5000",
		"epoch 2/2  step 4  1 min 15 s  loss 0.2500  val MAE 0.2500  maxF 0.5000",
		"epoch 2/2  step 4  val MAE 0.2500  maxF 0.5000",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
