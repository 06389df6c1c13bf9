package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ours is a kind whose files begin with "csnet".
var ours = Kind{Name: "a map", Is: func(path string) bool {
	raw, err := os.ReadFile(path)
	return err == nil && strings.HasPrefix(string(raw), "csnet")
}}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, how func(a, b string) error, to, path string) string {
	t.Helper()
	if err := how(to, path); err != nil {
		t.Skip(err)
	}
	return path
}

func TestGuard(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	input := write(t, at("net.safetensors"), "input")
	mask := write(t, at("set/masks/1.png"), "mask")
	write(t, at("mine.png"), "a photo")
	write(t, at("map.png"), "csnet map")
	write(t, at("out/map.png"), "csnet map")
	link(t, os.Symlink, input, at("link"))
	link(t, os.Link, input, at("hard"))
	link(t, os.Symlink, at("set/masks"), at("elsewhere"))
	link(t, os.Symlink, at("mine.png"), at("tomine"))
	link(t, os.Symlink, at("nothing.png"), at("tonothing"))
	link(t, os.Symlink, at("set/masks/new.png"), at("tomasks"))
	t.Chdir(dir)

	for _, overwrite := range []bool{false, true} {
		g := Guard{Overwrite: overwrite}
		g.Reads("the checkpoint", "net.safetensors")
		g.Reads("a photo", "gone.jpg")
		g.ReadsAmong("mask", mask)
		for path, want := range map[string]string{
			"net.safetensors": "is the checkpoint net.safetensors", "./net.safetensors": "is the checkpoint", input: "is the checkpoint",
			"set/../net.safetensors": "is the checkpoint", "link": "is the checkpoint", "hard": "is the checkpoint",
			mask: "the folder of mask", "set/masks/2.png": "the folder of mask", "elsewhere/3.png": "the folder of mask", "tomasks": "the folder of mask",
			"set": "is a folder", ".": "is a folder",
			"mine.png": "not a map that csnet wrote", "tomine": "not a map that csnet wrote",
			"map.png": "", "out/map.png": "", "out/new.png": "", "new/folder/x.png": "", "tonothing": "", "set/x.png": "",
		} {
			if overwrite && strings.HasSuffix(want, "wrote") {
				want = ""
			}
			switch err := g.File(path, ours); {
			case want == "" && err != nil:
				t.Errorf("overwrite %v: %v", overwrite, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("overwrite %v: %s: got %v, want %q", overwrite, path, err, want)
			}
		}
		if err := g.Folder("set/masks"); err == nil {
			t.Error("the folder of the masks was allowed")
		}
		if err := g.Folder("set"); err != nil {
			t.Error(err)
		}
	}
	var none Guard
	if err := none.File("mine.png", Kind{Name: "a file of logits"}); err == nil || !strings.Contains(err.Error(), "--overwrite") {
		t.Errorf("a kind that nobody can tell: %v", err)
	}
}
