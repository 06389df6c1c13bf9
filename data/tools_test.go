package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStats(t *testing.T) {
	dir := t.TempDir()
	// Foreground: the left half; nothing; a graded quarter in the middle.
	sizes := [][2]int{{40, 20}, {80, 40}, {60, 20}}
	for k, s := range sizes {
		m := image.NewGray(image.Rect(0, 0, s[0], s[1]))
		for y := range s[1] {
			for x := range s[0] {
				if k == 0 && x < s[0]/2 || k == 2 && x >= s[0]/4 && x < s[0]*3/4 && y >= s[1]/4 && y < s[1]*3/4 {
					m.Pix[y*s[0]+x] = uint8(255 - 55*(k/2))
				}
			}
		}
		stem := fmt.Sprint(k)
		write(t, filepath.Join(dir, "images", stem+".png"), pngBytes(t, drawPhoto(s[0], s[1], k)))
		write(t, filepath.Join(dir, "GT", stem+".png"), pngBytes(t, m))
	}
	set, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, threads := range []int{1, 3} {
		runtime.GOMAXPROCS(threads)
		s, err := Stats(context.Background(), set, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s.Pairs != 3 || s.Width != (Spread{40, 60, 60, 80}) || s.Height != (Spread{20, 20, 80.0 / 3, 40}) ||
			s.Foreground != (Spread{0, 0.25, 0.25, 0.5}) || s.Graded != 1 || s.Histogram != [10]int{0: 1, 2: 1, 5: 1} {
			t.Errorf("%+v", s)
		}
		if math.Abs(s.Centre[0]-0.375) > 1e-9 || math.Abs(s.Centre[1]-0.5) > 1e-9 {
			t.Errorf("centre %v, want 0.375 0.5", s.Centre)
		}
		// Middle quarter: 1/8 of picture 0, 1/4 * 200/255 of picture 2.
		soft := 0.25 * 200 / 255
		if want := (0.125 + soft) / (0.5 + soft); math.Abs(s.CentreBias-want) > 1e-9 {
			t.Errorf("centre bias %g, want %g", s.CentreBias, want)
		}
		heat := s.Heat()
		for at, want := range map[[2]int]float64{{45, 64}: (1 + 200.0/255) / 3, {125, 64}: 0, {5, 5}: 1. / 3} {
			if got := heat[at[1]*HeatSide+at[0]]; math.Abs(got-want) > 1e-6 {
				t.Errorf("mean mask at %v: %g, want %g", at, got, want)
			}
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if raw = append(raw, fmt.Sprint(heat)...); first == nil {
			first = raw
		} else if !bytes.Equal(raw, first) {
			t.Error("other threads give other figures")
		}
	}
	write(t, set.Pairs[1].Mask, []byte("x"))
	if _, err := Stats(context.Background(), set, nil); err == nil || !strings.Contains(err.Error(), set.Pairs[1].Mask) {
		t.Errorf("a broken mask: error %v", err)
	}
	if _, err := Stats(context.Background(), Set{Dir: "here"}, nil); err == nil || !strings.Contains(err.Error(), "here") {
		t.Errorf("no pairs: error %v", err)
	}
}

func TestSplitValidation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stems := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,6}`), 0, 40, rapid.ID).Draw(t, "stems")
		share := rapid.SampledFrom([]float64{0, 1e-9, 0.05, 0.5, 1}).Draw(t, "share")
		var pairs []Pair
		for _, s := range stems {
			pairs = append(pairs, Pair{Stem: s})
		}
		train, val := SplitValidation(pairs, share)
		all := append(slices.Clone(train), val...)
		byStem := func(a, b Pair) int { return strings.Compare(a.Stem, b.Stem) }
		if !slices.IsSortedFunc(train, byStem) || !slices.IsSortedFunc(val, byStem) {
			t.Fatal("not sorted")
		}
		slices.SortFunc(all, byStem)
		sorted := slices.SortedFunc(slices.Values(pairs), byStem)
		if !slices.Equal(all, sorted) {
			t.Fatalf("%v of %v", all, sorted)
		}
		if share == 0 && len(val) != 0 || share > 0 && len(pairs) > 1 && (len(val) == 0 || len(train) == 0) {
			t.Fatalf("%d and %d of %d", len(train), len(val), len(pairs))
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		if train2, val2 := SplitValidation(pairs, share); !slices.Equal(train, train2) || !slices.Equal(val, val2) {
			t.Fatal("the order matters")
		}
	})
}

func TestSplitValidationShareAndGrowth(t *testing.T) {
	var pairs []Pair
	for i := range 8000 {
		pairs = append(pairs, Pair{Stem: fmt.Sprintf("%04d", i)})
	}
	_, val := SplitValidation(pairs, 0.05)
	if len(val) < 320 || len(val) > 480 {
		t.Errorf("%d of 8000, want about 400", len(val))
	}
	_, part := SplitValidation(pairs[:4000], 0.05)
	for _, p := range part {
		if !slices.Contains(val, p) {
			t.Errorf("%s changes sides when the set grows", p.Stem)
		}
	}
}

func TestWriteSplit(t *testing.T) {
	for _, copying := range []bool{false, true} {
		dir, out := t.TempDir(), filepath.Join(t.TempDir(), "deep", "split")
		train, val := SplitValidation(drawSet(t, dir, 9), 0.3)
		if err := WriteSplit(out, train, val, copying); err != nil {
			t.Fatal(err)
		}
		for part, pairs := range map[string][]Pair{"train": train, "val": val} {
			s, err := Find(filepath.Join(out, part))
			if err != nil || len(s.Pairs) != len(pairs) {
				t.Fatalf("%s: %+v, %v", part, s, err)
			}
			var stems string
			for i, p := range pairs {
				stems += p.Stem + "\n"
				for a, b := range map[string]string{p.Image: s.Pairs[i].Image, p.Mask: s.Pairs[i].Mask} {
					x, err1 := os.ReadFile(a)
					y, err2 := os.ReadFile(b)
					if err1 != nil || err2 != nil || !bytes.Equal(x, y) || filepath.Base(a) != filepath.Base(b) {
						t.Errorf("%s and %s differ (%v, %v)", a, b, err1, err2)
					}
				}
			}
			if got, err := os.ReadFile(filepath.Join(out, part+".txt")); err != nil || string(got) != stems {
				t.Errorf("%s.txt: %q, %v; want %q", part, got, err, stems)
			}
		}
		if err := WriteSplit(out, train, val, copying); err == nil || !strings.Contains(err.Error(), "exists") {
			t.Errorf("a second time: error %v", err)
		}
	}
}

// TestWriteSplitWhole leaves nothing behind when a file is missing.
func TestWriteSplitWhole(t *testing.T) {
	dir, parent := t.TempDir(), t.TempDir()
	pairs := drawSet(t, dir, 4)
	if err := os.Remove(pairs[3].Mask); err != nil {
		t.Fatal(err)
	}
	err := WriteSplit(filepath.Join(parent, "split"), pairs[:1], pairs[1:], true)
	if err == nil || !strings.Contains(err.Error(), pairs[3].Mask) {
		t.Errorf("error %v, want one that names %s", err, pairs[3].Mask)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Errorf("%v left behind", left)
	}
	if err := WriteSplit(filepath.Join(pairs[0].Mask, "x"), pairs[:1], pairs[1:2], true); err == nil {
		t.Error("a folder in a file")
	}
}

func TestManifest(t *testing.T) {
	a, b := t.TempDir(), filepath.Join(t.TempDir(), "elsewhere")
	var digests []Manifest
	for _, dir := range []string{a, b} {
		drawSet(t, dir, 4)
		s, err := Find(filepath.Dir(filepath.Join(dir, "x")))
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(s.Pairs)
		m, err := MakeManifest(context.Background(), s.Base, s.Pairs, nil)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, m)
	}
	m := digests[0]
	one, _ := json.Marshal(m)
	two, _ := json.Marshal(digests[1])
	if !bytes.Equal(one, two) {
		t.Error("the same files elsewhere have another manifest")
	}
	var lines string
	for _, f := range m.Files {
		content, err := os.ReadFile(filepath.Join(a, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		lines += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), f.Name)
	}
	sum := sha256.Sum256([]byte(lines))
	if len(m.Files) != 8 || m.Files[0].Name != "GT/p100.png" || m.Digest != hex.EncodeToString(sum[:]) {
		t.Errorf("%s, want digest %x of\n%s", one, sum, lines)
	}
	pairs := []Pair{{Stem: "p", Image: filepath.Join(a, "images", "p100.png"), Mask: filepath.Join(a, "GT", "none.png")}}
	if _, err := MakeManifest(context.Background(), a, pairs, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: error %v", err)
	}
	write(t, pairs[0].Image, []byte("changed"))
	s, _ := Find(a)
	if changed, err := MakeManifest(context.Background(), s.Base, s.Pairs, nil); err != nil || changed.Digest == m.Digest {
		t.Errorf("a changed byte leaves the digest as it is (%v)", err)
	}
}
