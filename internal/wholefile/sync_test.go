package wholefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// A file system that has no sync is no reason to fail; a disk that fails is one.
func TestSync(t *testing.T) {
	for err, want := range map[error]bool{syscall.ENOSYS: true, syscall.EINVAL: true, syscall.ENOTSUP: true, syscall.EIO: false, syscall.ENOSPC: false, os.ErrClosed: false} {
		if got := cannotSync(fmt.Errorf("sync f: %w", err)); got != want {
			t.Errorf("%v: has no sync %v, want %v", err, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "f")
	if err := Bytes(path, []byte("x")); err != nil || !CanSync(path) {
		t.Errorf("a file on the disk: %v, can be synced %v", err, CanSync(path))
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := Sync(f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed file: %v", err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("which files cannot be synced is known of Linux alone")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := w.Sync(); !errors.Is(err, syscall.EINVAL) {
		t.Fatalf("a pipe: %v, this test wants a file without sync", err)
	}
	if err := Sync(w); err != nil {
		t.Errorf("a pipe: %v", err)
	}
	if CanSync(os.DevNull) {
		t.Error("/dev/null can be synced")
	}
}
