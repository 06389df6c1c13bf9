package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// csnet check finds what is damaged in nets and runs, and says how much it can know.
func TestCheck(t *testing.T) {
	trained(t)
	must(t, "export", "--checkpoint", "run/checkpoints/last.safetensors", "--out", "release.safetensors")
	last := filepath.Join("run", "checkpoints", "last.safetensors")
	code, out, errs := cli("check", "run", "release.safetensors", "--data", "set")
	for _, want := range []string{last + ": sound: checkpoint at step 4, ", "all values finite, digest holds", "config.yaml: sound", "metrics.jsonl: sound", "release.safetensors: sound: exported net"} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("exit %d: %s%s, must hold %q", code, out, errs, want)
		}
	}
	for name, c := range map[string]struct {
		harm func()
		args []string
		want string
	}{
		"other data": {func() {}, []string{last, "--data", "other"}, "was trained on other pictures"},
		"bit":        {func() { flip(t, last) }, []string{last}, "is damaged"},
		"exported":   {func() { flip(t, "release.safetensors") }, []string{"release.safetensors"}, "exported net: checkpoint: release.safetensors: is damaged"},
		"config":     {func() { replace(t, "run/config.yaml", "lr: 0.0001", "lr: 0.1") }, []string{"run"}, "optim.lr is 0.0001"},
		"log":        {func() { replace(t, "run/metrics.jsonl", `{"step":2,`, `{"step":1,`) }, []string{"run"}, "line 3 is of step 1"},
		"no run":     {func() {}, []string{"set"}, "no run"},
		"not there":  {func() {}, []string{"gone"}, "no such file"},
		"text":       {func() {}, []string{"small.yaml"}, "is text"},
	} {
		keep := t.TempDir()
		if err := os.CopyFS(keep, os.DirFS(".")); err != nil {
			t.Fatal(err)
		}
		was, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		t.Chdir(keep)
		c.harm()
		code, out, _ := cli(append([]string{"check", "--json"}, c.args...)...)
		var o struct {
			Files   []checked
			Unsound int
		}
		if err := json.Unmarshal([]byte(out), &o); err != nil || code != exitFailed || o.Unsound != 1 {
			t.Errorf("%s: exit %d, %v: %s", name, code, err, out)
		}
		if !strings.Contains(out, strings.ReplaceAll(c.want, "exported net: ", "")) {
			t.Errorf("%s: says %s, must say %q", name, out, c.want)
		}
		t.Chdir(was)
	}
}

// flip changes a bit of the last tensor of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-7] ^= 1
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
