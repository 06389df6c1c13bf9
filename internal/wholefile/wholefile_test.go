package wholefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestWriteKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Write(path, func(w io.Writer) error {
		w.Write([]byte("half"))
		return syscall.ENOSPC
	})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("got %v", err)
	}
	check(t, dir, "f", "old")
	if err := Write(path, func(w io.Writer) error { _, err := w.Write([]byte("new")); return err }); err != nil {
		t.Error(err)
	}
	check(t, dir, "f", "new")
}

// check demands that dir holds one file with this text.
func check(t *testing.T, dir, name, text string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	list, _ := os.ReadDir(dir)
	if err != nil || string(raw) != text || len(list) != 1 {
		t.Errorf("folder holds %v, the file %q, %v; want %q alone", list, raw, err, text)
	}
}

// What a killed process left is removed by the next write into its folder; what a
// living one is writing stays, and so does what only looks alike.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	living, err := createBeside(filepath.Join(dir, "living"), 0o666, false)
	if err != nil {
		t.Fatal(err)
	}
	defer living.discard()
	dead, err := createBeside(filepath.Join(dir, "dead"), 0o666, false)
	if err != nil {
		t.Fatal(err)
	}
	deadDir, held, err := makeBeside(filepath.Join(dir, "folder"))
	if err != nil || held == nil {
		t.Skip("no locks on folders here", err)
	}
	if err := os.WriteFile(filepath.Join(deadDir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dead.f.Close() // as a kill does
	held.Close()
	alike := filepath.Join(dir, ".csnet-mine.tmp")
	if err := os.WriteFile(alike, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var b Batch
	for name, write := range map[string]func() error{
		"Write": func() error { return Bytes(filepath.Join(dir, "f"), nil) },
		"Batch": func() error { return errors.Join(b.Add(filepath.Join(dir, "f"), nil), b.Flush()) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		var names []string
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			names = append(names, e.Name())
		}
		want := []string{filepath.Base(living.f.Name()), ".csnet-mine.tmp", "f"}
		if !slices.Equal(names, want) {
			t.Errorf("%s: folder holds %v, want %v", name, names, want)
		}
	}
}

// A name as long as the file system takes can be written, a longer one cannot.
func TestLongName(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("\u5199", 84) + "x.m" // 255 bytes
	if err := Bytes(filepath.Join(dir, long), []byte("new")); err != nil {
		t.Error(err)
	}
	check(t, dir, long, "new")
	if err := Bytes(filepath.Join(dir, long+"x"), nil); err == nil {
		t.Error("256 bytes were taken")
	}
}

// An older file keeps its permissions, a new one gets those of the process.
func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such permissions")
	}
	path := filepath.Join(t.TempDir(), "f")
	for _, perm := range []os.FileMode{0o600, 0o644, 0o666, 0o440} {
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, perm); err != nil {
			t.Fatal(err)
		}
		if err := Bytes(path, []byte("new")); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != perm {
			t.Errorf("%v became %v, %v", perm, st.Mode().Perm(), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// What is written through a link goes to the file it names, there or not, and the
// link stays.
func TestThroughLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "sub", "file")
	for name, to := range map[string]string{"one": filepath.Join("sub", "file"), "two": "one", "whole": file, "round": "round"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	for i, name := range []string{"two", "one", "whole"} { // the first time there is no file
		text := strings.Repeat("x", i+1)
		if err := Bytes(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(file); err != nil || string(raw) != text {
			t.Errorf("%s: the file holds %q, %v", name, raw, err)
		}
		if st, err := os.Lstat(filepath.Join(dir, name)); err != nil || st.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", name)
		}
	}
	if err := Bytes(filepath.Join(dir, "round"), nil); err == nil {
		t.Error("a link to itself was written")
	}
}
