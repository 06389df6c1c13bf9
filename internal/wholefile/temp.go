package wholefile

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"csnet/internal/lock"
)

// A temporary file is called .csnet-HASH-PID-N.tmp: short, however long the name
// of its place is, so that any name which the file system takes can be written.
const (
	tempPrefix = ".csnet-"
	tempSuffix = ".tmp"
)

// temp is a new file beside its place.
type temp struct {
	f        *os.File
	place    string
	synced   bool     // its content is on the disk, where the file system can say so
	unsynced bool     // the file system has no sync
	hold     *os.File // keeps the lock when f is closed; nil where there is none
}

// createBeside makes a new file in place's folder. exact: its permissions are
// perm whatever the process's mask is.
func createBeside(place string, perm os.FileMode, exact bool) (*temp, error) {
	for i := 0; ; i++ {
		name := tempName(place, i)
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm|0o200)
		if errors.Is(err, os.ErrExist) && i < 1<<20 {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !claimed(f, name) {
			f.Close()
			continue
		}
		if exact {
			_ = f.Chmod(perm) // some file systems have no permissions
		}
		return &temp{f: f, place: place}, nil
	}
}

func tempName(place string, i int) string {
	dir, base := filepath.Split(place)
	h := fnv.New32a()
	_, _ = h.Write([]byte(base))
	return fmt.Sprintf("%s%s%08x-%d-%d%s", dir, tempPrefix, h.Sum32(), os.Getpid(), i, tempSuffix)
}

// claimed locks a new file so that no other process takes it for a leftover. It is
// false when one has just done so.
func claimed(f *os.File, name string) bool {
	switch err := lock.Try(f); {
	case errors.Is(err, lock.ErrHeld):
		return false
	case err != nil:
		return true // no locks here: then nobody sweeps either
	}
	return lock.Same(f, name)
}

// keep keeps the lock on t until its rename is over.
func (t *temp) keep() error {
	hold, err := lock.Hold(t.f)
	if errors.Is(err, lock.ErrUnsupported) {
		return nil
	}
	t.hold = hold
	return err
}

func (t *temp) discard() {
	t.f.Close()
	os.Remove(t.f.Name())
}

// Sweep removes temporary files and folders in dir whose process has ended. What
// cannot be removed stays.
func Sweep(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		if pid, ok := tempOf(name); ok {
			sweepOne(filepath.Join(dir, name), pid)
		}
	}
}

// tempOf reports whether name is a temporary file's, and of which process.
func tempOf(name string) (pid int, ok bool) {
	rest, ok := strings.CutPrefix(name, tempPrefix)
	rest, end := strings.CutSuffix(rest, tempSuffix)
	parts := strings.Split(rest, "-")
	if !ok || !end || len(parts) != 3 || len(parts[0]) != 8 {
		return 0, false
	}
	pid, err := strconv.Atoi(parts[1])
	return pid, err == nil && pid > 0
}
