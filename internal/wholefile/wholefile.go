// Package wholefile writes files and folders whole or not at all.
//
// New content goes into a temporary file in the folder of its place, on to the
// disk, and over the old one in one step. A temporary file is locked while its
// process lives; what a killed process left behind is removed by the next write
// into that folder.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Bytes is Write of content.
func Bytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Write writes a file whole or not at all. Where path is a link, the file that it
// names is written; an older file keeps its permissions. On an error the old file
// stands and nothing is left behind. Errors do not name path.
func Write(path string, write func(io.Writer) error) error {
	place, err := put(path, true, write)
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(place))
}

// Soon is Write that does not wait for the disk: no other process ever sees half of
// the file, but a power cut soon after may leave it empty, old or away. It is for
// what can be made anew from other files.
func Soon(path string, write func(io.Writer) error) error {
	_, err := put(path, false, write)
	return err
}

// SoonBytes is Soon of content.
func SoonBytes(path string, content []byte) error {
	return Soon(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// put writes a file and puts it in its place; synced: its content is on the disk
// before.
func put(path string, synced bool, write func(io.Writer) error) (place string, err error) {
	if place, err = Resolve(path); err != nil {
		return "", unwritten(err)
	}
	Sweep(filepath.Dir(place))
	t, err := begin(place, write)
	if err != nil {
		return "", err
	}
	return place, t.finish(synced)
}

// Resolve follows the links at path, also one whose file is not there yet, to the
// place that a write to path fills.
func Resolve(path string) (string, error) {
	for range 40 {
		st, err := os.Lstat(path)
		if err != nil || st.Mode()&os.ModeSymlink == 0 {
			return path, nil // what is not there, or cannot be looked at, shows when it is written
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("too many links")
}

// begin writes the new file.
func begin(place string, write func(io.Writer) error) (*temp, error) {
	perm, kept := os.FileMode(0o666), false
	if st, err := os.Stat(place); err == nil {
		if !st.Mode().IsRegular() {
			return nil, errors.New("is there and not a regular file, it is not overwritten")
		}
		perm, kept = st.Mode().Perm(), true
	}
	t, err := createBeside(place, perm, kept)
	if err != nil {
		return nil, unwritten(err)
	}
	if err = at("created"); err == nil {
		err = write(watched(t.f))
	}
	if err == nil {
		err = at("written")
	}
	if err != nil {
		t.discard()
		return nil, unwritten(err)
	}
	return t, nil
}

// sync brings the new file to the disk, unless that is done.
func (t *temp) sync() (err error) {
	if !t.synced {
		t.unsynced, err = trySync(t.f)
		t.synced = err == nil
	}
	return err
}

// finish brings the new file to the disk, where that is to be waited for, and puts it
// in the old one's place.
func (t *temp) finish(synced bool) error {
	var err error
	if synced {
		err = t.sync()
	}
	if herr := t.keep(); err == nil {
		err = herr
	}
	if cerr := t.f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = at("synced")
	}
	if err == nil {
		err = os.Rename(t.f.Name(), t.place)
	}
	if err != nil {
		os.Remove(t.f.Name())
	}
	if t.hold != nil {
		t.hold.Close()
	}
	if err != nil {
		return unwritten(err)
	}
	_ = at("renamed") // no error can undo it
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
