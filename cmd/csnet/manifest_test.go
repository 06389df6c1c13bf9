package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
	"csnet/internal/synth"
	"csnet/internal/wholefile"
)

func TestSameManifest(t *testing.T) {
	const list = `{"digest":"ab","files":[{"name":"a.jpg","sha256":"cd"}]}`
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{list, list, true}, {list, `{"set":"DUTS-TR","digest":"ab"}`, true}, {list, `{"digest":"ac"}`, false},
		{"", "", true}, {"", list, false},
	} {
		if got := sameManifest(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// A checkpoint holds the digest of its pictures and not their names; the lists in
// the run's folder tell eval what the net was trained on.
func TestManifestKeptBeside(t *testing.T) {
	set, out := drawnSet(t, 6), filepath.Join(t.TempDir(), "run")
	found, err := data.Find(set)
	if err != nil {
		t.Fatal(err)
	}
	all, err := data.MakeManifest(t.Context(), found.Base, found.Pairs, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := manifestText(all)
	if err != nil || strings.Contains(text, ".jpg") || strings.Contains(text, ".png") || !strings.Contains(text, all.Digest) || len(text) > 120 {
		t.Errorf("%s, %v", text, err)
	}
	if err := os.MkdirAll(filepath.Join(out, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	m := &material{pairs: found.Pairs[:4], val: found.Pairs[4:], manifest: all, base: found.Base}
	var files wholefile.Batch
	if err := m.addManifests(&files, out); err != nil {
		t.Fatal(err)
	}
	if err := files.Flush(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(out, manifestFile))
	if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != all.Digest {
		t.Errorf("the list's hash is not the digest (%v)", err)
	}
	sums := trainedOn(filepath.Join(out, "checkpoints", "best.safetensors"))
	if line := trainedNote("net", "S", found.Pairs, sums); !strings.Contains(line, "4 of 6") {
		t.Errorf("%q", line)
	}
	if line := trainedNote("net", "S", found.Pairs[4:], sums); line != "" {
		t.Errorf("validation pictures: %q", line)
	}
	if sums := trainedOn("nowhere/checkpoints/x"); sums != nil {
		t.Errorf("%v", sums)
	}
}

// drawnSet draws a small set.
func drawnSet(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	if err := synth.Write(t.Context(), dir, 1, n, 40, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}
