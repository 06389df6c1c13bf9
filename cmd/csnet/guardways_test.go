package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// way is a command with an output at TARGET.
type way struct {
	name string
	args []string
	// Targets that are refused, each with what must be said: a file that the command
	// reads, also with --overwrite; a place in a set that is read, also with it; and a
	// file or folder of the user's, without it alone.
	input, inSet, users [2]string
	always              bool // there is no --overwrite: what is there is never replaced
}

func ways() []way {
	sweep := []string{"prune", "--sweep", "--checkpoint", lastNet, "--val", "set", "--latency", "times.json", "--out", "TARGET"}
	return []way{
		{name: "predict, several forms", args: []string{"predict", "--as", "mask,cutout", "--background", "work/IMG_1_mask.png", "album/IMG_1.jpg", "--out", "TARGET"},
			input: [2]string{"work", "is the picture of --background"}, users: [2]string{"mine", "not a mask that csnet wrote"}},
		{name: "predict, a photo beside", args: []string{"predict", "--as", "mask,map", "pair", "--out", "TARGET"},
			input: [2]string{"pair", "is the photo pair"}},
		{name: "predict from standard input", args: []string{"predict", "-", "--out", "TARGET"},
			input: [2]string{"album/IMG_1.png", "is standard input"}, users: [2]string{"mine.png", "not a saliency map that csnet wrote"}},
		{name: "data preview", args: []string{"data", "preview", "set", "--config", "small.yaml", "--set", "data.size=32", "--out", "TARGET"},
			input: [2]string{"small.yaml", "is the config"}, inSet: [2]string{"set/images/new.png", "the folder of the photo"}, users: [2]string{"mine.png", "not a preview of training pictures"}},
		{name: "data shrink", args: []string{"data", "shrink", "set", "--out", "TARGET"}, always: true,
			input: [2]string{"set", "is there already"}, inSet: [2]string{"set/GT/small", "the folder of the mask"}, users: [2]string{"mine", "is there already"}},
		{name: "data split", args: []string{"data", "split", "set", "--out", "TARGET"}, always: true,
			input: [2]string{"set", "is there already"}, inSet: [2]string{"set/GT/cut", "the folder of the mask"}, users: [2]string{"mine", "is there already"}},
		{name: "bench --latency", args: []string{"bench", "--checkpoint", "net.safetensors", "--latency", "TARGET", "--size", "32", "--runs", "1", "--threads", "1"},
			input: [2]string{"link.safetensors", "is the checkpoint"}, users: [2]string{"notes.txt", "not a latency table"}},
		{name: "bench --latency of a config", args: []string{"bench", "--config", "small.yaml", "--latency", "TARGET", "--size", "32", "--runs", "1", "--threads", "1"},
			input: [2]string{"./small.yaml", "is the config"}},
		{name: "inspect", args: []string{"inspect", "run", "--out", "TARGET"},
			input: [2]string{"run/metrics.jsonl", "is the metrics.jsonl of"}, users: [2]string{"notes.txt", "not a page of csnet inspect"}},
		{name: "ablate", args: []string{"ablate", "list.yaml", "--data", "set", "--eval", "other", "--out", "TARGET"},
			input: [2]string{"lists", "is the config"}, inSet: [2]string{"other/GT", "the folder of the mask"}, users: [2]string{"tables", "not the table of an ablation"}},
		{name: "ablate, a result", args: []string{"ablate", "list.yaml", "--data", "set", "--out", "TARGET"}, always: true,
			users: [2]string{"results", "not the result of a run"}},
		{name: "prune --sweep", args: sweep,
			input: [2]string{"swept", "is the file of --latency"}, inSet: [2]string{"set/images", "the folder of the photo"}, users: [2]string{"mine", "no earlier sweep"}},
		{name: "eval merge", args: []string{"eval", "merge", "TARGET"},
			users: [2]string{"parts", "not part of a report"}},
	}
}

// ready makes what the commands of ways read and what they must leave alone.
func ready(t *testing.T) {
	t.Helper()
	shop(t)
	must(t, "train", "--config", "small.yaml", "--data", "set", "--out", "run", "--set", "data.size=32", "--set", "train.steps=2", "--set", "train.batch=2", "--set", "train.log_every=1", "--set", "eval.size=32")
	must(t, "bench", "--checkpoint", lastNet, "--latency", "times.json", "--size", "32", "--runs", "1", "--threads", "1")
	must(t, "eval", "--checkpoint", lastNet, "--data", "set", "--out", "parts", "--shard", "0/1")
	must(t, "data", "split", "set", "--out", "other-cut", "--share", "0.5")
	if err := os.Rename("other-cut/val", "other"); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"mine/notes.txt": "mine", "mine/sweep.csv": "mine", "parts/scores.md": "mine", "tables/table.md": "mine",
		"results/one-seed1/result.json": "mine",
		"list.yaml":                     "seeds: [1]\nset: [train.steps=2, data.size=32, train.batch=2, eval.size=32]\nentries:\n  - {name: one, config: small.yaml}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mine.png", "mine/IMG_1_mask.png", "work/IMG_1_mask.png", "pair/a.png", "pair/a_mask.png"} {
		pngPhoto(t, name)
	}
	for name, to := range map[string]string{"swept/sweep.csv": "times.json", "lists/table.md": "list.yaml"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(to, name); err != nil {
			t.Skip(err)
		}
	}
}

// The newer ways to write a file replace nothing that they read, nothing in a set that
// they read, and nothing that csnet did not write; --overwrite allows the last alone.
func TestWaysOverwriteNothing(t *testing.T) {
	ready(t)
	before := digest(t)
	for _, w := range ways() {
		try := func(target [2]string, overwrite bool) {
			if target[0] == "" {
				return
			}
			args := []string{}
			for _, a := range w.args {
				args = append(args, strings.ReplaceAll(a, "TARGET", target[0]))
			}
			if overwrite {
				args = append(args, "--overwrite")
			}
			code, _, errs := cliReading(t, "album/IMG_1.png", args...)
			if code != exitUsage || !strings.Contains(errs, target[1]) {
				t.Errorf("%s: %v: exit %d, want 2 and %q: %s", w.name, args, code, target[1], errs)
			}
			if digest(t) != before {
				t.Fatalf("%s: %v: files changed", w.name, args)
			}
		}
		for _, target := range [][2]string{w.input, w.inSet, w.users} {
			try(target, false)
		}
		if !w.always {
			try(w.input, true)
			try(w.inSet, true)
		}
	}
}

// With --overwrite a file of the user's is replaced, and what csnet wrote is without it.
func TestWaysReplaceWhatTheyMay(t *testing.T) {
	ready(t)
	for _, w := range ways() {
		if w.always || w.users[0] == "" || w.name == "prune --sweep" || w.name == "ablate" { // these two: TestPruneSweep, TestAblate
			continue
		}
		args := []string{}
		for _, a := range w.args {
			args = append(args, strings.ReplaceAll(a, "TARGET", w.users[0]))
		}
		before := digest(t)
		for _, a := range [][]string{append(args[:len(args):len(args)], "--overwrite"), args} {
			if code, _, errs := cliReading(t, "album/IMG_1.png", a...); code != exitDone {
				t.Errorf("%s: %v: exit %d: %s", w.name, a, code, errs)
			}
		}
		if digest(t) == before {
			t.Errorf("%s: %v: nothing was written", w.name, args)
		}
	}
}

// cliReading is cli with a file as standard input.
func cliReading(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	f, err := os.Open(stdin)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	was := os.Stdin
	os.Stdin = f
	defer func() { os.Stdin = was }()
	return cli(args...)
}

// A result that goes to standard output is not appended to the photo that it is of.
func TestPhotoAsStandardOutput(t *testing.T) {
	shop(t)
	before := digest(t)
	f, err := os.OpenFile("album/IMG_1.png", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var errs bytes.Buffer
	code := run(context.Background(), []string{"predict", "album/IMG_1.png", "--out", "-"}, streams{f, &errs})
	if code != exitUsage || !strings.Contains(errs.String(), "standard output: goes to the photo album/IMG_1.png, which is read") || digest(t) != before {
		t.Errorf("exit %d, or files changed: %s", code, errs.String())
	}
}

// A photo that comes into a watched folder has no results where the user's files are;
// those in the folder itself stay with --overwrite too.
func TestWatchOverwritesNothing(t *testing.T) {
	shop(t)
	pngPhoto(t, "album/IMG_1_cutout.png")
	before := digest(t)
	for _, overwrite := range []bool{false, true} {
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		errs := &waits{wanted: "IMG_1_cutout.png: is ", then: stop}
		args := []string{"predict", "--watch", "album", "--as", "cutout,mask"}
		if overwrite {
			args = append(args, "--overwrite")
		}
		run(ctx, args, streams{&bytes.Buffer{}, errs})
		stop()
		if !strings.Contains(errs.text.String(), "is a file of --watch") {
			t.Errorf("overwrite %v: %s", overwrite, errs.text.String())
		}
	}
	absent(t, "album/IMG_1_mask.png")
	for _, name := range []string{"album/IMG_1_cutout_cutout.png", "album/IMG_1_cutout_mask.png"} {
		_ = os.Remove(name)
	}
	if digest(t) != before {
		t.Error("files changed")
	}
}

// waits is a stream that calls then when it was given a text.
type waits struct {
	text   bytes.Buffer
	wanted string
	then   func()
}

func (w *waits) Write(p []byte) (int, error) {
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.wanted) {
		w.then()
	}
	return len(p), nil
}
