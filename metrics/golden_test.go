package metrics

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"csnet/internal/shared"
)

// goldenDirs lists every folder golden/metrics* of the reference material.
func goldenDirs(t *testing.T) []string {
	t.Helper()
	found := shared.Glob(t, "golden/metrics*/expected.json")
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// grey reads a PNG as 8-bit grey levels.
func grey(t *testing.T, path string) (v []uint8, w, h int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(x, y, color.GrayModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)))
		}
	}
	return out.Pix, b.Dx(), b.Dy()
}

// TestGolden checks every pair and the whole set, both protocols, within 1e-9.
func TestGolden(t *testing.T) {
	const tolerance = 1e-9
	for _, dir := range goldenDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]map[string]map[string]float64
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			check := func(name string, got Scores) {
				for protocol, measures := range want[name] {
					for measure, v := range measures {
						g, ok := got.Value(Protocol(protocol), measure)
						if !ok || !(math.Abs(g-v) <= tolerance*max(1, v)) {
							t.Errorf("%s %s %s: got %.17g, want %.17g", name, protocol, measure, g, v)
						}
					}
				}
			}
			var names []string
			for name := range want {
				if name != "all" {
					names = append(names, name)
				}
			}
			sort.Strings(names)
			s, agg := NewScorer(), Aggregate{}
			for _, name := range names {
				pred, w, h := grey(t, filepath.Join(dir, "pred", name))
				mask, mw, mh := grey(t, filepath.Join(dir, "gt", name))
				if w != mw || h != mh {
					t.Fatalf("%s: map is %dx%d, mask %dx%d", name, h, w, mh, mw)
				}
				var im Image
				if err := s.Score(pred, mask, w, h, Both, &im); err != nil {
					t.Fatal(err)
				}
				check(name, im.Scores())
				agg.Add(&im)
			}
			if len(names) == 0 {
				t.Fatal("no pairs")
			}
			check("all", agg.Result().Scores)
		})
	}
}
