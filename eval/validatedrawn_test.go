package eval

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
	"csnet/metrics"
)

// Several baselines in one pass over the masks have the scores that each has as a
// method of Run, for any number of threads; a mask that cannot be read is named, and
// the last word is Merge's, which gets the sums of all of them.
func TestValidateDrawn(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 7)
	set, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	draws := []Drawer{CentredGaussian, AllForeground, AllBackground}
	for _, threads := range []int{1, 3, 20} {
		got, err := ValidateDrawn(context.Background(), set.Pairs, draws, ValidateOptions{Threads: threads})
		if err != nil || len(got) != len(draws) {
			t.Fatalf("%d threads: %d results, %v", threads, len(got), err)
		}
		for k, d := range draws {
			r := run(t, Options{Methods: []Method{{Name: "m", Draw: d}}, Sets: []Set{{Name: "s", Dir: dir}}, Protocol: metrics.SalMetric})
			if want := *r.Methods[0].Sets[0].Result.Scores.SalMetric; got[k].SalMetricScores != want || got[k].Pictures != 7 {
				t.Errorf("%d threads, baseline %d: %v, want %v", threads, k, got[k], want)
			}
		}
	}
	stop := errors.New("stop")
	if _, err := ValidateDrawn(context.Background(), set.Pairs, draws, ValidateOptions{Threads: 2, Merge: func(err error, sums ...*metrics.Aggregate) error {
		if err != nil || len(sums) != 2*len(draws) {
			t.Errorf("merged are %d sums, %v", len(sums), err)
		}
		return stop
	}}); !errors.Is(err, stop) {
		t.Errorf("an error of Merge: %v", err)
	}
	if _, err := ValidateDrawn(context.Background(), set.Pairs, draws, ValidateOptions{}); err == nil || !strings.Contains(err.Error(), "must be at least 1") {
		t.Errorf("no threads: %v", err)
	}
	if err := os.WriteFile(set.Pairs[1].Mask, []byte("no mask"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ValidateDrawn(context.Background(), set.Pairs, draws, ValidateOptions{Threads: 2}); err == nil || !strings.Contains(err.Error(), filepath.Base(set.Pairs[1].Mask)) {
		t.Errorf("a damaged mask: %v", err)
	}
}
