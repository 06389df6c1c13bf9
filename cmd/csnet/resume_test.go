package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/internal/lock"
)

// replace changes a text in a file.
func replace(t *testing.T, path, old, to string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(raw), old) {
		t.Fatalf("%s holds no %q: %v", path, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(raw), old, to)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A run that goes on is the run that it was: whatever would change it is refused
// with both values, and nothing in the folder changes.
func TestResumeRefuses(t *testing.T) {
	trained(t)
	last := filepath.Join("run", "checkpoints", "last.safetensors")
	none := func(*testing.T) {}
	edit := func(old, to string) func(*testing.T) {
		return func(t *testing.T) { replace(t, filepath.Join("run", "config.yaml"), old, to) }
	}
	for _, c := range []struct {
		name  string
		harm  func(*testing.T)
		args  []string
		wants []string
	}{
		{"rate edited", edit("lr: 0.0001", "lr: 0.5"), nil, []string{"optim.lr is 0.0001 in", "0.5 in"}},
		{"seed edited", edit("seed: 1", "seed: 7"), nil, []string{"train.seed is 1 in", "7 in"}},
		{"width edited", edit("width: 0.2", "width: 1"), nil, []string{"net.width is 0.2 in", "1 in"}},
		{"shortened", edit("steps: 4", "steps: 3"), nil, []string{"train.steps is 4 in", "3 in"}},
		{"--set", none, []string{"--set", "optim.lr=0.5"}, []string{"optim.lr"}},
		{"--seed", none, []string{"--seed", "9"}, []string{"train.seed is 1", "9 in"}},
		{"--mask", none, []string{"--mask", "alpha"}, []string{"data.mask is auto", "alpha"}},
		{"another config", func(t *testing.T) { replace(t, "small.yaml", "batch: 2", "batch: 3") }, []string{"--config", "small.yaml"}, []string{"train.batch is 2 in run", "3 in small.yaml"}},
		{"--val", none, []string{"--val", "other"}, []string{"trained on", "now on 12 pairs", "validated on"}},
		{"other data", none, []string{"--data", "other"}, []string{"not the pictures", "trained on"}},
		{"another net", func(t *testing.T) {
			must(t, "export", "--out", "e.safetensors")
			must(t, "import", "--from", "e.safetensors", "--out", last, "--overwrite")
		}, nil, []string{"net.width"}},
		{"another step", func(t *testing.T) {
			c, err := checkpoint.Load(last)
			if err != nil {
				t.Fatal(err)
			}
			c.Step = 1e9
			if err := checkpoint.Save(last, c); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"step 1000000000", "another run"}},
		{"damaged", func(t *testing.T) {
			raw, err := os.ReadFile(last)
			if err != nil {
				t.Fatal(err)
			}
			raw[len(raw)-9] ^= 4
			if err := os.WriteFile(last, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"is damaged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			keep := t.TempDir()
			if err := os.CopyFS(keep, os.DirFS(".")); err != nil {
				t.Fatal(err)
			}
			t.Chdir(keep)
			c.harm(t)
			before := digest(t)
			code, _, errs := cli(append([]string{"train", "--resume", "--out", "run"}, c.args...)...)
			if code == exitDone || digest(t) != before && c.name != "another step" { // the page of the run tells that
				t.Errorf("exit %d, or files changed: %s", code, errs)
			}
			for _, w := range c.wants {
				if !strings.Contains(errs, w) {
					t.Errorf("says %q, must say %q", errs, w)
				}
			}
		})
	}
}

// What does not change the run is no reason to refuse it.
func TestResumeLengthens(t *testing.T) {
	trained(t)
	if code, _, errs := cli("train", "--resume", "--out", "run"); code != 0 || !strings.Contains(errs, "going on after step ") {
		t.Errorf("exit %d: %s", code, errs)
	}
	must(t, "train", "--resume", "--out", "run", "--config", "small.yaml", "--data", "./set", "--threads", "1")
	must(t, "train", "--resume", "--out", "run", "--set", "train.steps=6", "--set", "train.save_every=1")
	if err := os.Rename("set", "moved"); err != nil {
		t.Fatal(err)
	}
	must(t, "train", "--resume", "--out", "run", "--set", "train.steps=7", "--data", "moved")
	c, err := checkpoint.Load(filepath.Join("run", "checkpoints", "last.safetensors"))
	if err != nil || c.Step != 7 {
		t.Errorf("last is of step %d, %v", c.Step, err)
	}
}

// Two runs never train into one folder: the second is kept out while the first is
// at work, and what it began with is looked at again once it is alone.
func TestOneRunPerFolder(t *testing.T) {
	trained(t)
	l, err := lock.Acquire(filepath.Join("run", ".csnet-lock"))
	if err != nil {
		t.Skip(err)
	}
	before := digest(t)
	code, _, errs := cli("train", "--resume", "--out", "run", "--set", "train.steps=6")
	if code != exitFailed || !strings.Contains(errs, "another csnet trains into this folder") || digest(t) != before {
		t.Errorf("exit %d: %s", code, errs)
	}
	l.Release()
	must(t, "train", "--resume", "--out", "run", "--set", "train.steps=6")
	if _, err := os.Stat(filepath.Join("run", ".csnet-lock")); err == nil {
		t.Error("the lock file was left behind")
	}
	c, err := checkpoint.Load(filepath.Join("run", "checkpoints", "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	c.Step = 2
	if err := (&trainJob{out: "run", resume: c}).unchanged(); err == nil || !strings.Contains(err.Error(), "step 2 to 6") {
		t.Errorf("a run that went on meanwhile: %v", err)
	}
	if err := (&trainJob{out: "run"}).unchanged(); err == nil {
		t.Error("a run that was made meanwhile was overwritten")
	}
}

// A run that a config in the program began goes on under that name, and is compared
// with it.
func TestResumeByConfigName(t *testing.T) {
	out := trainedRun(t)
	again := []string{"train", "--resume", "--config", "csnet-tiny", "--out", out}
	if code, _, errs := cli(again...); code != exitUsage || !strings.Contains(errs, "data.size") {
		t.Errorf("without the run's settings: exit %d: %s", code, errs)
	}
	must(t, append(again, "--set", "data.size=32", "--set", "eval.size=32", "--set", "train.batch=4", "--set", "train.epochs=2", "--set", "data.val_share=0.3", "--set", "train.log_every=1")...)
}
