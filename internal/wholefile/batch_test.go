package wholefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBatch writes more files than wait at a time, some of them over old ones.
func TestBatch(t *testing.T) {
	dir := t.TempDir()
	var b Batch
	n := 2*batchSize + 3
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint(i))
		if i%5 == 0 {
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Add(path, []byte(fmt.Sprint("new", i))); err != nil {
			t.Fatal(err)
		}
		if len(b.files) >= batchSize {
			t.Fatalf("%d files wait", len(b.files))
		}
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != n {
		t.Errorf("%d files, %v, want %d", len(list), err, n)
	}
	for i := range n {
		if raw, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i))); err != nil || string(raw) != fmt.Sprint("new", i) {
			t.Errorf("file %d: %q, %v", i, raw, err)
		}
	}
	if err := b.Flush(); err != nil {
		t.Error(err)
	}
}

// TestBatchError: a file that cannot come to its place is named, nothing is left beside.
func TestBatchError(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	var b Batch
	for _, name := range []string{"a", "b", "c"} {
		if err := b.Add(at(name), []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := b.Add(at("b"), nil); err == nil || !strings.HasPrefix(err.Error(), at("b")+": ") {
		t.Errorf("a folder was overwritten: %v", err)
	}
	if err := b.Flush(); err == nil || !strings.HasPrefix(err.Error(), at("b")+": ") {
		t.Errorf("got %v", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 2 || list[0].Name() != "a" || list[1].Name() != "b" {
		t.Errorf("folder holds %v, %v; want a and b", list, err)
	}
}

// TestBatchOnTheDisk: files that are synced are not yet in their places; Place puts them
// there, Discard leaves the old ones.
func TestBatchOnTheDisk(t *testing.T) {
	for _, place := range []bool{true, false} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		plant(t, dir, map[string]string{"a": "old"})
		var b Batch
		if err := b.Add(path, []byte("new")); err != nil {
			t.Fatal(err)
		}
		if err := b.Sync(); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(path); err != nil || string(raw) != "old" {
			t.Errorf("before it is placed: %q, %v", raw, err)
		}
		want := "old"
		if place {
			want = "new"
			if err := b.Place(); err != nil {
				t.Error(err)
			}
		}
		b.Discard()
		if got := tree(t, dir); len(got) != 1 || got["a"] != want {
			t.Errorf("the folder holds %v, want a: %s", got, want)
		}
	}
}
