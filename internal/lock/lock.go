// Package lock keeps two processes from the same work, by locks on files that end
// with the process that holds them, however it ends.
package lock

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

var (
	// ErrHeld says that another process, or another open file, holds the lock.
	ErrHeld = errors.New("is locked by another process")
	// ErrUnsupported says that the file system, or this system, has no such locks.
	ErrUnsupported = errors.New("the file system has no locks")
)

// Try takes the lock on f without waiting. It lasts until f, and all that Hold
// returned for it, are closed or the process ends. Errors: ErrHeld,
// ErrUnsupported.
func Try(f *os.File) error { return try(f) }

// Hold returns something that keeps the lock on f after f was closed, until it is
// closed itself.
func Hold(f *os.File) (*os.File, error) { return hold(f) }

// Lock is a lock file that this process holds.
type Lock struct {
	f    *os.File
	path string
}

// Acquire takes the lock file at path, which is made if need be and holds the
// process's number for people who look. Errors: one that is ErrHeld, with that
// number; ErrUnsupported; a file that cannot be made.
func Acquire(path string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		switch err := Try(f); {
		case errors.Is(err, ErrHeld):
			holder := readHolder(f)
			f.Close()
			return nil, fmt.Errorf("lock: %s: %w%s", path, ErrHeld, holder)
		case err != nil:
			f.Close()
			os.Remove(path)
			return nil, fmt.Errorf("lock: %s: %w", path, err)
		}
		if !Same(f, path) { // its holder removed it between our opening and locking
			f.Close()
			continue
		}
		if err := f.Truncate(0); err == nil {
			_, _ = f.WriteString(strconv.Itoa(os.Getpid()) + "\n") // for people only
		}
		return &Lock{f, path}, nil
	}
}

// readHolder words the number in a lock file, where it can be read.
func readHolder(f *os.File) string {
	var buf [32]byte
	n, _ := f.ReadAt(buf[:], 0)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n]))); err == nil {
		return fmt.Sprintf(" (%d)", pid)
	}
	return ""
}

// Release removes the lock file and lets others in. A nil Lock releases nothing.
func (l *Lock) Release() {
	if l == nil {
		return
	}
	removeHeld(l.f, l.path)
}

// Same reports whether path still names the open file f.
func Same(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(path)
	return err == nil && os.SameFile(a, b)
}
