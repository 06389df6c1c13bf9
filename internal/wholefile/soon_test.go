package wholefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestSoon: what is not waited for is written as whole as all else.
func TestSoon(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "page")
	for _, text := range []string{"old", "newer"} {
		if err := SoonBytes(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(path); err != nil || string(raw) != text {
			t.Errorf("%q, %v, want %q", raw, err, text)
		}
	}
	failed := errors.New("failed")
	err := Soon(path, func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return failed
	})
	if raw, rerr := os.ReadFile(path); !errors.Is(err, failed) || rerr != nil || string(raw) != "newer" {
		t.Errorf("%v; %q, %v", err, raw, rerr)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("%d files, %v", len(list), err)
	}
}
