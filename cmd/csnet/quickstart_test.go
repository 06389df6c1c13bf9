package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// quickstart with the least time there is: whether its net is any good is not the
// question, the files and what it says, folded on a terminal, are. An earlier one is replaced, other
// folders are not.
func TestQuickstartCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("trains, prunes, tunes and scores")
	}
	t.Chdir(t.TempDir())
	stdout, stderr := &screen{width: 60}, &screen{width: 60}
	o := quickstartOptions{Out: "q", Budget: time.Second, toTrain: 64, heldBack: 8}
	err := runQuickstart(t.Context(), o, streams{stdout, stderr})
	out, errs := strings.Join(stdout.lines, "\n"), strings.Join(stderr.lines, "\n")
	if stdout.wraps+stderr.wraps > 0 {
		t.Errorf("%d lines are wider than 60 columns: %s\n%s", stdout.wraps+stderr.wraps, out, errs)
	}
	if err != nil && !strings.Contains(err.Error(), "no good") {
		t.Fatalf("%v: %s", err, errs)
	}
	there(t, "q/report.html", "q/pruned.safetensors", "q/train/checkpoints/last.safetensors", "q/finetune/checkpoints/last.safetensors")
	for _, want := range []string{"fine-tuned", "centred-gaussian", "pruned: right after", "Open q"} {
		if !strings.Contains(out, want) {
			t.Errorf("stdout lacks %q: %s", want, out)
		}
	}
	for _, want := range []string{" of 600 steps, ", "csnet predict photo.jpg", "csnet train --config own-photos"} {
		if !strings.Contains(errs, want) {
			t.Errorf("stderr lacks %q: %s", want, errs)
		}
	}
	if err := os.Mkdir("mine", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("mine/notes.txt", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong(t, exitUsage, "no earlier quickstart", "quickstart", "--out", "mine")
	wrong(t, exitUsage, "must be at least 1s", "quickstart", "--budget", "1ms", "--out", "q")
	there(t, "q/report.html", "mine/notes.txt")
}
