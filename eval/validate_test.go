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

// Validate gives the digits that Run gives, for any number of threads, tells its
// progress and closes its nets.
func TestValidate(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 7)
	set, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), Options{
		Methods: []Method{bright("net")}, Sets: []Set{{Name: "s", Dir: dir}}, Protocol: metrics.SalMetric, Threads: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := *r.Methods[0].Sets[0].Result.Scores.SalMetric
	for _, threads := range []int{1, 3, 20} {
		told, closed := 0, 0
		got, err := Validate(context.Background(), set.Pairs, ValidateOptions{
			NewNet: func() (Net, error) { return &brightNet{closed: &closed}, nil }, Size: 32, Threads: threads,
			Progress: func(done, total int) {
				if told++; done != told || total != len(set.Pairs) {
					t.Errorf("%d threads: told %d of %d", threads, done, total)
				}
			},
		})
		if err != nil || got.SalMetricScores != want {
			t.Errorf("%d threads: %v, %v, want %v", threads, got, err, want)
		}
		if told != len(set.Pairs) || closed != min(threads, len(set.Pairs)) {
			t.Errorf("%d threads: told %d times, %d nets closed", threads, told, closed)
		}
	}
}

// What ends a validation says so: a damaged file by its name, a cancelled context,
// no threads, no pictures.
func TestValidateErrors(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 3)
	set, err := data.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := ValidateOptions{NewNet: newBright, Size: 32, Threads: 2}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Validate(cancelled, set.Pairs, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Validate(context.Background(), nil, o); err == nil {
		t.Error("no pictures: no error")
	}
	if err := os.WriteFile(set.Pairs[1].Image, []byte("no photo"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Validate(context.Background(), set.Pairs, o); err == nil || !strings.Contains(err.Error(), filepath.Base(set.Pairs[1].Image)) {
		t.Errorf("a damaged photo: %v", err)
	}
	o.Threads = 0
	if _, err := Validate(context.Background(), set.Pairs, o); err == nil || !strings.Contains(err.Error(), "must be at least 1") {
		t.Errorf("no threads: %v", err)
	}
}
