package wholefile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
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

// TestLeftover: a temporary file left by a crash is in nobody's way.
func TestLeftover(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := createBeside(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	var b bytes.Buffer
	if err := Write(path, func(w io.Writer) error { _, err := io.Copy(w, &b); return err }); err != nil {
		t.Error(err)
	}
}
