package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/synth"
)

// A run learns from a teacher, keeps its digest, and goes on with that one alone.
func TestTrainTeacher(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	if err := synth.Write(context.Background(), dir, 1, 12, 40, nil); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "run")
	call := func(args ...string) (int, string) {
		var o, e bytes.Buffer
		code := run(context.Background(), append([]string{"train", "--data", dir, "--threads", "1"}, args...), streams{&o, &e})
		return code, e.String()
	}
	conf := benchConfig(t)
	set := []string{"--config", conf, "--set", "data.size=32", "--set", "train.steps=2"}
	if code, text := call(append(set, "--out", out, "--set", "train.distill=0.5")...); code != exitUsage || !strings.Contains(text, "--teacher is missing") {
		t.Errorf("without a teacher: exit %d: %s", code, text)
	}
	if code, text := call(append(set, "--out", out, "--teacher", "embedded")...); code != exitUsage || !strings.Contains(text, "train.distill is 0") {
		t.Errorf("a teacher for nothing: exit %d: %s", code, text)
	}
	if code, text := call(append(set, "--out", out, "--set", "train.distill=0.5", "--teacher", "embedded")...); code != exitDone {
		t.Fatalf("exit %d: %s", code, text)
	}
	text, err := os.ReadFile(filepath.Join(out, "config.yaml"))
	if err != nil || strings.Contains(string(text), `teacher: ""`) {
		t.Errorf("config.yaml keeps no digest (%v): %s", err, text)
	}
	if code, text := call("--out", out, "--resume", "--set", "train.steps=3", "--teacher", filepath.Join(out, "checkpoints", "last.safetensors")); code != exitUsage || !strings.Contains(text, "the run learns from") {
		t.Errorf("another teacher: exit %d: %s", code, text)
	}
	if code, text := call("--out", out, "--resume", "--set", "train.steps=3"); code != exitUsage || !strings.Contains(text, "--teacher is missing") {
		t.Errorf("resumed without: exit %d: %s", code, text)
	}
	if code, text := call("--out", out, "--resume", "--set", "train.steps=3", "--teacher", "embedded"); code != exitDone {
		t.Errorf("resumed: exit %d: %s", code, text)
	}
}
