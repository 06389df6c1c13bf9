package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/configs"
	"csnet/internal/ablate"
	"csnet/internal/config"
)

// smallList is an ablation of two entries over the config of trained.
const smallList = `title: "small & quick"
seeds: [1, 2]
set: [train.steps=4]
prune: {share: 0.7, finetune: {set: [dwd.mode=none, train.steps=2]}}
entries:
  - {name: DWD, config: small.yaml}
  - {name: longer, config: small.yaml, set: [dwd.mode=none, train.steps=6], whole: true}
`

// A list is trained, pruned, tuned and scored once for each seed, and written as
// tables; the same command again has nothing to do.
func TestAblate(t *testing.T) {
	trained(t)
	if err := os.WriteFile("list.yaml", []byte(smallList), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"ablate", "list.yaml", "--data", "set", "--eval", "other", "--out", "abl"}
	code, out, errs := cli(args...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{"DWD     trained", "DWD     pruned", "DWD     fine-tuned", "longer  trained", "1 2", "other maxF", "training pictures, digest", "csnet "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	there(t, "abl/table.md", "abl/table.tex", "abl/table.csv", "abl/table.json", "abl/dwd-seed1/pruned.safetensors", "abl/longer-seed2/result.json")
	raw, err := os.ReadFile("abl/table.json")
	if err != nil {
		t.Fatal(err)
	}
	var rep ablate.Report
	if err := json.Unmarshal(raw, &rep); err != nil || len(rep.Results) != 4 {
		t.Fatalf("%v: %+v", err, rep)
	}
	for _, r := range rep.Results {
		stages := 3
		if r.Entry == "longer" {
			stages = 1
		}
		if !r.Done || len(r.Nets) != stages || r.Data == "" {
			t.Errorf("%+v", r)
			continue
		}
		for _, n := range r.Nets {
			if len(n.Scores) != 1 || n.Scores[0].Images != 12 || n.Params == 0 {
				t.Errorf("%s seed %d: %+v", r.Entry, r.Seed, n)
			}
		}
	}
	if a, b := rep.Results[0].Net(ablate.Trained), rep.Results[0].Net(ablate.FineTuned); float64(b.Params) > .7*float64(a.Params) {
		t.Errorf("%d parameters of %d are left", b.Params, a.Params)
	}
	// What the table says is what the commands say.
	o := object(t, "eval", "-c", "abl/dwd-seed1/pruned.safetensors", "-d", "other", "--json")
	if got := at(o, "sets.other.salmetric.maxF"); got != rep.Results[0].Net(ablate.Pruned).Scores[0].MaxF {
		t.Errorf("eval says %v, the table %v", got, rep.Results[0].Net(ablate.Pruned).Scores[0].MaxF)
	}
	before, _ := os.ReadFile("abl/table.md")
	must(t, args...)
	if after, _ := os.ReadFile("abl/table.md"); string(before) != string(after) {
		t.Errorf("a second call changed the table:\n%s\n%s", before, after)
	}
	wrong(t, exitUsage, "other settings", append(args, "--set", "optim.lr=1e-3")...)
}

// Untrained nets are counted and timed.
func TestAblateUntrained(t *testing.T) {
	trained(t)
	text := "title: time\nuntrained: true\ntime: true\nentries:\n- {config: small.yaml}\n"
	if err := os.WriteFile("list.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	o := object(t, "ablate", "list.yaml", "--out", "abl", "--json")
	r := o["results"].([]any)[0]
	if n := at(r, "nets").([]any)[0]; at(n, "stage") != ablate.Drawn || at(n, "params") == nil || at(n, "ms_per_picture").(float64) <= 0 {
		t.Errorf("%v", n)
	}
}

// An ablation that is stopped goes on to the same nets.
func TestAblateInterrupted(t *testing.T) {
	trained(t)
	whole := []string{"ablate", "small.yaml", "--seeds", "3,4", "--data", "set", "--out", "whole", "-s", "train.steps=8"}
	must(t, whole...)
	args := append(whole[:len(whole):len(whole)], "--out", "parts")
	for n := 1; ; n++ {
		ctx, cancel := context.WithCancel(context.Background())
		stop := &interrupter{word: "epoch", n: 2, cancel: cancel}
		code := run(ctx, args, streams{&strings.Builder{}, stop})
		cancel()
		if code == exitDone {
			if n < 3 {
				t.Errorf("it was stopped %d times only", n-1)
			}
			break
		}
		if code != exitInterrupted || !strings.Contains(stop.String(), "the same command goes on") || n > 20 {
			t.Fatalf("exit %d: %s", code, stop.String())
		}
	}
	for _, run := range []string{"small-seed3", "small-seed4"} {
		equal(t, filepath.Join("whole", run, "trained/checkpoints/last.safetensors"), filepath.Join("parts", run, "trained/checkpoints/last.safetensors"))
	}
}

// What cannot be run is said before anything is.
func TestAblateWrong(t *testing.T) {
	trained(t)
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("typo.yaml", "seedz: [1]\nentries:\n- {config: small.yaml}\n")
	write("empty.yaml", "entries: []\n")
	write("two.yaml", "entries:\n- {config: small.yaml}\n- {config: small.yaml, name: small!}\n")
	write("both.yaml", "prune: {share: 0.5, params: 10}\nentries:\n- {config: small.yaml}\n")
	write("key.yaml", "entries:\n- {config: small.yaml, set: [optim.lrr=1]}\n")
	wrong(t, exitUsage, "CONFIG is missing", "ablate")
	wrong(t, exitUsage, "decay", "ablate", "deccay", "-d", "set")
	wrong(t, exitUsage, `unknown field "seedz"`, "ablate", "typo.yaml", "-d", "set")
	wrong(t, exitUsage, "entries is empty", "ablate", "empty.yaml", "-d", "set")
	wrong(t, exitUsage, "too much alike", "ablate", "two.yaml", "-d", "set")
	wrong(t, exitUsage, "2 of share, params and ratio", "ablate", "both.yaml", "-d", "set")
	wrong(t, exitUsage, "did you mean", "ablate", "key.yaml", "-d", "set")
	wrong(t, exitUsage, "whole numbers", "ablate", "small.yaml", "--seeds", "1,x", "-d", "set")
	wrong(t, exitUsage, "is a list", "ablate", "two.yaml", "small.yaml", "-d", "set")
	wrong(t, exitUsage, "--data is missing", "ablate", "small.yaml", "--out", "abl")
	write("mine.md", "# mine\n")
	if err := os.MkdirAll("own", 0o755); err != nil {
		t.Fatal(err)
	}
	write("own/table.md", "# mine\n")
	wrong(t, exitUsage, "not the table of an ablation", "ablate", "small.yaml", "--out", "own", "-d", "set")
	if code, out, _ := cli("ablate", "small.yaml", "--out", "none", "-d", "set", "--dry-run"); code != 0 || !strings.Contains(out, "small, seed 1: to run") {
		t.Errorf("%d: %s", code, out)
	}
	absent(t, "none")
}

// Every list in the program parses, and its configs are there.
func TestShippedLists(t *testing.T) {
	if len(listNames()) < 1 {
		t.Fatal("no lists")
	}
	t.Chdir(t.TempDir())
	for _, name := range listNames() {
		if err := os.Mkdir(name, 0o755); err != nil { // a folder of its name hides no list
			t.Fatal(err)
		}
		text, err := configs.Lists.ReadFile("ablations/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		l, err := ablate.Parse(name, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if l.Title == "" {
			t.Errorf("%s has no title", name)
		}
		for _, e := range l.Entries {
			if _, err := config.Load(e.Config, append(append([]string{}, l.Set...), e.Set...)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if code, _, errs := cli("ablate", name, "--dry-run"); code != 0 {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
}
