package data

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// brokenSet draws a set with one problem of each kind.
func brokenSet(t *testing.T) (dir string, want [][3]string) {
	t.Helper()
	dir = t.TempDir()
	img := func(name string, b []byte) { write(t, filepath.Join(dir, "images", name), b) }
	gt := func(name string, b []byte) { write(t, filepath.Join(dir, "GT", name), b) }
	photo := func(k int) []byte { return pngBytes(t, drawPhoto(70, 60, k)) }
	mask := pngBytes(t, drawMask(70, 60, 0))
	grey := func(v uint8) []byte {
		m := image.NewGray(image.Rect(0, 0, 70, 60))
		for i := range m.Pix {
			m.Pix[i] = v
		}
		return pngBytes(t, m)
	}
	for k, stem := range []string{"fine", "cut", "cutmask", "size", "empty", "faint", "full", "twin1", "turned", "fitting", "dup", "alone", "speck", "dot"} {
		content := photo(k)
		switch stem {
		case "cut":
			content = content[:len(content)/2]
		case "turned", "fitting":
			content = withExif(content, exifBlock(binary.LittleEndian, 6))
		}
		img(stem+".png", content)
		if stem != "alone" {
			gt(stem+".png", mask)
		}
	}
	img("dup.jpg", photo(50))
	img("twin2.png", photo(7)) // as twin1
	gt("twin2.png", mask)
	gt("cutmask.png", mask[:40])
	gt("size.png", pngBytes(t, drawMask(70, 61, 0)))
	gt("empty.png", grey(0))
	gt("faint.png", grey(128))
	gt("full.png", grey(129))
	speck := image.NewGray(image.Rect(0, 0, 70, 60))
	speck.Pix[100], speck.Pix[101], speck.Pix[1000] = 255, 255, 255
	gt("speck.png", pngBytes(t, speck))
	speck.Pix[1001] = 255
	gt("dot.png", pngBytes(t, speck)) // four pixels are an object
	gt("fitting.png", pngBytes(t, drawMask(60, 70, 0)))
	gt("widow.png", []byte("nonsense"))
	img("tiny.png", pngBytes(t, drawPhoto(57, 300, 1)))
	gt("tiny.png", pngBytes(t, drawMask(57, 300, 0)))
	return dir, [][3]string{
		{"GT/cutmask.png", Undecodable, SeverityError},
		{"GT/empty.png", EmptyMask, SeverityWarning},
		{"GT/faint.png", EmptyMask, SeverityWarning},
		{"GT/full.png", FullMask, SeverityWarning},
		{"GT/size.png", SizeDiffers, SeverityError},
		{"GT/speck.png", SpeckMask, SeverityWarning},
		{"GT/widow.png", Undecodable, SeverityError},
		{"GT/widow.png", Unpaired, SeverityError},
		{"images/alone.png", Unpaired, SeverityError},
		{"images/cut.png", Undecodable, SeverityError},
		{"images/dup.jpg", DuplicateStem, SeverityError},
		{"images/dup.png", DuplicateStem, SeverityError},
		{"images/tiny.png", Small, SeverityWarning},
		{"images/turned.png", ExifUnturned, SeverityWarning},
		{"images/twin2.png", SameContent, SeverityWarning},
	}
}

func TestCheck(t *testing.T) {
	dir, want := brokenSet(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, threads := range []int{1, 3, 8} {
		runtime.GOMAXPROCS(threads)
		calls, last := 0, 0
		r, err := Check(context.Background(), dir, Folders{}, InspectOptions{Progress: func(done, total int) {
			calls, last = calls+1, total
			if done != calls {
				t.Errorf("progress tells of %d, want %d", done, calls)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		var got [][3]string
		for _, p := range r.Problems {
			got = append(got, [3]string{p.File, p.Kind, p.Severity})
			if p.Detail == "" || strings.Contains(p.Detail, dir) {
				t.Errorf("%+v: bad detail", p)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v,\nwant %v", got, want)
		}
		if r.Pairs != 14 || r.Errors() != 8 || calls != last || calls != 14+4 {
			t.Errorf("%d pairs, %d errors, %d calls of %d; want 14, 8, 18", r.Pairs, r.Errors(), calls, last)
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = raw
		} else if string(raw) != string(first) {
			t.Errorf("%d threads report otherwise than 1", threads)
		}
	}
	for _, part := range []string{`{"pairs":14,"problems":[{"kind":"undecodable","file":"GT/cutmask.png","detail":"PNG is cut short`,
		"mask is 70x61, image is 70x60", "the highest is 128", "has the same pixels as images/twin1.png", "has the stem of images/dup.png"} {
		if !strings.Contains(string(first), part) {
			t.Errorf("%s lacks %q", first, part)
		}
	}
}

func TestCheckClean(t *testing.T) {
	dir := t.TempDir()
	drawSet(t, dir, 3)
	r, err := Check(context.Background(), dir, Folders{}, InspectOptions{})
	raw, _ := json.Marshal(r)
	if err != nil || !strings.HasPrefix(string(raw), `{"pairs":3,"problems":[],"image_dir":"images","mask_dir":"GT","masks":{"coding":"luma","why":"light objects`) {
		t.Errorf("%s, %v", raw, err)
	}
	if _, err := Check(context.Background(), t.TempDir(), Folders{}, InspectOptions{}); err == nil {
		t.Error("an empty folder passes")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Check(ctx, dir, Folders{}, InspectOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCheckAllUnpaired lists a set in which no stem meets another.
func TestCheckAllUnpaired(t *testing.T) {
	dir := t.TempDir()
	p := drawSet(t, dir, 2)
	for _, path := range []string{p[0].Image, p[1].Mask} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := Check(context.Background(), dir, Folders{}, InspectOptions{}); err != nil || r.Pairs != 0 || r.Errors() != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}
