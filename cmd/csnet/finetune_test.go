package main

import (
	"strings"
	"testing"
)

// Fine-tuning that makes nothing better hands out the net that it began with, and says
// so; frozen norms need a net to begin with.
func TestFineTuningKeepsTheBetterNet(t *testing.T) {
	trained(t)
	wrong(t, exitUsage, "--from is missing", "train", "--config", "small.yaml", "--data", "set", "--out", "frozen", "--set", "train.norm=frozen")
	// At this rate one step ruins the net.
	code, _, errs := cli("train", "--config", "own-photos", "--from", "embedded", "--data", "set", "--out", "tuned", "--set", "data.val_share=0.3",
		"--set", "data.size=64", "--set", "eval.size=64", "--set", "train.batch=2", "--set", "train.steps=1", "--set", "train.ema=0", "--set", "optim.schedule.warmup_steps=0", "--set", "optim.lr=0.05")
	if code != exitDone || !strings.Contains(errs, "best by maxF (train.best): step 0") || !strings.Contains(errs, "best.safetensors is the net that the run started from") {
		t.Errorf("exit %d: %s", code, errs)
	}
	score := func(net string) any {
		return at(object(t, "eval", "-c", net, "-d", "D=other", "--size", "64", "--json"), "sets.D.salmetric.MAE")
	}
	if a, b := score("embedded"), score("tuned/checkpoints/best.safetensors"); a != b {
		t.Errorf("MAE %v before, %v of the best after", a, b)
	}
	if a, b := score("embedded"), score("tuned/checkpoints/last.safetensors"); a == b {
		t.Errorf("MAE %v before and after: nothing was trained", a)
	}
}
