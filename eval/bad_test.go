package eval

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/metrics"
)

func scoreMaps(t *testing.T, set, maps string, resize bool) (*Report, error) {
	t.Helper()
	return Run(t.Context(), Options{Methods: []Method{{Name: "m", Maps: maps}}, Sets: []Set{{"S", set}},
		Protocol: metrics.Both, Threads: 2, ResizeMaps: resize})
}

// TestCorruptMap: one corrupt map among many is listed, the rest scored exactly
// as if it were not there.
func TestCorruptMap(t *testing.T) {
	set, maps := t.TempDir(), t.TempDir()
	drawSet(t, set, 12)
	drawMaps(t, maps, 12, same)
	bad := filepath.Join(maps, "0005.png")
	whole, err := os.ReadFile(bad)
	if err != nil {
		t.Fatal(err)
	}
	save(t, bad, whole[:len(whole)/2])
	r, err := scoreMaps(t, set, maps, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Err() == nil || r.Methods[0].Sets[0].Result.Images != 11 || !hasLine(r.Notes(), "0005.png") {
		t.Errorf("err %v, images %d, notes %q", r.Err(), r.Methods[0].Sets[0].Result.Images, r.Notes())
	}
	_ = os.Remove(bad)
	_ = os.Remove(filepath.Join(set, "GT", "0005.png"))
	rest, err := scoreMaps(t, set, maps, false)
	if err != nil {
		t.Fatal(err)
	}
	if jsonOf(t, rest) != jsonOf(t, r) {
		t.Error("the bad map changed the others' scores")
	}
}

func hasLine(lines []string, part string) bool {
	for _, l := range lines {
		if strings.Contains(l, part) {
			return true
		}
	}
	return false
}

// TestOtherSize: an error naming both sizes, unless resizing is asked for.
func TestOtherSize(t *testing.T) {
	set, maps := t.TempDir(), t.TempDir()
	drawSet(t, set, 3)
	drawMaps(t, maps, 3, same)
	savePNG(t, filepath.Join(maps, "0002.png"), image.NewGray(image.Rect(0, 0, 20, 15)))
	r, err := scoreMaps(t, set, maps, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Err() == nil || !hasLine(r.Notes(), "map is 20x15, mask is 41x31") {
		t.Errorf("%v %q", r.Err(), r.Notes())
	}
	r, err = scoreMaps(t, set, maps, true)
	if err != nil || r.Err() != nil || r.Methods[0].Sets[0].Result.Images != 3 {
		t.Errorf("resized: %v, %v", err, r.Notes())
	}
}

// TestMissingAndSurplus are listed; missing ones make the run incomplete.
func TestMissingAndSurplus(t *testing.T) {
	set, maps := t.TempDir(), t.TempDir()
	drawSet(t, set, 6)
	drawMaps(t, maps, 6, func(s string) string { return s + "_sal" })
	_ = os.Remove(filepath.Join(maps, "0003_sal.png"))
	savePNG(t, filepath.Join(maps, "other.png"), image.NewGray(image.Rect(0, 0, 2, 2)))
	r, err := scoreMaps(t, set, maps, false)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Methods[0].Sets[0]
	if s.Result.Images != 5 || len(s.Missing) != 1 || s.Missing[0] != "0003" || len(s.Surplus) != 1 || r.Err() == nil {
		t.Errorf("images %d, missing %q, surplus %q, err %v", s.Result.Images, s.Missing, s.Surplus, r.Err())
	}
	if !hasLine(r.Notes(), "maps named MASK_sal") || !hasLine(r.Notes(), "no map for mask 0003") || !hasLine(r.Notes(), "other.png") {
		t.Errorf("notes %q", r.Notes())
	}
}

// TestRefused are the inputs with which no run starts.
func TestRefused(t *testing.T) {
	set, maps, empty, alien, twice := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	drawSet(t, set, 3)
	drawMaps(t, maps, 3, same)
	drawMaps(t, alien, 1, func(string) string { return "xyz" })
	drawMaps(t, twice, 3, same)
	whole, err := os.ReadFile(filepath.Join(twice, "0001.png"))
	if err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(twice, "0001.jpg"), whole)
	corrupt := t.TempDir()
	save(t, filepath.Join(corrupt, "0001.png"), []byte("no picture"))
	m := func(dir string) []Method { return []Method{{Name: "m", Maps: dir}} }
	s := []Set{{"S", set}}
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"no method":       {Options{Sets: s}, "no checkpoint"},
		"no set":          {Options{Methods: m(maps)}, "no data set"},
		"equal names":     {Options{Methods: append(m(maps), m(alien)...), Sets: s}, `"m"`},
		"equal sets":      {Options{Methods: m(maps), Sets: append(s, s...)}, `"S"`},
		"bad name":        {Options{Methods: []Method{{Name: "a/b", Maps: maps}}, Sets: s}, "a/b"},
		"two sources":     {Options{Methods: []Method{{Name: "m", Maps: maps, Draw: AllForeground}}, Sets: s}, "exactly 1"},
		"no size":         {Options{Methods: []Method{{Name: "m", NewNet: newBright}}, Sets: s}, "input size is 0"},
		"empty folder":    {Options{Methods: m(empty), Sets: s}, empty},
		"empty set":       {Options{Methods: m(maps), Sets: []Set{{"E", empty}}}, "E"},
		"no folder":       {Options{Methods: m(filepath.Join(empty, "x")), Sets: s}, "x"},
		"alien names":     {Options{Methods: m(alien), Sets: s}, "no map fits"},
		"duplicate stems": {Options{Methods: m(twice), Sets: s}, "0001"},
		"flat maps":       {Options{Methods: m(maps), Sets: []Set{{"S", set}, {"T", set}}}, "several sets"},
		"all corrupt":     {Options{Methods: m(corrupt), Sets: s}, "0001.png"},
		"no photos":       {Options{Methods: []Method{bright("n")}, Sets: []Set{{"S", filepath.Join(set, "GT")}}}, "S"},
	} {
		c.o.Protocol, c.o.Threads = metrics.Both, 1
		if _, err := Run(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := Run(t.Context(), Options{Methods: m(maps), Sets: s, Protocol: "x", Threads: 1}); err == nil {
		t.Error("protocol x was taken")
	}
	if _, err := Run(t.Context(), Options{Methods: m(maps), Sets: s, Protocol: metrics.Both}); err == nil {
		t.Error("0 threads were taken")
	}
}

// TestMasksAlone: for stored maps a mask folder is enough.
func TestMasksAlone(t *testing.T) {
	set, maps := t.TempDir(), t.TempDir()
	drawSet(t, set, 4)
	drawMaps(t, maps, 4, same)
	r, err := scoreMaps(t, filepath.Join(set, "GT"), maps, false)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := scoreMaps(t, set, maps, false)
	if err != nil || jsonOf(t, r) != jsonOf(t, whole) {
		t.Errorf("%v: masks alone score otherwise", err)
	}
}

// TestCannotSave: maps that cannot be written end the run and leave nothing.
func TestCannotSave(t *testing.T) {
	set, out := t.TempDir(), filepath.Join(t.TempDir(), "file")
	drawSet(t, set, 2)
	save(t, out, []byte("in the way"))
	_, err := Run(t.Context(), Options{Methods: []Method{bright("n")}, Sets: []Set{{"S", set}}, Protocol: metrics.Both, Threads: 1, SaveMaps: out})
	if err == nil || !strings.Contains(err.Error(), "file") {
		t.Errorf("%v", err)
	}
}
