// Package wholefile writes files whole or not at all.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Bytes is Write of content.
func Bytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Write writes a file whole or not at all: into a new file beside it, on to the
// disk, then over the old one in one step. On an error the new file is removed
// and the old one stands. Errors do not name path.
func Write(path string, write func(io.Writer) error) error {
	f, err := begin(path, write)
	if err != nil {
		return err
	}
	if err := finish(f, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// begin writes the new file.
func begin(path string, write func(io.Writer) error) (*os.File, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return nil, errors.New("is there and not a regular file, it is not overwritten")
	}
	f, err := createBeside(path)
	if err != nil {
		return nil, unwritten(err)
	}
	if err := write(f); err != nil {
		discard(f)
		return nil, unwritten(err)
	}
	return f, nil
}

// finish brings the new file to the disk and puts it in the old one's place.
func finish(f *os.File, path string) error {
	err := f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return unwritten(err)
	}
	return nil
}

func discard(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

func syncFolder(dir string) error {
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("is written, but its folder could not be synced: %w", err)
	}
	return nil
}

// createBeside makes a new file in path's folder.
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s.%s.%d-%d.tmp", dir, base, os.Getpid(), i)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) && i < 1000 {
			continue
		}
		return f, err
	}
}

// syncDir makes a rename last through a power cut, where the file system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// unwritten drops the temporary file's name from err, which would only puzzle.
func unwritten(err error) error {
	var pe *os.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = fmt.Errorf("%s: %w", pe.Op, pe.Err)
	case errors.As(err, &le):
		err = fmt.Errorf("%s: %w", le.Op, le.Err)
	}
	return fmt.Errorf("cannot be written, nothing was changed: %w", err)
}
