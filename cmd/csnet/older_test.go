package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/checkpoint"
	"csnet/internal/kernel"
	"csnet/internal/synth"
)

// olderRun puts the run of testdata/older, which the csnet of commit 709413e made of the
// set that is drawn here, into run in the current folder, new then. Its checkpoint has
// neither a digest nor the state of the run.
func olderRun(t *testing.T) {
	t.Helper()
	from, err := filepath.Abs(filepath.Join("testdata", "older"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS("run", os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := synth.Write(context.Background(), "set", 1, 8, 32, nil); err != nil {
		t.Fatal(err)
	}
}

// A checkpoint of an older csnet, without a digest, does all that others do, and every
// command that uses its weights notes that they cannot be verified.
func TestOlderCheckpoint(t *testing.T) {
	olderRun(t)
	const note = "note: " + lastNet + " holds no digest"
	for _, args := range [][]string{
		{"predict", "--checkpoint", lastNet, "--out", "maps", "set/images"},
		{"eval", "--checkpoint", lastNet, "--data", "set"},
		{"export", "--checkpoint", lastNet, "--out", "e.safetensors"},
		{"export", "--checkpoint", lastNet, "--format", "onnx", "--out", "e.onnx"},
		{"prune", "--checkpoint", lastNet, "--ratio", "0.1", "--out", "p.safetensors"},
		{"train", "--from", lastNet, "--config", "run/config.yaml", "--data", "set", "--out", "tuned"},
		{"train", "--teacher", lastNet, "--config", "run/config.yaml", "--set", "train.distill=0.5", "--data", "set", "--out", "taught"},
	} {
		code, _, errs := cli(args...)
		if code != exitDone || strings.Count(errs, note) != 1 {
			t.Errorf("%v: exit %d, must say %q once: %s", args, code, note, errs)
		}
	}
	if code, out, _ := cli("check", "run"); code != exitDone || !strings.Contains(out, "sound: checkpoint at step 2, 1899 parameters, all values finite; no digest: damage that leaves values finite cannot be seen") {
		t.Errorf("check: exit %d: %s", code, out)
	}
	for _, made := range []string{"e.safetensors", "p.safetensors", "tuned/checkpoints/last.safetensors"} { // have one
		if code, out, _ := cli("check", made); code != exitDone || !strings.Contains(out, "digest holds") {
			t.Errorf("check %s: exit %d: %s", made, code, out)
		}
		if _, _, errs := cli("prune", "--checkpoint", made, "--ratio", "0.1", "--dry-run"); strings.Contains(errs, "holds no digest") {
			t.Errorf("%s: %s", made, errs)
		}
	}
}

// A run of an older csnet goes on, with what is missing in its checkpoint said; what it
// saves then is whole.
func TestOlderRunGoesOn(t *testing.T) {
	olderRun(t)
	code, _, errs := cli("train", "--resume", "--out", "run", "--set", "train.steps=4")
	if code != exitDone || !strings.Contains(errs, "note: the checkpoint is of an older csnet, without digest and state: its best score is taken from metrics.jsonl") || strings.Contains(errs, "not the data") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	c, err := checkpoint.Load(lastNet)
	if err != nil || c.Step != 4 || c.Digest == "" || c.Run == nil {
		t.Errorf("%v: %+v", err, c)
	}
}

// A run's checkpoint names the kinds of instructions that made its weights; another kind
// makes other bits, of which --resume warns; --cpu holds a run to a lower kind, with the
// same bits as a run that knew no other.
func TestInstructionKinds(t *testing.T) {
	best := kernel.Current()
	olderRun(t)
	begin := func(out string) {
		must(t, "train", "--config", "run/config.yaml", "--data", "set", "--cpu", "plain", "--out", out)
	}
	kinds := func(out, want string) {
		t.Helper()
		c, err := checkpoint.Load(filepath.Join(out, "checkpoints", "last.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Run.CPU != want {
			t.Errorf("%s: made by %q, want %q", out, c.Run.CPU, want)
		}
	}
	goesOn := func(out string, args ...string) string {
		t.Helper()
		code, _, errs := cli(append([]string{"train", "--resume", "--out", out, "--set", "train.steps=6"}, args...)...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, errs)
		}
		return errs
	}
	for _, out := range []string{"held", "again", "crossed"} {
		begin(out)
		kinds(out, "plain")
	}
	const warning = "warning: the run's weights were made with plain, this csnet computes with "
	for _, out := range []string{"held", "again"} {
		if errs := goesOn(out, "--cpu", "plain"); strings.Contains(errs, "warning: the run's weights") {
			t.Errorf("%s: %s", out, errs)
		}
		kinds(out, "plain")
	}
	equal(t, "held/checkpoints/last.safetensors", "again/checkpoints/last.safetensors")
	if kernel.Current() != best {
		t.Fatalf("after --cpu plain the level is %v, was %v", kernel.Current(), best)
	}
	if best == kernel.Plain {
		t.Skip("this machine or build has plain Go alone: no other kind to go on with")
	}
	errs := goesOn("crossed")
	for _, want := range []string{warning + best.String() + ": sums in another order, so they will differ", "(--cpu plain keeps it to that where the machine has it)"} {
		if strings.Count(errs, want) != 1 {
			t.Errorf("must say %q once: %s", want, errs)
		}
	}
	kinds("crossed", "plain+"+best.String())
	a, errA := checkpoint.Load("held/checkpoints/last.safetensors")
	b, errB := checkpoint.Load("crossed/checkpoints/last.safetensors")
	if errA != nil || errB != nil || weightsDigest(a.Params) == weightsDigest(b.Params) {
		t.Errorf("plain and %v made the same weights, so the warning has no reason: %v, %v", best, errA, errB)
	}
	if errs := goesOn("crossed", "--set", "train.steps=8"); !strings.Contains(errs, "were made with plain+"+best.String()) {
		t.Errorf("a run of two kinds goes on without a warning: %s", errs)
	}
}
