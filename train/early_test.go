package train

import (
	"context"
	"strings"
	"testing"
	"time"

	"csnet/data"
	"csnet/model"
)

// scored makes o's validations give these MAEs, the last for ever.
func scored(o *Options, maes ...float64) {
	n := 0
	o.Validate = func(context.Context, *model.Params, int) (Score, error) {
		s := Score{MAE: maes[min(n, len(maes)-1)], MaxF: 0.5}
		n++
		return s, nil
	}
}

// A run ends when it has had its patience, and does not go on when resumed.
func TestPatience(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	o.Epochs, o.Patience = 9, 2
	scored(&o, 0.5, 0.4, 0.45, 0.3, 0.35, 0.3)
	res := whole(t, o)
	if res.Step != 6*perEpoch || !strings.Contains(res.Early, "train.patience = 2") || res.Best.MAE != 0.3 {
		t.Errorf("ended after %d steps (%s), want 6 epochs; best %v", res.Step, res.Early, res.Best)
	}
	again := resumed(t, o)
	if res := whole(t, again); res.Step != 6*perEpoch || res.Early == "" {
		t.Errorf("resumed, it went on to step %d", res.Step)
	}
	// Only the last size counts.
	o = options(t, pairs, t.TempDir())
	o.Epochs, o.Patience = 6, 1
	o.Sizes = data.SizePlan{Sizes: data.Sizes{16, side}, Milestones: []int{4}}
	scored(&o, 0.1, 0.2, 0.2, 0.2, 0.5, 0.6)
	if res := whole(t, o); res.Step != 6*perEpoch || res.Best.MAE != 0.5 {
		t.Errorf("ended after %d steps with %v, want 6 epochs and the best of the last size", res.Step, res.Best)
	}
}

// When its time is over a run ends as at its last step: validated and saved.
func TestMaxTime(t *testing.T) {
	pairs := drawn(t, pictures)
	o := options(t, pairs, t.TempDir())
	o.MaxTime = 10 * time.Second
	seconds := 0.0
	o.Seconds = func() float64 { return seconds }
	o.Progress = func(p Progress) {
		if p.Step == perEpoch+1 {
			seconds = 10
		}
	}
	res := whole(t, o)
	if res.Step != perEpoch+1 || !strings.Contains(res.Early, "10s is over") || res.Best == nil {
		t.Fatalf("ended after %d steps (%s), best %v; want %d", res.Step, res.Early, res.Best, perEpoch+1)
	}
	lines, err := ReadMetrics(o.Dir + "/metrics.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if l := lines[len(lines)-1]; l.Step != perEpoch+1 || l.ValMAE == nil {
		t.Errorf("the last line is %+v, want the validation of step %d", l, perEpoch+1)
	}
	if c := resumed(t, o).Resume; c.Step != perEpoch+1 {
		t.Errorf("saved at step %d", c.Step)
	}
}
