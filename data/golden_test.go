package data

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"csnet/internal/npz"
	"csnet/internal/shared"
)

// sharedDir is the folder of reference data; the test is skipped without it.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir := shared.Dir(t)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data: %v (set CSNET_SHARED)", err)
	}
	return dir
}

type goldenCase struct{ Dir, Input, Logits, Photo, Map string }

// goldenPhotos gives every import case that has a photo.
func goldenPhotos(t *testing.T) []goldenCase {
	t.Helper()
	metas, err := filepath.Glob(filepath.Join(sharedDir(t), "golden", "import_*", "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []goldenCase
	for _, meta := range metas {
		raw, err := os.ReadFile(meta)
		if err != nil {
			t.Fatal(err)
		}
		var m struct{ Cases []goldenCase }
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatalf("%s: %v", meta, err)
		}
		for _, c := range m.Cases {
			if c.Photo != "" {
				c.Dir = filepath.Dir(meta)
				out = append(out, c)
			}
		}
	}
	if len(out) == 0 {
		t.Skip("no golden/import_* case with a photo")
	}
	return out
}

func loadNPY(t *testing.T, path string) npz.Array {
	t.Helper()
	a, err := npz.LoadNPY(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestInputEqualsReference(t *testing.T) {
	for _, c := range goldenPhotos(t) {
		want := loadNPY(t, filepath.Join(c.Dir, c.Input))
		size := want.Shape[len(want.Shape)-1]
		photo, err := ReadPhoto(filepath.Join(c.Dir, c.Photo))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 3*size*size)
		Input(got, photo, size)
		if len(want.F64) != len(got) {
			t.Fatalf("%s: %v, want 3x%dx%d", c.Input, want.Shape, size, size)
		}
		worst := 0.0
		for i, w := range want.F64 {
			worst = max(worst, math.Abs(float64(got[i])-w))
		}
		t.Logf("%s: max abs difference %.3g", c.Photo, worst)
		if worst > 1e-5 {
			t.Errorf("%s: max abs difference %g, want at most 1e-5", c.Photo, worst)
		}
	}
}

func TestRestoreEqualsReference(t *testing.T) {
	for _, c := range goldenPhotos(t) {
		if c.Map == "" {
			continue
		}
		logits := loadNPY(t, filepath.Join(c.Dir, c.Logits))
		want, err := ReadMask(filepath.Join(c.Dir, c.Map))
		if err != nil {
			t.Fatal(err)
		}
		size := logits.Shape[len(logits.Shape)-1]
		prob := make([]float32, size*size)
		for i, v := range logits.F64 {
			prob[i] = float32(1 / (1 + math.Exp(-v)))
		}
		got := Restore(nil, want.W, want.H, prob, size)
		off, worst := 0, 0
		for i, v := range want.Pix {
			if d := int(got[i]) - int(v); d != 0 {
				off++
				worst = max(worst, d, -d)
			}
		}
		t.Logf("%s: %d of %d pixels differ, by at most %d", c.Map, off, len(got), worst)
		if worst > 1 || off > len(got)/1000 {
			t.Errorf("%s: %d of %d pixels differ, by at most %d; at most one in a thousand may, by one", c.Map, off, len(got), worst)
		}
	}
}

// TestFindReference finds the data sets that come with the reference data.
func TestFindReference(t *testing.T) {
	for name, n := range map[string]int{"DUTS-TR-6000": 6000, "ECSSD-200": 200} {
		dir := filepath.Join(sharedDir(t), "datasets", name)
		if _, err := os.Stat(dir); err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		s, err := Find(dir)
		if err != nil || len(s.Pairs) != n || len(s.UnpairedImages)+len(s.UnpairedMasks) != 0 {
			t.Errorf("%s: %d pairs, %d and %d unpaired, %v; want %d pairs", name, len(s.Pairs), len(s.UnpairedImages), len(s.UnpairedMasks), err, n)
		}
		masks, err := FindMasks(dir)
		if err != nil || len(masks) != n {
			t.Errorf("%s: %d masks, %v; want %d", name, len(masks), err, n)
		}
		for i, p := range s.Pairs[:3] {
			if masks[i] != (File{p.Stem, p.Mask}) {
				t.Errorf("%s: mask %v, want %s", name, masks[i], p.Mask)
			}
			if _, _, _, err := ReadPair(p); err != nil {
				t.Error(err)
			}
		}
	}
}
