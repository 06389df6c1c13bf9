package synth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestDrawDependsOnSeedAndIndexAlone(t *testing.T) {
	first, mask := Draw(3, 5, 64, 48)
	for range 3 {
		Draw(9, 9, 32, 32) // other drawings in between change nothing
		again, maskAgain := Draw(3, 5, 64, 48)
		if !bytes.Equal(first.Pix, again.Pix) || !bytes.Equal(mask.Pix, maskAgain.Pix) {
			t.Fatal("the same seed and index gave another drawing")
		}
	}
	seen := map[string]string{string(first.Pix): "3/5"}
	for seed := range uint64(3) {
		for index := range 40 {
			img, _ := Draw(seed, index, 64, 48)
			name := fmt.Sprintf("%d/%d", seed, index)
			if other, ok := seen[string(img.Pix)]; ok {
				t.Fatalf("drawings %s and %s are equal", other, name)
			}
			seen[string(img.Pix)] = name
		}
	}
}

func TestDrawAnySize(t *testing.T) {
	for _, s := range []image.Point{{1, 1}, {1, 40}, {40, 1}, {2, 3}, {97, 33}, {31, 200}, {0, -4}} {
		img, mask := Draw(1, 1, s.X, s.Y)
		want := image.Rect(0, 0, max(s.X, 1), max(s.Y, 1))
		if img.Rect != want || mask.Rect != want {
			t.Errorf("size %v: image %v, mask %v, want %v", s, img.Rect, mask.Rect, want)
		}
		if !img.Opaque() {
			t.Errorf("size %v: the image has transparent pixels", s)
		}
	}
}

// The set is what the package promises: objects of 5 to 40% wherever they please,
// soft edges, a middle that says little, colours that say much.
func TestSetIsASaliencySet(t *testing.T) {
	const n, side, seed = 150, 64, 7
	var gauss, contrast curve
	var shares []float64
	offCentre, soft := 0, 0
	for i := range n {
		img, mask := Draw(seed, i, side, side)
		share, cu, cv, edge := massOf(mask)
		shares = append(shares, share)
		if math.Hypot(cu-.5, cv-.5) > .15 {
			offCentre++
		}
		soft += edge
		gauss.add(centred(side), mask)
		contrast.add(borderContrast(img), mask)
	}
	small, large, mean := 1.0, 0.0, 0.0
	for _, s := range shares {
		small, large, mean = min(small, s), max(large, s), mean+s/n
	}
	t.Logf("share of objects %.3f..%.3f, mean %.3f; off-centre %d of %d", small, large, mean, offCentre, n)
	t.Logf("maxF: centred Gaussian %.3f, contrast to the border %.3f", gauss.maxF(), contrast.maxF())
	if small < .03 || large > .45 || small > .1 || large < .3 {
		t.Errorf("objects cover %.3f to %.3f of the image, want about .05 to .4", small, large)
	}
	if offCentre < n/3 {
		t.Errorf("%d of %d objects are off-centre, want a third at least", offCentre, n)
	}
	if soft < 20*n {
		t.Errorf("%d soft edge pixels in %d masks, want some in each", soft, n)
	}
	if f := gauss.maxF(); f < .45 || f > .65 {
		t.Errorf("a centred Gaussian has maxF %.3f, want .45 to .65", f)
	}
	if f := contrast.maxF(); f < .85 || f > .98 {
		t.Errorf("contrast to the border has maxF %.3f: want .85 (learnable) to .98 (not trivial)", f)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "set")
	var told []int
	err := Write(context.Background(), dir, 4, 12, 40, func(done, total int) {
		if total != 12 {
			t.Errorf("progress says %d in all, want 12", total)
		}
		told = append(told, done)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 12 || told[0] != 1 || told[11] != 12 {
		t.Errorf("progress told %v, want 1..12", told)
	}
	if got := files(t, dir); len(got) != 24 {
		t.Errorf("%d files %v, want 24", len(got), got)
	}
	for i := range 12 {
		img, mask := Draw(4, i, 40, 40)
		gotMask, err := png.Decode(open(t, dir, "GT", fmt.Sprintf("%04d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if g, ok := gotMask.(*image.Gray); !ok || !bytes.Equal(g.Pix, mask.Pix) {
			t.Errorf("mask %d on disk differs from the drawn one", i)
		}
		photo, err := jpeg.Decode(open(t, dir, "images", fmt.Sprintf("%04d.jpg", i)))
		if err != nil {
			t.Fatal(err)
		}
		if d := meanDifference(img, photo); d > 12 {
			t.Errorf("photo %d on disk is %.1f grey levels away from the drawn one", i, d)
		}
	}
}

func TestWriteTwiceGivesEqualFiles(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b, b} {
		if err := Write(context.Background(), dir, 11, 6, 32, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range files(t, a) {
		one, err1 := os.ReadFile(filepath.Join(a, name))
		two, err2 := os.ReadFile(filepath.Join(b, name))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs between two runs (%v, %v)", name, err1, err2)
		}
	}
}

func TestWriteStopsWhenCancelled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	err := Write(ctx, dir, 1, 400, 32, func(done, _ int) {
		if done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if got := files(t, dir); len(got) < 6 || len(got) > 100 {
		t.Errorf("%d files after cancelling at the third picture", len(got))
	}
}

func TestWriteErrors(t *testing.T) {
	for _, c := range []struct{ n, size int }{{0, 32}, {4, 0}, {-1, 32}} {
		dir := filepath.Join(t.TempDir(), "set")
		if err := Write(context.Background(), dir, 1, c.n, c.size, nil); err == nil {
			t.Errorf("n %d size %d: no error", c.n, c.size)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("n %d size %d: the folder was made all the same", c.n, c.size)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), blocked, 1, 2, 32, nil); err == nil {
		t.Error("a file where the folder should be: no error")
	}
	// A folder where one of the files should be: an error, and no temporary file.
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "GT", "0000.png", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), dir, 1, 1, 32, nil); err == nil {
		t.Error("a folder in a file's place: no error")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
