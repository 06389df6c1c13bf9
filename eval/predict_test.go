package eval

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
)

func jobsOf(t *testing.T, inputs []string, out string) map[string]string {
	t.Helper()
	jobs, err := PlanPredict(inputs, out)
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]string)
	for _, j := range jobs {
		m[j.Photo] = j.Target
	}
	return m
}

func TestPlanPredict(t *testing.T) {
	dir := t.TempDir()
	photo, _ := disc(0, 9, 7)
	for _, f := range []string{"a.png", "sub/b.PNG", "sub/.hidden.png", "__MACOSX/c.png", "out/old.png"} {
		savePNG(t, filepath.Join(dir, f), photo)
	}
	save(t, filepath.Join(dir, "notes.txt"), []byte("x"))
	at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	got := jobsOf(t, []string{dir}, at("out"))
	if len(got) != 2 || got[at("a.png")] != at("out/a.png") || got[at("sub/b.PNG")] != at("out/sub/b.png") {
		t.Errorf("folder: %v", got)
	}
	got = jobsOf(t, []string{at("sub/b.PNG")}, "")
	if got[at("sub/b.PNG")] != "b_saliency.png" {
		t.Errorf("file: %v", got)
	}
	savePNG(t, at("other/a.png"), photo)
	savePNG(t, at("two/a.jpg"), photo)
	for name, c := range map[string]struct {
		inputs []string
		out    string
		want   string
	}{
		"nothing":      {nil, "", "no photo"},
		"not there":    {[]string{at("none.png")}, "", "none.png"},
		"no photos":    {[]string{t.TempDir()}, "", "no picture"},
		"one target":   {[]string{at("a.png"), at("other/a.png")}, at("o"), "both go to"},
		"one stem":     {[]string{at("two"), at("other")}, at("o"), "both go to"},
		"same twice":   {[]string{at("a.png"), at("a.png")}, at("o"), "both go to"},
		"over itself":  {[]string{at("a.png")}, dir, "overwrite"},
		"over another": {[]string{at("two/a.jpg"), at("other/a.png")}, at("other"), "a.png"},
	} {
		if _, err := PlanPredict(c.inputs, c.out); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
	if err := os.Symlink(at("a.png"), at("link.png")); err == nil {
		if _, err := PlanPredict([]string{at("a.png")}, dir); err == nil {
			t.Error("a map over its input was taken")
		}
		if _, err := PlanPredict([]string{at("two/a.jpg"), at("link.png")}, dir); err == nil {
			t.Error("a map over a linked input was taken")
		}
	}
}

// TestPredictAll: every map equals Predict's, a broken photo is reported and
// the rest done, nothing half-written stays.
func TestPredictAll(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	for i, s := range [][2]int{{40, 30}, {1, 1}, {500, 3}} {
		photo, _ := disc(i, s[0], s[1])
		savePNG(t, filepath.Join(dir, stem(i)+".png"), photo)
	}
	save(t, filepath.Join(dir, "0000.png"), []byte("\x89PNG\r\n\x1a\nbroken"))
	jobs, err := PlanPredict([]string{dir}, out)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	err = PredictAll(t.Context(), jobs, PredictOptions{NewNet: newBright, Size: 32, Threads: 2, Progress: func(done, _ int) { last = done }})
	if err == nil || !strings.Contains(err.Error(), "0000.png") || last != 4 {
		t.Errorf("%v, progress %d", err, last)
	}
	left, err := os.ReadDir(out)
	if err != nil || len(left) != 3 {
		t.Fatalf("%v, %v", left, err)
	}
	for i := range 3 {
		photo, err := data.ReadPhoto(filepath.Join(dir, stem(i)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := Predict(&brightNet{}, photo, 32)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(out, stem(i)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		_ = f.Close()
		g, ok := img.(*image.Gray)
		if err != nil || !ok || g.Rect.Dx() != photo.W || g.Rect.Dy() != photo.H || string(g.Pix) != string(want.Pix) {
			t.Errorf("%s: %v, %T", stem(i), err, img)
		}
	}
	if err := PredictAll(t.Context(), []Job{{filepath.Join(dir, "0001.png"), filepath.Join(dir, "0002.png", "x.png")}},
		PredictOptions{NewNet: newBright, Size: 32, Threads: 1}); err == nil {
		t.Error("a map inside a file was written")
	}
}
