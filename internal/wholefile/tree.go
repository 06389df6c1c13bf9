package wholefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// carry links, or copies, what is not o's own in the folder from into the folder
// to.
func (o FolderOptions) carry(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || rel == "." || o.Own(filepath.ToSlash(rel)) {
			return err
		}
		dest := filepath.Join(to, rel)
		if e.IsDir() {
			if onlyOwn(path, filepath.ToSlash(rel), o.Own) {
				return fs.SkipDir
			}
			return os.MkdirAll(dest, 0o777)
		}
		if _, err := os.Lstat(dest); err == nil {
			return nil // made anew
		}
		return carryFile(path, dest, e)
	})
}

// onlyOwn reports whether a folder holds own files, at least one, and nothing else.
func onlyOwn(dir, rel string, own func(string) bool) bool {
	list, err := os.ReadDir(dir)
	for _, e := range list {
		if !own(rel + "/" + e.Name()) {
			return false
		}
	}
	return err == nil && len(list) > 0
}

func carryFile(from, to string, e fs.DirEntry) error {
	if e.Type()&fs.ModeSymlink != 0 {
		at, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(at, to)
	}
	if err := os.Link(from, to); err == nil || !e.Type().IsRegular() {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, Sync(out), out.Close())
}

// filesBelow calls f with the path below dir, with slashes, of every file there.
func filesBelow(dir string, f func(rel string) error) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return f(filepath.ToSlash(rel))
	})
}

// syncTree waits until all below dir, or its folders alone, is on the disk.
func syncTree(dir string, files bool) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return syncFolder(path)
		case files && e.Type().IsRegular():
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			return errors.Join(Sync(f), f.Close())
		}
		return nil
	})
}
