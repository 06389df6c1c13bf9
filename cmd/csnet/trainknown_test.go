package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What a build of no commit, or of a changed one, has decoded is not taken for what
// another such build would.
func TestDecoderOf(t *testing.T) {
	var files [2]os.FileInfo
	for i, name := range []string{"one", "another"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = info
	}
	for _, c := range []struct {
		p    program
		same bool
	}{
		{program{Commit: "unknown"}, false},
		{program{Commit: "abc", Modified: true}, false},
		{program{Commit: "abc"}, true},
	} {
		if got := decoderOf(c.p, files[0]) == decoderOf(c.p, files[1]); got != c.same {
			t.Errorf("%+v: two builds count as one: %v, want %v", c.p, got, c.same)
		}
	}
	if decoderOf(program{Commit: "abc"}, nil) == decoderOf(program{Commit: "abd"}, nil) {
		t.Error("two commits count as one")
	}
	if executable() == nil {
		t.Error("this program's file is not found")
	}
}
