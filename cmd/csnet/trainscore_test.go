package main

import (
	"strings"
	"testing"

	"csnet/internal/config"
	"csnet/train"
)

// The words at a run's end follow from how the best compares with a Gaussian, an
// empty map and the start.
func TestVerdict(t *testing.T) {
	at := func(mae, f float64) train.Score { return train.Score{MAE: mae, MaxF: f, ObjMaxF: f} }
	base := &train.Baselines{Gaussian: at(0.23, 0.59), White: at(0.77, 0.3), Black: at(0.2, 0)}
	start := at(0.07, 0.92)
	for _, c := range []struct {
		best train.Score
		from bool
		want string
		not  string
	}{
		{at(0.29, 0.57), false, "no better than a centred Gaussian, which", "better than a centred Gaussian, by"},
		{at(0.05, 0.9), false, "better than a centred Gaussian, by 0.3100", "no better"},
		{at(0.22, 0.57), false, "no better than a centred Gaussian in maxF", ""},
		{at(0.3, 0.67), false, "in maxF, not in MAE", ""},
		{at(0.19, 0.1), false, "as good as black", ""},
		{at(0.21, 0.67), false, "no better than an empty map's, 0.2000", "judge by maxF"},
		{at(0.09, 0.88), true, "worse than the net it started from", ""},
		{at(0.09, 0.88), false, "better than", "worse than the net"},
		{at(0.06, 0.93), true, "better than", "worse than the net"},
	} {
		text := strings.Join(verdict(train.Result{Best: &c.best, BestStep: 9, Start: &start}, base, train.BestMaxF, c.from), "\n")
		if !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%+v: %s", c, text)
		}
	}
	base.Black.MAE = 0.004
	for measure, want := range map[string]string{"": "best by MAE (train.best): step 9", train.BestWF: "best by wF (train.best): step 9"} {
		if text := strings.Join(verdict(train.Result{Best: &start, BestStep: 9}, base, measure, false), "\n"); !strings.Contains(text, want) {
			t.Errorf("%q is not said: %s", want, text)
		}
	}
	if text := strings.Join(verdict(train.Result{Best: &start, BestStep: 9}, base, "", false), "\n"); !strings.Contains(text, "0.0040: objects take 0.4% of a picture, so judge by maxF") {
		t.Errorf("small objects: %s", text)
	}
	if v := verdict(train.Result{}, nil, "", true); v != nil {
		t.Errorf("without validation: %q", v)
	}
}

func TestWarmUpWarning(t *testing.T) {
	c := config.Default()
	for warm, want := range map[int]bool{0: false, 84: false, 85: true, 100: true} {
		c.Optim.Schedule.WarmupSteps = warm
		if got := warmUpWarning(&c, 85); (got != "") != want || want && !strings.Contains(got, "85 steps") {
			t.Errorf("%d: %q", warm, got)
		}
	}
}
