package data

import (
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layoutKinds are the layouts of the sets in use, as downloaded.
func layoutKinds() map[string][4]string {
	return map[string][4]string{
		"DUTS-TR":   {"DUTS-TR-Image", ".jpg", "DUTS-TR-Mask", ".png"},
		"DUTS-TE":   {"DUTS-TE-Image", ".jpg", "DUTS-TE-Mask", ".png"},
		"ECSSD":     {"images", ".jpg", "ground_truth_mask", ".png"},
		"DUT-OMRON": {"DUT-OMRON-image", ".jpg", "pixelwiseGT-new-PNG", ".png"},
		"HKU-IS":    {"imgs", ".png", "gt", ".png"},
		"PASCAL-S":  {"datasets/imgs/pascal", ".jpg", "datasets/masks/pascal", ".png"},
		"SOD":       {"images", ".jpg", "GT", ".png"},
		"jpeg":      {"Image", ".jpeg", "Mask", ".jpg"},
	}
}

// plant writes three pairs of a layout below dir.
func plant(t *testing.T, dir string, l [4]string) {
	t.Helper()
	for k, stem := range []string{"0003", "0001", "a.b c"} {
		photo, mask := drawPhoto(20+k, 16, k), drawMask(20+k, 16, k)
		content := jpegBytes(t, photo)
		if strings.EqualFold(l[1], ".png") {
			content = pngBytes(t, photo)
		}
		write(t, filepath.Join(dir, l[0], stem+l[1]), content)
		switch {
		case strings.EqualFold(l[3], ".jpg"):
			content = jpegBytes(t, mask)
		case k == 1: // graded
			mask.Pix[100] = 77
			content = pngBytes(t, mask)
		case k == 2: // RGB
			rgb := image.NewRGBA(mask.Rect)
			draw.Draw(rgb, rgb.Rect, mask, image.Point{}, draw.Src)
			content = pngBytes(t, rgb)
		default:
			content = pngBytes(t, mask)
		}
		write(t, filepath.Join(dir, l[2], stem+l[3]), content)
	}
}

// litter strews what archives and file managers leave behind.
func litter(t *testing.T, dir string, l [4]string) {
	t.Helper()
	for _, sub := range []string{"", l[0], l[2], filepath.Dir(l[0])} {
		write(t, filepath.Join(dir, sub, ".DS_Store"), []byte("x"))
		write(t, filepath.Join(dir, sub, "._0001.jpg"), []byte("x"))
		write(t, filepath.Join(dir, "__MACOSX", sub, "._0001.png"), []byte("x"))
		write(t, filepath.Join(dir, "__MACOSX", sub, "0001.png"), []byte("x"))
		write(t, filepath.Join(dir, sub, "Thumbs.db"), []byte("x"))
		write(t, filepath.Join(dir, sub, "readme.txt"), []byte("x"))
	}
	write(t, filepath.Join(dir, ".git", l[0], "0001.jpg"), []byte("x"))
}

func TestFindLayouts(t *testing.T) {
	for name, l := range layoutKinds() {
		for variant, change := range map[string]func(string) string{
			"plain": func(s string) string { return s },
			"upper": strings.ToUpper,
			"lower": strings.ToLower,
		} {
			for _, extra := range []string{"", "extra"} {
				v := [4]string{change(l[0]), change(l[1]), change(l[2]), change(l[3])}
				dir := t.TempDir()
				plant(t, filepath.Join(dir, extra), v)
				litter(t, filepath.Join(dir, extra), v)
				litter(t, dir, [4]string{"", "", "", ""})
				what := name + " " + variant + " " + extra
				s, err := Find(dir)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				if len(s.UnpairedImages)+len(s.UnpairedMasks)+len(s.Duplicates) != 0 || len(s.Pairs) != 3 {
					t.Errorf("%s: %+v", what, s)
					continue
				}
				for i, stem := range []string{"0001", "0003", "a.b c"} {
					want := Pair{Stem: stem, Image: filepath.Join(dir, extra, v[0], stem+v[1]), Mask: filepath.Join(dir, extra, v[2], stem+v[3])}
					if s.Pairs[i] != want {
						t.Errorf("%s: %v, want %v", what, s.Pairs[i], want)
					}
					if _, _, _, err := ReadPair(s.Pairs[i]); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
				masks, err := FindMasks(dir)
				if err != nil || len(masks) != 3 || masks[0].Path != s.Pairs[0].Mask {
					t.Errorf("%s: masks %v, %v", what, masks, err)
				}
				if r, err := Check(t.Context(), dir, Folders{}, InspectOptions{}); err != nil || r.Pairs != 3 || r.Errors() != 0 {
					t.Errorf("%s: check gives %+v, %v", what, r, err)
				}
			}
		}
	}
}

// TestFindDatasetsFolder is given the folder "datasets" of PASCAL-S itself, which
// holds folders of other sets too.
func TestFindDatasetsFolder(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, layoutKinds()["PASCAL-S"])
	plant(t, dir, [4]string{"datasets/imgs/bruce", ".jpg", "datasets/masks/bruce", ".png"})
	for _, d := range []string{dir, filepath.Join(dir, "datasets")} {
		s, err := Find(d)
		if err != nil || len(s.Pairs) != 3 || s.Base != filepath.Join(dir, "datasets") {
			t.Errorf("%s: %+v, %v", d, s, err)
		}
	}
}

func TestFindTwoLayouts(t *testing.T) {
	kinds := layoutKinds()
	for name, c := range map[string]struct {
		dirs    [2]string
		layouts [2][4]string
		want    []string
	}{
		"side by side":     {[2]string{"", ""}, [2][4]string{kinds["DUTS-TR"], kinds["DUTS-TE"]}, []string{"DUTS-TR-Image", "DUTS-TE-Image", "DUTS-TE-Mask"}},
		"two mask folders": {[2]string{"", ""}, [2][4]string{kinds["ECSSD"], kinds["SOD"]}, []string{"ground_truth_mask", "GT"}},
		"two sets":         {[2]string{"A", "B"}, [2][4]string{kinds["ECSSD"], kinds["ECSSD"]}, []string{"A/images", "B/images"}},
	} {
		dir := t.TempDir()
		for i := range 2 {
			plant(t, filepath.Join(dir, c.dirs[i]), c.layouts[i])
		}
		_, err := Find(dir)
		if err == nil || !strings.Contains(err.Error(), "2 layouts") {
			t.Errorf("%s: error %v, want one that says so", name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %v does not name %s", name, err, w)
			}
		}
	}
}

// TestFindEmptyRival is not confused by a second mask folder with nothing in it.
func TestFindEmptyRival(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, layoutKinds()["SOD"])
	if err := os.MkdirAll(filepath.Join(dir, "masks"), 0o777); err != nil {
		t.Fatal(err)
	}
	if s, err := Find(dir); err != nil || len(s.Pairs) != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFindNothing(t *testing.T) {
	photo, mask := jpegBytes(t, drawPhoto(20, 16, 1)), pngBytes(t, drawMask(20, 16, 1))
	for name, c := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"empty":         {nil, []string{"no data set", "ground_truth_mask", "NAME-Image"}},
		"no masks":      {map[string][]byte{"images/1.jpg": photo, "images/2.jpg": photo}, []string{"images (2 pictures)", "no mask folder", "GT", "pixelwiseGT-new-PNG"}},
		"no photos":     {map[string][]byte{"DUTS-TR-Mask/1.png": mask}, []string{"DUTS-TR-Mask (1 pictures)", "no photo folder", "NAME-Image"}},
		"empty masks":   {map[string][]byte{"images/1.jpg": photo, "GT/1.txt": nil}, []string{"images holds 1", "GT holds 0"}},
		"other names":   {map[string][]byte{"pics/1.jpg": photo, "truth/1.png": mask}, []string{"pics, truth", "mask"}},
		"flat":          {map[string][]byte{"1.jpg": photo, "2.jpg": photo}, []string{"2 pictures"}},
		"no pair":       {map[string][]byte{"images/1.jpg": photo, "GT/2.png": mask}, []string{"no photo in images", "1.jpg", "2.png"}},
		"other set":     {map[string][]byte{"A-Image/1.jpg": photo, "B-Mask/1.png": mask}, []string{"A-Image", "B-Mask", "different sets"}},
		"too deep":      {map[string][]byte{"a/b/c/images/1.jpg": photo, "a/b/c/GT/1.png": mask}, []string{"no data set", "one level down"}},
		"shared stem":   {map[string][]byte{"images/1.jpg": photo, "images/1.png": photo, "GT/1.png": mask}, []string{`"1"`, "images/1.jpg and images/1.png"}},
		"shared masks":  {map[string][]byte{"images/1.jpg": photo, "GT/1.PNG": mask, "GT/1.png": mask}, []string{`"1"`, "GT/1.PNG and GT/1.png"}},
		"only __MACOSX": {map[string][]byte{"__MACOSX/images/1.jpg": photo, "__MACOSX/GT/1.png": mask}, []string{"no data set", "0 folders"}},
	} {
		dir := t.TempDir()
		for f, content := range c.files {
			write(t, filepath.Join(dir, f), content)
		}
		_, err := Find(dir)
		for _, w := range c.want {
			if err == nil || !strings.Contains(err.Error(), w) || !strings.HasPrefix(err.Error(), "data: "+dir) {
				t.Errorf("%s: error %v, want %q in it", name, err, w)
			}
		}
	}
	if _, err := Find(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("no folder: error %v", err)
	}
	if _, err := Find(write(t, filepath.Join(t.TempDir(), "file"), nil)); err == nil {
		t.Error("a file is no folder")
	}
}

func TestFindUnpaired(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, layoutKinds()["SOD"])
	p := write(t, filepath.Join(dir, "images", "0002.jpg"), jpegBytes(t, drawPhoto(20, 16, 1)))
	m := write(t, filepath.Join(dir, "GT", "zz.png"), pngBytes(t, drawMask(20, 16, 1)))
	s, err := Find(dir)
	if err != nil || len(s.Pairs) != 3 || len(s.UnpairedImages) != 1 || s.UnpairedImages[0] != p || len(s.UnpairedMasks) != 1 || s.UnpairedMasks[0] != m {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestFindLinks follows links to folders and files, and leaves dead ones out.
func TestFindLinks(t *testing.T) {
	far, dir := t.TempDir(), t.TempDir()
	plant(t, far, layoutKinds()["SOD"])
	if err := os.Symlink(filepath.Join(far, "images"), filepath.Join(dir, "images")); err != nil {
		t.Skip(err)
	}
	for i, err := range []error{
		os.Mkdir(filepath.Join(dir, "GT"), 0o777),
		os.Symlink(filepath.Join(far, "GT", "0001.png"), filepath.Join(dir, "GT", "0001.png")),
		os.Symlink(filepath.Join(far, "GT", "none.png"), filepath.Join(dir, "GT", "none.png")),
	} {
		if err != nil {
			t.Fatal(i, err)
		}
	}
	if s, err := Find(dir); err != nil || len(s.Pairs) != 1 || len(s.UnpairedMasks) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFindMasks(t *testing.T) {
	mask := pngBytes(t, drawMask(20, 16, 1))
	for name, c := range map[string]struct {
		files []string
		n     int
		want  string
	}{
		"itself":            {[]string{"1.png", "2.PNG"}, 2, ""},
		"GT alone":          {[]string{"GT/1.png", "GT/2.png"}, 2, ""},
		"beside others":     {[]string{"gt/1.png", "maps/1.png", "other/GT/3.png", "images/1.jpg", "preview.png"}, 1, ""},
		"one down":          {[]string{"ECSSD/Ground_Truth_Mask/1.png"}, 1, ""},
		"pascal":            {[]string{"datasets/masks/pascal/1.png", "datasets/masks/ft/2.png"}, 1, ""},
		"pascal, one down":  {[]string{"P/datasets/masks/pascal/1.png"}, 1, ""},
		"two":               {[]string{"GT/1.png", "masks/1.png"}, 0, "GT and masks"},
		"two sets one down": {[]string{"A/GT/1.png", "B/GT/1.png"}, 0, "A/GT and B/GT"},
		"none":              {[]string{"images2/1.png"}, 0, "no masks found"},
		"shared stem":       {[]string{"GT/1.png", "GT/1.jpg"}, 0, "1.jpg and 1.png"},
	} {
		dir := t.TempDir()
		for _, f := range c.files {
			write(t, filepath.Join(dir, f), mask)
		}
		got, err := FindMasks(dir)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
			continue
		}
		if err != nil || len(got) != c.n || got[0].Stem != "1" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
