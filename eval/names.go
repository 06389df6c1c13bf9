package eval

import (
	"os"
	"path/filepath"
	"strings"
)

// SplitNamed takes NAME=PATH apart. Without "=", where what stands before it holds
// a slash (and so belongs to a path), or where all of it is a file or folder that is
// there (lr=0.01/best.safetensors), name is "".
func SplitNamed(arg string) (name, path string) {
	if _, err := os.Stat(arg); err == nil {
		return "", arg
	}
	before, after, found := strings.Cut(arg, "=")
	if !found || before == "" || strings.ContainsAny(before, "/\\") {
		return "", arg
	}
	return before, after
}

// FolderName is the default name of a data set or a map folder: the folder's.
func FolderName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

// CheckpointName is the default name of a checkpoint: RUN for
// RUN/checkpoints/FILE, else the file's stem.
func CheckpointName(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	dir := filepath.Dir(file)
	if filepath.Base(dir) == "checkpoints" {
		if run := filepath.Base(filepath.Dir(dir)); run != string(filepath.Separator) {
			return run
		}
	}
	base := filepath.Base(file)
	for _, ending := range []string{".safetensors", ".pth.tar"} {
		if s, ok := strings.CutSuffix(base, ending); ok && s != "" {
			return s
		}
	}
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// NamedSet reads a --data argument.
func NamedSet(arg string) Set {
	name, dir := SplitNamed(arg)
	if name == "" {
		name = FolderName(dir)
	}
	return Set{Name: name, Dir: dir}
}
