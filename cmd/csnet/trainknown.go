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
	k := &knownSet{program: decoderOf(thisProgram(), executable())}
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

// decoderOf names the program for what its decoders make of files. A build of a commit as
// it stands is named by that; any other, of which there are many, by its file too.
func decoderOf(p program, file os.FileInfo) string {
	name := fmt.Sprintf("%s %s %s", p.Commit, p.Go, p.Tags)
	if file != nil && (p.Modified || p.Commit == "unknown") {
		name += fmt.Sprintf(" %d %d", file.Size(), file.ModTime().UnixNano())
	}
	return name
}

// executable is the file of this program, nil where the system does not say.
func executable() os.FileInfo {
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	return info
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
