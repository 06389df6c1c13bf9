package train

import (
	"context"
	"path/filepath"
	"testing"

	"csnet/model"
)

func plain(mae, f float64) Score { return Score{MAE: mae, MaxF: f, ObjMaxF: f} }

// Better ranks by the measure asked for; nets that see above blind ones, those
// above black ones, whatever their error.
func TestBetter(t *testing.T) {
	base := &Baselines{Gaussian: plain(0.17, 0.014), White: plain(0.99, 0.004), Black: plain(0.003, 0)}
	small, black, blind := plain(0.007, 0.6), plain(0.003, 0), plain(0.004, 0.01)
	for _, c := range []struct {
		name    string
		base    *Baselines
		measure string
		a, b    Score
		want    bool
	}{
		{"smaller error", base, BestMAE, plain(0.006, 0.5), small, true},
		{"larger error", base, BestMAE, small, plain(0.006, 0.5), false},
		{"black has the smallest error", base, BestMAE, black, small, false},
		{"sees, larger error", base, BestMAE, small, black, true},
		{"blind against black", base, BestMAE, blind, black, true},
		{"sees against blind", base, BestMAE, small, blind, true},
		{"unknown baselines", nil, BestMAE, black, small, true},
		{"maxF", base, BestMaxF, plain(0.1, 0.7), small, true},
		{"maxF equal, error decides", base, BestMaxF, plain(0.1, 0.6), small, false},
		{"maxF of the objects", base, BestMaxF, Score{MAE: 0.1, MaxF: 0.7, ObjMaxF: 0.5}, small, false},
		{"wF", base, BestWF, Score{MAE: 0.1, ObjMaxF: 0.5, WF: 0.4}, Score{MAE: 0.05, ObjMaxF: 0.6, WF: 0.3}, true},
		{"equal", base, BestMAE, small, small, false},
	} {
		if got := c.base.Better(c.measure, c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A run whose last epoch is black keeps the best that sees; after a resume the same
// one is known to be the best.
func TestBlackIsNeverBest(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	scores := []Score{plain(0.2, 0.5), plain(0.1, 0.6), plain(0.003, 0)}
	calls := 0
	o.Validate = func(context.Context, *model.Params, int) (Score, error) {
		calls++
		return scores[calls-1], nil
	}
	o.Baselines = &Baselines{Gaussian: plain(0.17, 0.014), White: plain(0.99, 0.004)}
	res := whole(t, o)
	if res.BestStep != 2*perEpoch || *res.Best != scores[1] {
		t.Errorf("best is step %d, %+v", res.BestStep, res.Best)
	}
	log, err := openMetrics(filepath.Join(o.Dir, "metrics.jsonl"), steps, BestMAE, o.Baselines)
	if err != nil {
		t.Fatal(err)
	}
	defer log.close()
	if log.bestStep != 2*perEpoch || *log.best != scores[1] {
		t.Errorf("read back: best is step %d, %+v", log.bestStep, log.best)
	}
	o.Dir = t.TempDir()
	o.Config.Best = "F"
	_, err = Run(context.Background(), o)
	wants(t, "unknown measure", err, "train.best", `"F"`, "maxF")
}

// The score before the first step is logged without a loss, told, and never the
// best.
func TestStart(t *testing.T) {
	o := options(t, drawn(t, pictures), t.TempDir())
	start := plain(0.01, 0.99)
	o.Start, o.Baselines = &start, &Baselines{Gaussian: plain(0.2, 0.3)}
	told := 0
	o.Progress = func(p Progress) {
		if p.Score != nil && p.Step == 0 {
			told++
		} else if p.Score != nil && (p.Start == nil || *p.Start != start) {
			t.Errorf("step %d is told with start %v", p.Step, p.Start)
		}
	}
	res := whole(t, o)
	lines, err := ReadMetrics(filepath.Join(o.Dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if l := lines[0]; l.Step != 0 || l.Loss != 0 || *l.Score() != start || l.GaussianMaxF == nil || *l.GaussianMaxF != 0.3 {
		t.Errorf("first line %+v", l)
	}
	if told != 1 || res.BestStep == 0 || res.Start == nil || *res.Start != start {
		t.Errorf("told %d times, best of step %d, start %v", told, res.BestStep, res.Start)
	}
}
