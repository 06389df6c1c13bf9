package data

import (
	"image"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// plantAs writes pairs as photos and masks of given paths, with %s for the stem.
func plantAs(t *testing.T, dir, photos, masks string, stems ...string) {
	t.Helper()
	for k, s := range stems {
		photo, mask := drawPhoto(20+k, 16, k), drawMask(20+k, 16, k)
		content := func(path string, img image.Image) []byte {
			if strings.HasSuffix(path, ".jpg") {
				return jpegBytes(t, img)
			}
			return pngBytes(t, img)
		}
		for path, img := range map[string]image.Image{photos: photo, masks: mask} {
			full := filepath.Join(dir, strings.ReplaceAll(path, "%s", s))
			write(t, full, content(full, img))
		}
	}
}

// TestFindOtherNames finds pairs that are laid out or named as people have them.
func TestFindOtherNames(t *testing.T) {
	for name, c := range map[string]struct {
		photos, masks string
		say           string // in Set.Names
	}{
		"suffix":              {"images/%s.jpg", "masks/%s_mask.png", "masks named PHOTO_mask"},
		"prefix":              {"images/%s.jpg", "masks/mask_%s.png", "masks named mask_PHOTO"},
		"two endings":         {"images/%s.jpg", "masks/%s.jpg.png", "PHOTO.jpg"},
		"photos with a word":  {"images/%s_rgb.jpg", "masks/%s.png", "photos named MASK_rgb"},
		"letter case":         {"images/IMG%s.JPG", "masks/img%s.png", "any letter case"},
		"letter case, suffix": {"images/IMG%s.jpg", "masks/img%s_Mask.png", "PHOTO_mask"},
		"parts":               {"images/train/%s.jpg", "masks/train/%s.png", ""},
		"VOC":                 {"JPEGImages/%s.jpg", "SegmentationClass/%s.png", ""},
		"im, gt":              {"im/%s.jpg", "gt/%s.png", ""},
		"labels":              {"images/%s.jpg", "labels/%s.png", ""},
		"one folder":          {"Imgs/%s.jpg", "Imgs/%s.png", ""},
		"one folder, flat":    {"%s.jpg", "%s.png", ""},
		"one folder, words":   {"%s.png", "%s_mask.png", "PHOTO_mask"},
		"one folder, both":    {"all/../%s.jpg", "%s_gt.png", "PHOTO_gt"},
		"Unicode forms":       {"images/" + norm.NFC.String("fée") + "%s.jpg", "masks/" + norm.NFD.String("fée") + "%s.png", ""},
	} {
		dir := t.TempDir()
		plantAs(t, dir, c.photos, c.masks, "0001", "0002", "0003")
		s, err := Find(dir)
		if err != nil || len(s.Pairs) != 3 || len(s.UnpairedImages)+len(s.UnpairedMasks) > 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
			continue
		}
		if !strings.Contains(s.Names, c.say) || c.say == "" && s.Names != "" {
			t.Errorf("%s: names %q, must say %q", name, s.Names, c.say)
		}
		for _, p := range s.Pairs {
			if _, _, _, err := ReadPair(p); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		masks, err := FindMasks(dir)
		if err == nil && (len(masks) != 3 || masks[0].Path != s.Pairs[0].Mask) {
			t.Errorf("%s: masks %v", name, masks)
		}
	}
}

// TestFindInOrder: a set beside its own parts, or beside other masks, is itself.
func TestFindInOrder(t *testing.T) {
	dir := t.TempDir()
	plantAs(t, dir, "images/%s.jpg", "masks/%s.png", "1", "2", "3")
	plantAs(t, dir, "val/images/%s.jpg", "val/masks/%s.png", "1", "2")
	plantAs(t, dir, "images/%s.jpg", "edge_masks/%s.png", "1", "2", "3")
	s, err := Find(dir)
	if err != nil || len(s.Pairs) != 3 || s.MaskDir != filepath.Join(dir, "masks") {
		t.Errorf("%+v, %v", s, err)
	}
	if masks, err := FindMasks(dir); err != nil || len(masks) != 3 || masks[0].Path != s.Pairs[0].Mask {
		t.Errorf("%v, %v", masks, err)
	}
	// Folders that are given win over all that is found.
	for _, where := range []Folders{
		{Masks: "edge_masks"}, {Images: "images", Masks: "edge_masks"}, {Images: filepath.Join(dir, "images"), Masks: filepath.Join(dir, "edge_masks")},
	} {
		s, err := FindIn(dir, where)
		if err != nil || len(s.Pairs) != 3 || s.MaskDir != filepath.Join(dir, "edge_masks") {
			t.Errorf("%+v: %+v, %v", where, s, err)
		}
		if masks, err := FindMasksIn(dir, where); err != nil || len(masks) != 3 || masks[0].Path != s.Pairs[0].Mask {
			t.Errorf("%+v: %v, %v", where, masks, err)
		}
	}
	if _, err := FindIn(dir, Folders{Masks: "none"}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("%v", err)
	}
	// Two parts of one set: the error says how to name one, and that way works.
	dir = t.TempDir()
	plantAs(t, dir, "images/train/%s.jpg", "masks/train/%s.png", "1", "2", "3")
	plantAs(t, dir, "images/val/%s.jpg", "masks/val/%s.png", "1", "2")
	if _, err := Find(dir); err == nil || !strings.Contains(err.Error(), "--images images/train --masks masks/train") {
		t.Errorf("%v", err)
	}
	if s, err := FindIn(dir, Folders{Images: "images/train", Masks: "masks/train"}); err != nil || len(s.Pairs) != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestFindLeft tells what is beside the pictures.
func TestFindLeft(t *testing.T) {
	dir := t.TempDir()
	plantAs(t, dir, "images/%s.jpg", "masks/%s.png", "1", "2", "3")
	for _, f := range []string{"images/a.xcf", "images/b.xcf", "masks/c.JSON", "images/more/x.jpg", "images/Thumbs.db", "images/readme"} {
		write(t, filepath.Join(dir, f), []byte("x"))
	}
	s, err := Find(dir)
	if want := "4 files of other kinds skipped (2 .xcf, 1 without ending, 1 .json), 1 folders not entered (more)"; err != nil || s.Left.String() != want {
		t.Errorf("%q, %v", s.Left, err)
	}
}
