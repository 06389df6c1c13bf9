package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FolderOptions of Folder.
type FolderOptions struct {
	// Own reports whether a file of an older folder, by its path below it with
	// slashes, is one that write made then: it goes with the old folder. All other
	// files are somebody else's and are kept.
	Own func(rel string) bool
	// Last is the file whose presence says that the folder is whole. It matters
	// where a folder cannot be exchanged in one step: there it goes first and comes
	// last.
	Last string
	// Synced says that write itself sees to it that its files are on the disk.
	Synced bool
}

// Folder makes the folder at path of the files that write puts into dir, whole or
// not at all: a process that dies leaves the older folder as it was. Where the
// system cannot exchange two folders in one step, or path is the current folder,
// the files are put in their places one by one, o.Last last. Parent folders are
// made. Errors do not name path.
func Folder(path string, o FolderOptions, write func(dir string) error) error {
	place, err := folderPlace(path)
	if err != nil {
		return unwritten(err)
	}
	parent := filepath.Dir(place)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return unwritten(err)
	}
	Sweep(parent)
	Sweep(place)
	dir, held, err := makeBeside(place)
	if err != nil && isDir(place) { // a folder of ours in one that is not, as containers mount them
		dir, held, err = makeBeside(filepath.Join(place, filepath.Base(place)))
	}
	if err != nil {
		return unwritten(err)
	}
	defer func() {
		os.RemoveAll(dir) // the old folder, or a new one that failed
		if held != nil {
			held.Close()
		}
	}()
	if err := write(dir); err != nil {
		return err
	}
	if err := syncTree(dir, !o.Synced); err != nil {
		return unwritten(err)
	}
	if err := at("folder made"); err != nil {
		return unwritten(err)
	}
	if err := o.place(dir, place); err != nil {
		return err
	}
	return syncFolder(parent)
}

// folderPlace is the absolute place of the folder at path, links followed.
func folderPlace(path string) (string, error) {
	place, err := Resolve(filepath.Clean(path))
	if err != nil {
		return "", err
	}
	if place, err = filepath.Abs(place); err != nil {
		return "", err
	}
	st, err := os.Stat(place)
	if err == nil && !st.IsDir() {
		return "", errors.New("is there and no folder, it is not overwritten")
	}
	return place, nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// makeBeside makes a new folder in place's parent. held keeps it from being taken
// for a leftover; nil where there are no locks.
func makeBeside(place string) (dir string, held *os.File, err error) {
	for i := 0; ; i++ {
		dir := tempName(place, i)
		err := os.Mkdir(dir, 0o777)
		if errors.Is(err, os.ErrExist) && i < 1<<20 {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		f, err := os.Open(dir)
		if err != nil {
			return dir, nil, nil // a system whose folders cannot be opened has no locks on them
		}
		if claimed(f, dir) {
			return dir, f, nil
		}
		f.Close()
	}
}

// place brings the new folder to its place.
func (o FolderOptions) place(dir, place string) error {
	old, err := os.Stat(place)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(dir, place); err != nil {
			return unwritten(err)
		}
		_ = at("folder renamed")
		return nil
	}
	if err != nil {
		return unwritten(err)
	}
	if filepath.Dir(dir) != place && !holdsCurrent(place) {
		_ = os.Chmod(dir, old.Mode().Perm())
		if err := o.carry(place, dir); err != nil {
			return unwritten(err)
		}
		if exchange(dir, place) == nil {
			_ = at("folder exchanged")
			return nil
		}
	}
	return o.oneByOne(dir, place)
}

// holdsCurrent reports whether the current folder is place or lies below it.
func holdsCurrent(place string) bool {
	cur, err := os.Getwd()
	if err != nil {
		return true
	}
	want, err := os.Stat(place)
	for err == nil {
		var st os.FileInfo
		if st, err = os.Stat(cur); err != nil || os.SameFile(st, want) {
			return true
		}
		up := filepath.Dir(cur)
		if up == cur {
			return false
		}
		cur = up
	}
	return true
}

// oneByOne moves the new files over those in place, o.Last last; before, it takes
// the old one of that name away, and after the other old ones.
func (o FolderOptions) oneByOne(dir, place string) error {
	if err := os.Remove(filepath.Join(place, o.Last)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritten(err)
	}
	fresh := map[string]bool{}
	move := func(rel string) error {
		to := filepath.Join(place, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		from := filepath.Join(dir, filepath.FromSlash(rel))
		if os.Rename(from, to) == nil {
			return nil
		}
		raw, err := os.ReadFile(from) // place may be another file system's top
		if err != nil {
			return err
		}
		return Bytes(to, raw)
	}
	err := filesBelow(dir, func(rel string) error {
		fresh[rel] = true
		if rel == o.Last || !o.Own(rel) { // what was carried is in place already
			return nil
		}
		return move(rel)
	})
	if err == nil {
		err = filesBelow(place, func(rel string) error {
			if o.Own(rel) && !fresh[rel] {
				return os.Remove(filepath.Join(place, filepath.FromSlash(rel)))
			}
			return nil
		})
	}
	if err == nil && fresh[o.Last] {
		err = move(o.Last)
	}
	if err != nil {
		return fmt.Errorf("is written in part, %s is left out: %w", o.Last, err)
	}
	return syncFolder(place)
}
