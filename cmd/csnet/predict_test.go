package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// predict writes a map of the photo's size for each photo, and never over one.
func TestPredictCommand(t *testing.T) {
	trained(t)
	must(t, "predict", "-c", bestNet, "other/images", "-o", "maps")
	for _, name := range []string{"0000", "0011"} {
		f, err := os.Open("maps/" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(f)
		if f.Close(); err != nil || c.Width != 40 || c.Height != 40 {
			t.Errorf("%s: %dx%d, %v", name, c.Width, c.Height, err)
		}
	}
	must(t, "predict", "other/images/0000.jpg")
	there(t, "0000_saliency.png")
	wrong(t, exitUsage, "INPUT is missing", "predict", "-c", bestNet)
	if code, _, errs := cli("predict", "-c", bestNet, "nowhere.jpg"); code == exitDone || !strings.Contains(errs, "nowhere.jpg") {
		t.Errorf("a photo that is not there: exit %d: %s", code, errs)
	}
	if code, _, errs := cli("predict", "-c", bestNet, "small.yaml", "-o", "bad"); code == exitDone || !strings.Contains(errs, "small.yaml") {
		t.Errorf("no photo: exit %d: %s", code, errs)
	}
}

// stdin makes a file standard input until the test ends.
func stdin(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = f
	t.Cleanup(func() { os.Stdin = before; f.Close() })
}

// A photo through standard input and output is the cut-out that a file gives; what is
// no photo writes nothing.
func TestPredictPipe(t *testing.T) {
	t.Chdir(t.TempDir())
	photo := drawnPhoto(t, "photo.jpg", 64, 48)
	must(t, "predict", photo, "--as", "cutout", "--out", "file.png")
	stdin(t, photo)
	code, out, errs := cli("predict", "-", "--as", "cutout")
	if want, err := os.ReadFile("file.png"); code != exitDone || err != nil || out != string(want) {
		t.Errorf("exit %d, %d bytes: %s %v", code, len(out), errs, err)
	}
	if err := os.WriteFile("text.jpg", []byte("no photo"), 0o644); err != nil {
		t.Fatal(err)
	}
	stdin(t, "text.jpg")
	if code, out, errs := cli("predict", "-"); code != exitFailed || out != "" || !strings.Contains(errs, "standard input: is no picture") {
		t.Errorf("exit %d, %d bytes: %s", code, len(out), errs)
	}
}

// Of a folder with broken files the others are done and the broken ones listed; two
// photos with one target, and a place that cannot be written, are found before any work.
func TestPredictBadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"in/a.jpg", "in/b.jpg", "in/sub/c.jpg", "twin/a.jpg"} {
		drawnPhoto(t, name, 48, 32)
	}
	whole, err := os.ReadFile("in/a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"in/cut.jpg": whole[:len(whole)/2], "in/empty.png": nil, "in/text.webp": []byte("no photo")} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := cli("predict", "in", "--out", "maps")
	paths := strings.Split(strings.TrimSpace(filepath.ToSlash(out)), "\n")
	slices.Sort(paths)
	if want := []string{"maps/a.png", "maps/b.png", "maps/sub/c.png"}; !slices.Equal(paths, want) {
		t.Errorf("stdout has %q, want the paths %q", paths, want)
	}
	if code != exitFailed || !strings.Contains(errs, "3 maps written") || !strings.Contains(errs, "3 of 6 photos could not be done") {
		t.Errorf("exit %d: %s", code, errs)
	}
	for _, want := range []string{"cut.jpg: JPEG is cut short", "empty.png: is empty", "text.webp: is no picture"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not said: %s", want, errs)
		}
	}
	there(t, "maps/a.png", "maps/b.png", "maps/sub/c.png")
	absent(t, "maps/cut.png", "maps/empty.png", "maps/text.png")
	wrong(t, exitUsage, "would both go to", "predict", "in/a.jpg", "twin/a.jpg", "--out", "both")
	absent(t, "both")
	if err := os.WriteFile("file", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := cli("predict", "in/a.jpg", "--out", "file/maps"); code == exitDone || !strings.Contains(errs, "file") {
		t.Errorf("a folder below a file: exit %d: %s", code, errs)
	}
}

// drawnPhoto writes a photo of a light disc and gives its name.
func drawnPhoto(t *testing.T, name string, w, h int) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		x, y := i%w-w/2, i/w-h/2
		m.Pix[i] = 40
		if 9*(x*x+y*y) < h*h {
			m.Pix[i] = 220
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}
