package wholefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Probe finds out, before long work, whether files can be written into the folder
// dir, or dir itself can be made: it makes a temporary file and removes it. Errors
// name dir.
func Probe(dir string) error {
	at, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for {
		st, err := os.Stat(at)
		up := filepath.Dir(at)
		switch {
		case err == nil && !st.IsDir():
			return fmt.Errorf("%s: %s is no folder", dir, at)
		case err == nil:
			t, err := createBeside(filepath.Join(at, "probe"), 0o600, false)
			if err != nil {
				return fmt.Errorf("%s: %w", dir, unwritten(err))
			}
			t.discard()
			return nil
		case !os.IsNotExist(err) && !errors.Is(err, syscall.ENOTDIR) || up == at:
			return fmt.Errorf("%s: %w", dir, unwritten(err))
		}
		at = up
	}
}
