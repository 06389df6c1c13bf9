package lock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// try locks one byte far behind the content, which others may thus still read.
func try(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrHeld
	}
	return ErrUnsupported
}

// hold opens nothing: a handle's lock ends with that handle.
func hold(*os.File) (*os.File, error) { return nil, ErrUnsupported }

// removeHeld closes first, for an open file cannot be removed; it stays when
// another process has opened it since.
func removeHeld(f *os.File, path string) {
	f.Close()
	os.Remove(path)
}
