//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package lock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func try(f *os.File) error {
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrHeld
		default:
			return ErrUnsupported
		}
	}
}

// hold duplicates the descriptor: the lock belongs to what both share.
func hold(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// removeHeld removes the file before the lock on it ends: whoever waits then sees
// that what he locked is gone.
func removeHeld(f *os.File, path string) {
	if Same(f, path) {
		os.Remove(path)
	}
	f.Close()
}
