//go:build !windows

package wholefile

import (
	"os"
	"syscall"

	"csnet/internal/lock"
)

// sweepOne removes the temporary file or folder at path if the lock on it is free.
// Process numbers would not do: another container, or another machine that shares
// the folder, counts its own.
func sweepOne(path string, _ int) {
	st, err := os.Lstat(path)
	flag := os.O_RDWR
	switch {
	case err != nil:
		return
	case st.IsDir():
		flag = os.O_RDONLY
	case !st.Mode().IsRegular():
		return
	}
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if lock.Try(f) == nil && lock.Same(f, path) {
		os.RemoveAll(path)
	}
}
