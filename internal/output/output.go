// Package output keeps commands from overwriting what is not theirs: what they
// read, the photos and masks of the sets they read, and files of the user's.
// Files are compared, not names: links, letter case and other spellings of a path
// make no difference.
package output

import (
	"fmt"
	"os"
	"path/filepath"

	"csnet/internal/wholefile"
)

// Kind is a kind of file that csnet writes.
type Kind struct {
	Name string                 // with its article, "a checkpoint"
	Is   func(path string) bool // whether the file at path is one that csnet wrote; nil: nobody can tell
}

// Guard knows what a command reads and decides where it may write. Its zero value
// has read nothing.
type Guard struct {
	// Overwrite lets files of the user's be replaced where they stand in the way;
	// never what the command reads.
	Overwrite bool

	files   map[stamp][]file
	folders []folder
	parents map[string]bool // folders in folders, by cleaned path
}

// stamp tells most files apart without comparing each with each.
type stamp struct{ size, changed int64 }

type file struct {
	info os.FileInfo
	what string
}

type folder struct {
	info os.FileInfo
	what string
}

func stampOf(i os.FileInfo) stamp { return stamp{i.Size(), i.ModTime().UnixNano()} }

// Reads notes a file that the command reads, and what it is: "the checkpoint",
// "a photo". One that is not there is left for the reader to report.
func (g *Guard) Reads(what, path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	g.note(info, what+" "+path)
}

// ReadsOpen is Reads of a file that is open already, such as standard input. What is no
// regular file, a pipe or a terminal, cannot be overwritten and is not noted.
func (g *Guard) ReadsOpen(what string, f *os.File) {
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		g.note(info, what)
	}
}

func (g *Guard) note(info os.FileInfo, what string) {
	if g.files == nil {
		g.files = make(map[stamp][]file)
	}
	s := stampOf(info)
	g.files[s] = append(g.files[s], file{info, what})
}

// ReadsAmong is Reads of a file in whose folder nothing may be written, as that of
// a set's masks: what lies there is the user's, or is read as if it were.
func (g *Guard) ReadsAmong(what, path string) {
	g.Reads(what, path)
	dir := filepath.Dir(path)
	if g.parents[dir] {
		return
	}
	if g.parents == nil {
		g.parents = make(map[string]bool)
	}
	g.parents[dir] = true
	if info, err := os.Stat(dir); err == nil {
		g.folders = append(g.folders, folder{info, "the folder of " + what + " " + path})
	}
}

// Error says why something may not be written: a mistake in the command line, not
// in the world.
type Error struct{ Path, Text string }

func (e *Error) Error() string { return e.Path + ": " + e.Text }

func refuse(path, format string, args ...any) error {
	return &Error{path, fmt.Sprintf(format, args...)}
}

// File decides whether a file of the kind may be written to path. Errors: path is
// read by the command, lies in a folder of ReadsAmong, is a folder or another
// thing that is no file, or holds something else than the kind while Overwrite is
// not set.
func (g *Guard) File(path string, k Kind) error {
	place, err := wholefile.Resolve(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if f := g.among(filepath.Dir(place)); f != "" {
		return refuse(path, "lies in %s, which is read: choose another folder", f)
	}
	info, err := os.Stat(place)
	if err != nil {
		return nil // not there, or what else is wrong shows when it is written
	}
	if what := g.reads(info); what != "" {
		return refuse(path, "is %s, which would be overwritten: give another name", what)
	}
	switch {
	case info.IsDir():
		return refuse(path, "is a folder, must be a file")
	case !info.Mode().IsRegular():
		return refuse(path, "is there and not a regular file, it is not overwritten")
	case g.Overwrite || k.Is != nil && k.Is(place):
		return nil
	}
	return refuse(path, "is there and not %s that csnet wrote: give another name, or --overwrite to replace it", k.Name)
}

// Open decides whether f, a file that is open for writing such as standard output, may
// be written to: not when it is one that the command reads. name is what f is called.
func (g *Guard) Open(name string, f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	if what := g.reads(info); what != "" {
		return refuse(name, "goes to %s, which is read: choose another file", what)
	}
	return nil
}

// reads says what the command reads in the file of info, "" when nothing.
func (g *Guard) reads(info os.FileInfo) string {
	for _, f := range g.files[stampOf(info)] {
		if os.SameFile(f.info, info) {
			return f.what
		}
	}
	return ""
}

// Folder decides whether files may be written into dir, there or not: not when it
// is a folder of ReadsAmong.
func (g *Guard) Folder(dir string) error {
	if f := g.among(dir); f != "" {
		return refuse(dir, "is %s, which is read: choose another folder", f)
	}
	return nil
}

// among names the folder of ReadsAmong that dir is, "" when it is none.
func (g *Guard) among(dir string) string {
	info, err := os.Stat(dir)
	if err != nil {
		return ""
	}
	for _, f := range g.folders {
		if os.SameFile(f.info, info) {
			return f.what
		}
	}
	return ""
}
