package main

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/internal/synth"
)

// csnet data preview writes a sheet of the size that the config trains at, and names
// what is missing or wrong.
func TestDataPreview(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	if err := synth.Write(context.Background(), dir, 1, 9, 40, nil); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "sheet.png")
	call := func(args ...string) (int, string) {
		var o, e bytes.Buffer
		code := run(context.Background(), append([]string{"data", "preview"}, args...), streams{&o, &e})
		return code, e.String()
	}
	code, text := call(dir, "--config", "../../configs/own-photos-scratch.yaml", "--set", "data.size=[32, 48]", "--set", "data.size_milestones=[2]", "--epoch", "2", "--count", "4", "--out", out)
	if code != exitDone || !strings.Contains(text, "4 pictures at 48 pixels") {
		t.Fatalf("exit %d: %s", code, text)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() < 4*48 || b.Dy() < 2*48 {
		t.Errorf("the sheet is %v", b)
	}
	photo := filepath.Join(t.TempDir(), "mine.png")
	if err := os.WriteFile(photo, []byte("not a preview"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, text := call(dir, "--config", "../../configs/own-photos.yaml", "--out", photo); code == exitDone {
		t.Errorf("a file of the user's was overwritten: %s", text)
	}
	for args, want := range map[string]string{
		"D":                              "--config is missing",
		"D --config C":                   "--out is missing",
		"D --config C --out O":           "no such file",
		"D --config C --out O --count 0": "--count is 0",
		"--config C --out O":             "DIR is missing",
	} {
		args = strings.ReplaceAll(strings.ReplaceAll(args, "D", dir), "O", filepath.Join(t.TempDir(), "o.png"))
		code, text := call(strings.Fields(strings.ReplaceAll(args, " C", " missing.yaml"))...)
		if code != exitUsage && code != exitFailed || !strings.Contains(text, want) {
			t.Errorf("%s: exit %d, %s; want %q", args, code, text, want)
		}
	}
}
