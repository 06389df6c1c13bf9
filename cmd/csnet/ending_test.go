package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// broken is a stream that takes some writes and then fails.
type broken struct {
	left int
	err  error
}

func (b *broken) Write(p []byte) (int, error) {
	if b.left--; b.left < 0 {
		return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: b.err}
	}
	return len(p), nil
}

// Results that could not be written are no success, whichever command made them.
func TestFullStdout(t *testing.T) {
	trained(t)
	for _, args := range [][]string{
		{"config", "list"}, {"data", "check", "set"}, {"data", "check", "set", "--json"}, {"data", "stats", "set"}, {"summary"}, {"version"},
		{"eval", "--data", "set", "--baselines"}, {"eval", "--data", "set", "--json"}, {"check", "run"}, {"--help"},
		{"prune", "--dry-run", "--ratio", "0.2", "--checkpoint", "run/checkpoints/last.safetensors"},
	} {
		var errs bytes.Buffer
		code := run(context.Background(), args, streams{&broken{0, syscall.ENOSPC}, &errs})
		if code != exitFailed || !strings.Contains(errs.String(), syscall.ENOSPC.Error()) {
			t.Errorf("%v: exit %d: %s", args, code, errs.String())
		}
	}
}

// A run whose messages nobody reads any more saves its state and ends as
// interrupted; one whose messages find no room goes on.
func TestBrokenStderr(t *testing.T) {
	trained(t)
	train := func(out string, err error) int {
		return run(context.Background(), []string{"train", "--config", "small.yaml", "--data", "set", "--out", out, "--set", "train.steps=40"}, streams{&bytes.Buffer{}, &broken{6, err}})
	}
	if code := train("piped", syscall.EPIPE); code != exitInterrupted {
		t.Errorf("broken pipe: exit %d", code)
	}
	must(t, "check", filepath.Join("piped"))
	must(t, "train", "--resume", "--out", "piped")
	if code := train("full", syscall.ENOSPC); code != exitDone {
		t.Errorf("full: exit %d", code)
	}
}

// Where the file system of a result has no fsync, a command says so once and is done.
// (scripts/campaign/nosync.sh lets every command write there.)
func TestSaidUnsynced(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("which files cannot be synced is known of Linux alone")
	}
	var errs bytes.Buffer
	sayUnsynced(streams{&bytes.Buffer{}, &errs}, filepath.Join(t.TempDir(), "gone"), os.DevNull, os.DevNull)
	if strings.Count(errs.String(), "warning: "+os.DevNull+": the file system has no fsync") != 1 {
		t.Errorf("said %q", errs.String())
	}
	errs.Reset()
	if sayUnsynced(streams{&bytes.Buffer{}, &errs}, "ending_test.go"); errs.Len() > 0 {
		t.Errorf("of a file on the disk: %s", errs.String())
	}
}

// A run that cannot write the second of its files leaves nothing of the first.
func TestFailedBeginning(t *testing.T) {
	trained(t)
	if err := os.Mkdir("looped", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(trainedFile, filepath.Join("looped", trainedFile)); err != nil {
		t.Skip(err)
	}
	if code, _, errs := cli("train", "--config", "small.yaml", "--data", "set", "--out", "looped"); code != exitFailed || !strings.Contains(errs, trainedFile) {
		t.Errorf("exit %d: %s", code, errs)
	}
	left, err := os.ReadDir("looped")
	for _, e := range left {
		if strings.HasPrefix(e.Name(), ".csnet-") {
			t.Errorf("%s was left behind, %v", e.Name(), err)
		}
	}
}
