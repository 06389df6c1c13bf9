package data

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// bigSet draws pairs of a large photo with its object in the left half, one of them
// small, with masks of 0 and 1.
func bigSet(t *testing.T) []Pair {
	t.Helper()
	dir := t.TempDir()
	for k, size := range [][2]int{{400, 300}, {300, 420}, {90, 60}} {
		w, h := size[0], size[1]
		mask := image.NewGray(image.Rect(0, 0, w, h))
		for y := h / 4; y < h/2; y++ {
			for x := w / 8; x < w/2; x++ {
				mask.Pix[y*w+x] = 1
			}
		}
		stem := string(rune('a' + k))
		write(t, filepath.Join(dir, "images", stem+".png"), pngBytes(t, drawPhoto(w, h, k)))
		write(t, filepath.Join(dir, "masks", stem+".png"), pngBytes(t, mask))
	}
	s, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Inspect(context.Background(), s.Pairs, InspectOptions{})
	if err != nil || in.Masks.Coding.Kind != MaskIndex {
		t.Fatal(in, err)
	}
	return in.Pairs
}

// sameObject asks that a reduced mask shows the object where the full one does.
func sameObject(t *testing.T, p Pair, side int) {
	t.Helper()
	photo, mask, _, err := ReadPair(p)
	if err != nil {
		t.Fatal(err)
	}
	if max(photo.W, photo.H) > side || photo.W != mask.W {
		t.Errorf("%s: %dx%d", p.Image, photo.W, photo.H)
	}
	for _, c := range []struct {
		x, y float64
		in   bool
	}{{0.3, 0.37, true}, {0.15, 0.27, true}, {0.06, 0.37, false}, {0.6, 0.37, false}, {0.3, 0.7, false}} {
		if v := mask.Pix[int(c.y*float64(mask.H))*mask.W+int(c.x*float64(mask.W))]; v > 128 != c.in {
			t.Errorf("%s: mask is %d at %v", p.Mask, v, c)
		}
	}
}

// Large pairs are replaced by reduced copies, once; small ones stay as they are.
func TestKeepReduced(t *testing.T) {
	pairs, dir := bigSet(t), filepath.Join(t.TempDir(), "cache")
	kept, n, err := KeepReduced(context.Background(), dir, pairs, 100, nil)
	if err != nil || n != 2 || kept[2] != pairs[2] || kept[0].Stem != "a" || pairs[0].Image == kept[0].Image {
		t.Fatalf("%d, %v, %+v", n, err, kept)
	}
	sameObject(t, kept[0], 100)
	sameObject(t, kept[1], 100)
	old := time.Unix(1e9, 0)
	if err := os.Chtimes(kept[0].Image, old, old); err != nil {
		t.Fatal(err)
	}
	again, _, err := KeepReduced(context.Background(), dir, pairs, 100, nil)
	if info, _ := os.Stat(kept[0].Image); err != nil || again[0] != kept[0] || !info.ModTime().Equal(old) {
		t.Errorf("%v: made again", err)
	}
	if other, _, err := KeepReduced(context.Background(), dir, pairs, 120, nil); err != nil || other[0].Image == kept[0].Image {
		t.Errorf("%v: another side has the same file", err)
	}
	if same, n, err := KeepReduced(context.Background(), dir, pairs, 0, nil); err != nil || n != 0 || same[0] != pairs[0] {
		t.Errorf("off: %d, %v", n, err)
	}
}

func TestShrink(t *testing.T) {
	pairs, out := bigSet(t), filepath.Join(t.TempDir(), "small")
	if err := Shrink(context.Background(), out, pairs, 100, nil); err != nil {
		t.Fatal(err)
	}
	s, err := Find(out)
	if err != nil || len(s.Pairs) != 3 {
		t.Fatal(s, err)
	}
	for _, p := range s.Pairs {
		sameObject(t, p, 100)
	}
	in, err := Inspect(context.Background(), s.Pairs, InspectOptions{})
	if err != nil || !in.Masks.Coding.Plain() {
		t.Errorf("%v, %v", in.Masks, err)
	}
	if err := Shrink(context.Background(), out, pairs, 100, nil); err == nil {
		t.Error("wrote over a folder")
	}
}

func TestParseCache(t *testing.T) {
	for s, want := range map[string]int{"off": 0, "auto": 512, "300": 300} {
		if got, err := ParseCache(s, 224); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	if got, _ := ParseCache("auto", 672); got != 1344 {
		t.Errorf("%d", got)
	}
	for _, s := range []string{"", "0", "on", "-3", "99999"} {
		if _, err := ParseCache(s, 224); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}
