package main

import (
	"context"
	"os"
	"strings"
	"testing"
)

// A page of two runs, one of which prunes itself, shows both; what is no run and what
// is no page of ours is refused.
func TestInspect(t *testing.T) {
	trained(t)
	must(t, "train", "--config", "small.yaml", "-d", "set", "-o", "shrinks", "-s", "train.steps=12", "-s", "prune.milestones=[2]", "-s", "prune.ratios=[0.3]", "-s", "prune.recalibrate=4", "-s", "dwd.mode=none")
	if code, out, errs := cli("inspect", "run", "shrinks"); code != 0 || out != "inspect.html\n" {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	raw, err := os.ReadFile("inspect.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<title>csnet inspect: run, shrinks", "Channels of each octave", "ratio 0.5", "stage1: |gamma|", "csf: S", "stage2.0: S", "Norms of run", "stage1.0.dw2, 0", "dwd 3"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	o := object(t, "inspect", "run", "shrinks", "--json")
	runs := o["runs"].([]any)
	if len(runs) != 2 || at(runs[1], "last.params").(float64) >= at(runs[0], "last.params").(float64) || at(runs[0], "last.norms") == nil || at(runs[0], "last.left_at") == nil {
		t.Errorf("%v", o)
	}
	must(t, "inspect", "run", "shrinks/") // over its own page
	wrong(t, exitUsage, "RUN is missing", "inspect")
	wrong(t, exitFailed, "holds no run", "inspect", "set")
	if err := os.WriteFile("mine.html", []byte("<p>mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	wrong(t, exitUsage, "not a page of csnet inspect", "inspect", "run", "--out", "mine.html")
	wrong(t, exitUsage, "would be overwritten", "inspect", "run", "--out", "run/metrics.jsonl")
}

// A run that prunes itself says so, and its net is the smaller one everywhere; stopped
// and resumed it ends in the same bytes.
func TestTrainPrunes(t *testing.T) {
	trained(t)
	set := []string{"-s", "train.steps=16", "-s", "prune.milestones=[1,3]", "-s", "prune.ratios=[0.2,0.3]", "-s", "prune.criterion=gamma-gap", "-s", "prune.recalibrate=4", "-s", "train.ema=0.9"}
	code, _, errs := cli(append([]string{"train", "--config", "small.yaml", "-d", "set", "-o", "whole"}, set...)...)
	if code != 0 || !strings.Contains(errs, "pruned before epoch 2") || !strings.Contains(errs, "pruned before epoch 4") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	before, after := object(t, "summary", "-c", lastNet, "--json"), object(t, "summary", "-c", "whole/checkpoints/last.safetensors", "--json")
	if at(after, "params").(float64) >= at(before, "params").(float64) {
		t.Errorf("%v parameters, was %v", at(after, "params"), at(before, "params"))
	}
	must(t, "eval", "-c", "whole/checkpoints/best.safetensors", "-d", "other")
	args := append([]string{"train", "--config", "small.yaml", "-d", "set", "-o", "parts"}, set...)
	for n := 0; ; n++ {
		ctx, cancel := context.WithCancel(context.Background())
		stop := &interrupter{word: "epoch", n: 2, cancel: cancel}
		code := run(ctx, args, streams{&strings.Builder{}, stop})
		cancel()
		if code == exitDone {
			break
		}
		if code != exitInterrupted || n > 40 {
			t.Fatalf("exit %d: %s", code, stop.String())
		}
		args = []string{"train", "--resume", "--out", "parts"}
	}
	equal(t, "whole/checkpoints/last.safetensors", "parts/checkpoints/last.safetensors")
	equal(t, "whole/checkpoints/best.safetensors", "parts/checkpoints/best.safetensors")
	wrong(t, exitUsage, "smallest net possible", "train", "--config", "small.yaml", "-d", "set", "-o", "x", "-s", "prune.milestones=[1]", "-s", "prune.target_params=[3]")
	wrong(t, exitUsage, "one for each milestone", "train", "--config", "small.yaml", "-d", "set", "-o", "x", "-s", "prune.milestones=[1,2]", "-s", "prune.ratios=[0.1]")
	wrong(t, exitUsage, "ascending", "train", "--config", "small.yaml", "-d", "set", "-o", "x", "-s", "prune.milestones=[2,1]", "-s", "prune.ratios=[0.1,0.1]")
	absent(t, "x")
}
