package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"csnet/data"
)

// mostKnownSets is of how many data sets it is kept what their files showed.
const mostKnownSets = 32

// knownSet is what is known of the files of a data set since an earlier run, kept in
// the user's cache folder. It only saves time: without such a folder, or where the
// file cannot be written, every run decodes all files.
type knownSet struct {
	data.Known
	path, program string
}

// openKnown finds what is known of a set.
func openKnown(set data.Set) *knownSet {
	p := thisProgram()
	k := &knownSet{program: fmt.Sprintf("%s %s %s %v", p.short(), p.Go, p.Tags, p.Modified)}
	dir, err := os.UserCacheDir()
	if err != nil {
		return k
	}
	images, err1 := filepath.Abs(set.ImageDir)
	masks, err2 := filepath.Abs(set.MaskDir)
	if cmp.Or(err1, err2) != nil {
		return k
	}
	name := sha256.Sum256(fmt.Appendf(nil, "%q %q", images, masks))
	k.path = filepath.Join(dir, "csnet", "pictures", fmt.Sprintf("%x.known", name[:16]))
	k.Known = *data.LoadKnown(k.path, k.program)
	return k
}

// save keeps what is known, and of other sets that of the newest alone.
func (k *knownSet) save() {
	if k.path == "" || !k.Changed() {
		return
	}
	dir := filepath.Dir(k.path)
	if os.MkdirAll(dir, 0o700) != nil || k.Save(k.path, k.program) != nil {
		return
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.known"))
	if err != nil || len(paths) <= mostKnownSets {
		return
	}
	age := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(age(b), age(a)) })
	for _, old := range paths[mostKnownSets:] {
		_ = os.Remove(old)
	}
}
