package wholefile

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// Sync waits until f is on the disk, where the file system can say so.
func Sync(f *os.File) error {
	_, err := trySync(f)
	return err
}

// trySync is Sync, and says whether the file system has none.
func trySync(f *os.File) (none bool, err error) {
	if err = f.Sync(); err != nil && cannotSync(err) {
		return true, nil
	}
	return false, err
}

// cannotSync reports whether err says that a file system has no sync, as some
// network, cloud and user-space ones have none.
func cannotSync(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP)
}

// CanSync reports whether the file system of the file at path can wait for the
// disk. Where it cannot, files are written all the same, and a power cut may take
// the latest ones; who writes there wants to be told once.
func CanSync(path string) bool {
	if runtime.GOOS == "windows" { // asks for a file open for writing
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return true
	}
	defer f.Close()
	none, _ := trySync(f)
	return !none
}

// SyncFolder waits until the names in a folder are on the disk, where the file system
// can say so: it makes files last that Soon has put there, once they are synced.
func SyncFolder(dir string) error { return syncFolder(dir) }

// syncFolder makes a rename last through a power cut, where the file system can.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err == nil {
		defer d.Close()
		err = Sync(d)
	}
	if err != nil {
		return fmt.Errorf("is written, but its folder could not be synced: %w", err)
	}
	return nil
}
