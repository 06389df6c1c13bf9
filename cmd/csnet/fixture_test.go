package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/synth"
)

// TestMain keeps what runs note about sets out of the user's cache folder.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "csnet-cache-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		os.Setenv(name, dir)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// cli runs the command line and returns exit code, stdout and stderr.
func cli(args ...string) (int, string, string) {
	var out, errs bytes.Buffer
	code := run(context.Background(), args, streams{&out, &errs})
	return code, out.String(), errs.String()
}

// must runs a command line that must end with 0.
func must(t *testing.T, args ...string) {
	t.Helper()
	if code, _, errs := cli(args...); code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
}

// trained makes a set and a run of a few steps on it in the current folder, new
// then.
func trained(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := synth.Write(context.Background(), "set", 1, 12, 40, nil); err != nil {
		t.Fatal(err)
	}
	if err := synth.Write(context.Background(), "other", 2, 12, 40, nil); err != nil {
		t.Fatal(err)
	}
	text := "net: {width: 0.2, blocks: [1, 1, 2, 2], multipliers: [1, 1, 1, 1, 1]}\ndata: {size: 32, val_share: 0.3}\ntrain: {batch: 2, steps: 4, log_every: 1}\n"
	if err := os.WriteFile("small.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "train", "--config", "small.yaml", "--data", "set", "--out", "run")
}

// The checkpoints of the run that trained makes.
const lastNet, bestNet = "run/checkpoints/last.safetensors", "run/checkpoints/best.safetensors"

// object runs a command line that must end with 0 and print one JSON object on
// stdout and nothing else, and returns it.
func object(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := cli(args...)
	if code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	var o map[string]any
	d := json.NewDecoder(strings.NewReader(out))
	if err := d.Decode(&o); err != nil || d.More() {
		t.Fatalf("%v: no single object (%v): %s", args, err, out)
	}
	return o
}

// at is what o holds at a path of keys between dots; nil when that is not there.
func at(o any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		m, ok := o.(map[string]any)
		if !ok {
			return nil
		}
		o = m[key]
	}
	return o
}

// has checks that o holds every one of the paths.
func has(t *testing.T, o map[string]any, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if at(o, p) == nil {
			t.Errorf("%s is missing in %v", p, o)
		}
	}
}

// wrong runs a command line that must end with the code and say what is wanted on
// stderr.
func wrong(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	got, _, errs := cli(args...)
	if got != code || !strings.Contains(errs, want) {
		t.Errorf("%v: exit %d, want %d; must hold %q: %s", args, got, code, want, errs)
	}
}

// absent checks that none of the paths is there.
func absent(t *testing.T, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if _, err := os.Lstat(p); err == nil {
			t.Errorf("%s was left behind", p)
		}
	}
}

// there checks that every path is a file that is not empty.
func there(t *testing.T, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if st, err := os.Stat(p); err != nil || st.Size() == 0 {
			t.Errorf("%s is missing or empty: %v", p, err)
		}
	}
}

// equal checks that two files are.
func equal(t *testing.T, a, b string) {
	t.Helper()
	x, err1 := os.ReadFile(filepath.FromSlash(a))
	y, err2 := os.ReadFile(filepath.FromSlash(b))
	if err1 != nil || err2 != nil || !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ: %v %v", a, b, err1, err2)
	}
}
