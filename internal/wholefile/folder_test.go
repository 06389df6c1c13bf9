package wholefile

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// report is how a folder of a report is replaced.
var report = FolderOptions{
	Own: func(rel string) bool {
		return rel == "page" || rel == "table" || rel == "old" || strings.HasPrefix(rel, "curves/")
	},
	Last: "page",
}

// tree lists the files below dir with their contents.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filesBelow(dir, func(rel string) error {
		raw, err := os.ReadFile(filepath.Join(dir, rel))
		out[rel] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// plant writes files below dir.
func plant(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for _, rel := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[rel]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A folder is new, or replaces an older one: the older one's own files go, others'
// stay. An error in the middle leaves it as it was. Nothing is left beside.
func TestFolder(t *testing.T) {
	old := map[string]string{"page": "1", "old": "1", "curves/a": "1", "notes.txt": "mine", "curves.more/b": "mine", "maps/x/y": "mine"}
	want := map[string]string{"page": "2", "table": "2", "curves/c": "2", "notes.txt": "mine", "curves.more/b": "mine", "maps/x/y": "mine"}
	write := func(dir string) error {
		plant(t, dir, map[string]string{"page": "2", "table": "2", "curves/c": "2"})
		return nil
	}
	for _, inside := range []bool{false, true} { // whether the current folder is the one replaced
		parent := t.TempDir()
		path := filepath.Join(parent, "deep", "report")
		if err := Folder(path, report, write); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, path); !maps.Equal(got, map[string]string{"page": "2", "table": "2", "curves/c": "2"}) {
			t.Errorf("new: %v", got)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		plant(t, path, old)
		name := path
		if inside {
			t.Chdir(path)
			name = "."
		}
		if err := Folder(name, report, func(dir string) error { return errors.Join(write(dir), errors.New("no")) }); err == nil {
			t.Error("an error was lost")
		}
		if got := tree(t, path); !maps.Equal(got, old) {
			t.Errorf("after an error: %v", got)
		}
		if err := Folder(name, report, write); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, path); !maps.Equal(got, want) {
			t.Errorf("inside %v: got %v, want %v", inside, got, want)
		}
		if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
			t.Errorf("left beside: %v", list)
		}
	}
}

// A link to a folder stays, a file is not taken for a folder.
func TestFolderPlaces(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{"file": "x", "real/page": "1"})
	link := filepath.Join(dir, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Skip(err)
	}
	write := func(dir string) error { plant(t, dir, map[string]string{"page": "2"}); return nil }
	if err := Folder(link, report, write); err != nil {
		t.Error(err)
	}
	if got := tree(t, filepath.Join(dir, "real")); got["page"] != "2" {
		t.Errorf("got %v", got)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if err := Folder(filepath.Join(dir, "file"), report, write); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Errorf("over a file: %v", err)
	}
}

// A folder in one that cannot be written to, as containers mount it, is filled all
// the same; one that is another file system's top as well.
func TestFolderMounted(t *testing.T) {
	parent := t.TempDir()
	path := filepath.Join(parent, "out")
	plant(t, path, map[string]string{"page": "1", "notes.txt": "mine", "curves/a": "1"})
	mounted(t, path)
	plant(t, path, map[string]string{"page": "1", "notes.txt": "mine", "curves/a": "1"})
	write := func(dir string) error {
		plant(t, dir, map[string]string{"page": "2", "curves/b": "2"})
		return nil
	}
	want := map[string]string{"page": "2", "notes.txt": "mine", "curves/b": "2"}
	if err := Folder(path, report, write); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, path); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	mountedReadOnly(t, parent)
	if err := Folder(path, report, write); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, path); !maps.Equal(got, want) {
		t.Errorf("read-only parent: got %v, want %v", got, want)
	}
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{"file": ""})
	for path, want := range map[string]string{dir: "", filepath.Join(dir, "a", "b"): "", filepath.Join(dir, "file"): "no folder", filepath.Join(dir, "file", "x"): filepath.Join(dir, "file") + " is no folder"} {
		if err := Probe(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
}
