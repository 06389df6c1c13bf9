package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/synth"
)

// shop makes a folder to work in, the current one then, with what a user has: a
// drawn set (photos and masks of PNG in set/images and set/GT), a net, an exported
// one, a config, and files of other origin.
func shop(t *testing.T) {
	t.Helper()
	conf := benchConfig(t)
	t.Chdir(t.TempDir())
	if err := synth.Write(context.Background(), "set", 1, 6, 48, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(conf, "small.yaml"); err != nil {
		t.Fatal(err)
	}
	must(t, "export", "--out", "release.safetensors")
	must(t, "import", "--from", "release.safetensors", "--out", "net.safetensors")
	pngPhoto(t, "album/IMG_1.png")
	jpg, err := filepath.Glob("set/images/*.jpg")
	if err != nil || len(jpg) == 0 {
		t.Fatal("no photo drawn", err)
	}
	raw, err := os.ReadFile(jpg[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"album/IMG_1.jpg": string(raw), "notes.txt": "mine", "report/scores.md": "mine", "runs/config.yaml": "# mine\ndata: {dir: set}\n", "logs/metrics.jsonl": "mine\n"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for to, name := range map[string]string{"net.safetensors": "link.safetensors", "set/GT": "truth"} {
		if err := os.Symlink(to, name); err != nil {
			t.Skip(err)
		}
	}
}

// pngPhoto writes a PNG that csnet did not.
func pngPhoto(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(photoFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// digest is of all files below the current folder, names and contents.
func digest(t *testing.T) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %x\n", path, sha256.Sum256(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// No output of any command replaces what is read or what csnet did not write: the
// command is refused before any work, with exit code 2, and nothing changed.
func TestNothingIsOverwritten(t *testing.T) {
	shop(t)
	abs, err := filepath.Abs("net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	net := []string{"--checkpoint", "net.safetensors"}
	prune := append([]string{"prune", "--ratio", "0.2"}, net...)
	before := digest(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{append(prune, "--out", "net.safetensors"), "is the file of --checkpoint"},
		{append(prune, "--out", "./net.safetensors"), "is the file of --checkpoint"},
		{append(prune, "--out", abs), "is the file of --checkpoint"},
		{append(prune, "--out", "link.safetensors"), "is the file of --checkpoint"},
		{[]string{"prune", "--ratio", "0.2", "--checkpoint", "link.safetensors", "--out", "net.safetensors", "--overwrite"}, "is the file of --checkpoint"},
		{append(prune, "--out", "notes.txt"), "not a checkpoint that csnet wrote"},
		{append(prune, "--out", "release.safetensors"), "not a checkpoint that csnet wrote"},
		{[]string{"import", "--from", "release.safetensors", "--out", "./release.safetensors"}, "is the file of --from"},
		{[]string{"import", "--from", "release.safetensors", "--out", "album/IMG_1.jpg"}, "not a checkpoint"},
		{[]string{"export", "--checkpoint", "net.safetensors", "--out", "./net.safetensors"}, "is the file of --checkpoint"},
		{[]string{"export", "--checkpoint", "net.safetensors", "--out", "notes.txt"}, "not an exported net"},
		{[]string{"export", "--format", "onnx", "--size", "32", "--out", "release.safetensors"}, "not an exported net"},
		{[]string{"predict", "--out", "album", "album/IMG_1.jpg"}, "not a saliency map that csnet wrote"},
		{[]string{"predict", "--out", "set/GT", "set/images"}, "not a saliency map that csnet wrote"},
		{[]string{"eval", "--data", "set", "--save-maps", "set/GT"}, "the folder of the mask"},
		{[]string{"eval", "--data", "set", "--save-maps", "truth", "--overwrite"}, "the folder of the mask"},
		{[]string{"eval", "--data", "set", "--save-maps", "set/images"}, "the folder of the photo"},
		{[]string{"eval", "--data", "set", "--out", "report"}, "not part of a report"},
		{[]string{"eval", "--data", "set", "--out", "set/images"}, "the folder of the photo"},
		{[]string{"eval", "--data", "set", "--out", "notes.txt"}, "no folder"},
		{[]string{"data", "stats", "set", "--out", "album/IMG_1.png"}, "not a mean mask"},
		{[]string{"data", "stats", "set", "--out", "set/GT/heat.png"}, "the folder of the mask"},
		{[]string{"data", "split", "set", "--out", "set/images/cut"}, "the folder of the photo"},
		{[]string{"train", "--config", "runs/config.yaml", "--out", "runs"}, "is the file of --config"},
		{[]string{"train", "--config", "small.yaml", "--data", "set", "--out", "runs"}, "not the config of a run"},
		{[]string{"train", "--config", "small.yaml", "--data", "set", "--out", "logs"}, "not the log of a run"},
		{append([]string{"bench", "--mode", "infer", "--size", "32", "--logits", "notes.txt"}, net...), "not a file of as many logits"},
		{append([]string{"bench", "--mode", "infer", "--size", "32", "--logits", "./net.safetensors"}, net...), "is the checkpoint"},
	} {
		code, _, errs := cli(c.args...)
		if code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, want 2 and %q: %s", c.args, code, c.want, errs)
		}
		if digest(t) != before {
			t.Fatalf("%v: files changed", c.args)
		}
	}
}

// What csnet wrote is replaced by the same kind, and --overwrite replaces a file of
// another origin.
func TestOwnFilesAreReplaced(t *testing.T) {
	shop(t)
	for _, args := range [][]string{
		{"prune", "--ratio", "0.2", "--checkpoint", "net.safetensors", "--out", "small.safetensors"},
		{"import", "--from", "release.safetensors", "--out", "again.safetensors"},
		{"export", "--checkpoint", "net.safetensors", "--out", "out.safetensors"},
		{"export", "--format", "onnx", "--size", "32", "--out", "out.onnx"},
		{"predict", "--out", "maps", "set/images"},
		{"eval", "--data", "set", "--save-maps", "maps", "--out", "evaluated"},
		{"data", "stats", "set", "--out", "heat.png"},
		{"bench", "--mode", "infer", "--size", "32", "--runs", "1", "--logits", "logits"},
	} {
		must(t, args...)
		must(t, args...)
	}
	must(t, "predict", "--out", "album", "album/IMG_1.jpg", "--overwrite")
	must(t, "prune", "--ratio", "0.2", "--checkpoint", "net.safetensors", "--out", "notes.txt", "--overwrite")
	must(t, "eval", "--data", "set", "--out", "report", "--overwrite")
}
