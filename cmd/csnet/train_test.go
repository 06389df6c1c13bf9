package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/train"
)

// A run leaves its files, the path of its net on stdout and what to do next; any
// number of threads gives the same bits; the folder is protected.
func TestTrainCommand(t *testing.T) {
	trained(t)
	there(t, lastNet, bestNet, "run/config.yaml", "run/metrics.jsonl")
	code, out, errs := cli("train", "--config", "small.yaml", "-d", "set", "-o", "two", "-t", "2")
	if code != 0 || out != filepath.Join("two", "checkpoints", "best.safetensors")+"\n" {
		t.Errorf("exit %d: stdout %q", code, out)
	}
	for _, want := range []string{"pictures to train on", "csnet predict -c two", "csnet prune -c two"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in %s", want, errs)
		}
	}
	equal(t, lastNet, "two/checkpoints/last.safetensors")
	lines, err := train.ReadMetrics("run/metrics.jsonl")
	if err != nil || len(lines) < 4 || lines[len(lines)-1].ValMAE == nil {
		t.Errorf("%v: %+v", err, lines)
	}
	raw, err := os.ReadFile("run/metrics.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]any{}
	for line := range strings.Lines(string(raw)) {
		if err := json.Unmarshal([]byte(line), &seen); err != nil {
			t.Fatal(err)
		}
	}
	has(t, seen, "step", "epoch", "loss", "lr", "lambda", "params_left", "macs_left", "seconds", "val_mae", "val_maxF")

	wrong(t, exitUsage, "holds a run", "train", "--config", "small.yaml", "--data", "set", "--out", "run")
	wrong(t, exitUsage, "--config is missing: a file, or one of those in the program (csnet config list): own-photos", "train", "--data", "set")
	wrong(t, exitFailed, "are fewer than one batch of train.batch = 64: more pictures are needed, or a smaller batch: --set train.batch=", "train", "--config", "small.yaml", "--data", "set", "--out", "few", "--set", "train.batch=64")
	wrong(t, exitUsage, "--data is missing", "train", "--config", "small.yaml", "--out", "x")
	wrong(t, exitUsage, "exclude each other", "train", "--config", "small.yaml", "--resume", "--from", lastNet)
	wrong(t, exitUsage, "did you mean", "train", "--config", "small.yaml", "--data", "set", "--out", "x", "--set", "optim.lrr=1")
	wrong(t, exitUsage, "multiple of", "train", "--config", "small.yaml", "--data", "set", "--out", "x", "--set", "data.size=40")
	wrong(t, exitFailed, "nowhere", "train", "--config", "small.yaml", "--data", "nowhere", "--out", "x")
	wrong(t, exitFailed, "nothing", "train", "--config", "small.yaml", "--data", "set", "--out", "nothing", "--resume")
	absent(t, "x", "nothing")
}

// A config of the program trains by its name.
func TestTrainShippedConfig(t *testing.T) {
	trained(t)
	must(t, "train", "--config", "csnet-tiny", "-d", "set", "-o", "named", "-s", "train.steps=40", "-s", "train.batch=4", "-s", "data.size=32", "-s", "net.width=0.2")
	must(t, "train", "--config", "finetune", "--from", "named/checkpoints/last.safetensors", "-d", "set", "-o", "tuned", "-s", "train.steps=1", "-s", "train.batch=2", "-s", "data.size=32", "-s", "optim.schedule.warmup_steps=0")
	there(t, "tuned/checkpoints/last.safetensors")
	if a, b := object(t, "summary", "-c", "named/checkpoints/last.safetensors", "--json"), object(t, "summary", "-c", "tuned/checkpoints/last.safetensors", "--json"); at(a, "params") != at(b, "params") {
		t.Errorf("fine-tuned: %v parameters, was %v", at(b, "params"), at(a, "params"))
	}
}

// interrupter is a stderr that cancels when something is said for the n-th time.
type interrupter struct {
	strings.Builder
	word   string
	n      int
	cancel func()
}

func (i *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), i.word) {
		if i.n--; i.n == 0 {
			i.cancel()
		}
	}
	return i.Builder.Write(p)
}

// A run that is interrupted exits with 130, saves, says how to go on, and gives the
// bits of one that never stopped.
func TestTrainInterrupted(t *testing.T) {
	trained(t)
	args := []string{"train", "--config", "small.yaml", "--data", "set", "--set", "train.steps=12"}
	must(t, append(args, "--out", "whole")...)
	ctx, cancel := context.WithCancel(context.Background())
	stop := &interrupter{word: "epoch", n: 2, cancel: cancel}
	if code := run(ctx, append(args, "--out", "parts"), streams{&strings.Builder{}, stop}); code != exitInterrupted {
		t.Fatalf("exit %d: %s", code, stop.String())
	}
	if !strings.Contains(stop.String(), "csnet train --resume --out parts") {
		t.Errorf("how to go on is not said: %s", stop.String())
	}
	must(t, "train", "--resume", "--out", "parts", "--threads", "1")
	equal(t, "whole/checkpoints/last.safetensors", "parts/checkpoints/last.safetensors")
}
