package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"

	"csnet/internal/imagefile"
)

// Pair is a photo and its mask, matched by file stem.
type Pair struct {
	Stem  string // file name without its ending
	Image string // path of the photo
	Mask  string // path of the mask
	Read  Reading
	Sum   Sum    // of the photo's pixels, where they were looked at; else zero
	Side  int    // longer side of the photo, likewise
	Files [2]Sum // of the bytes of photo and mask, where they were read with a Known; else zero
}

// File is a picture and its stem.
type File struct {
	Stem string
	Path string
}

// Duplicate is a stem that several files of one folder share (0001.jpg and
// 0001.png).
type Duplicate struct {
	Stem  string
	Files []string // paths, sorted
}

// Set is a data set on disk.
type Set struct {
	Dir            string // as given
	Base           string // the folder in which photo and mask folder stand
	ImageDir       string
	MaskDir        string
	Pairs          []Pair // sorted by stem
	UnpairedImages []string
	UnpairedMasks  []string
	Duplicates     []Duplicate // their stems are in no pair
	Names          string      // how names of photos and masks belong together, "" where they are equal
	Left           Left        // what stands beside the pictures and was not read
}

// Folders says where photos and masks are, where that is not found by itself.
type Folders struct {
	Images string // folder of the photos, in the set's folder or a path of its own; "" is found by name
	Masks  string // folder of the masks
	Names  string // names of masks with * for the photo's, "*_mask"; "" is found out
}

// Find finds the data set in dir, in any of these layouts, with folder names in
// any letter case, in dir itself or one folder down:
//
//	NAME-Image        NAME-Mask             DUTS-TR, DUTS-TE
//	images            ground_truth_mask     ECSSD
//	DUT-OMRON-image   pixelwiseGT-new-PNG   DUT-OMRON
//	imgs              gt                    HKU-IS
//	datasets/imgs/pascal  datasets/masks/pascal   PASCAL-S
//	images            GT                    SOD, and the authors' own sets
//
// and any other mix of these photo and mask folders (image, img, mask, masks
// too, JPEGImages with SegmentationClass), and folders of equal names in them
// (images/train with masks/train); where there are no such folders, one folder that
// holds photos and masks alike. Photos and masks are pictures of any kind that is
// read, told by their endings (.jpg, .png, .webp ... in any letter case), and
// matched by stem, in any Unicode form; where hardly one is equal, in any letter
// case, or with a prefix or suffix that is the same throughout (0001_mask). Hidden
// files and __MACOSX are ignored.
//
// Errors: no layout, or more than one (both are named); no masks, no photos;
// not one pair; a stem that two files of one folder share. Unpaired files are no
// error, the set lists them.
func Find(dir string) (Set, error) { return FindIn(dir, Folders{}) }

// FindIn is Find with folders that are given.
func FindIn(dir string, where Folders) (Set, error) {
	s, err := scan(dir, where)
	if err != nil {
		return s, err
	}
	if len(s.Duplicates) > 0 {
		d := s.Duplicates[0]
		return s, fmt.Errorf("data: %s: stem %q is shared by %s; a stem may stand once in a folder (%d such stems)",
			dir, d.Stem, strings.Join(relatives(dir, d.Files), " and "), len(s.Duplicates))
	}
	if len(s.Pairs) == 0 {
		return s, fmt.Errorf("data: %s: no photo in %s has a mask of the same stem in %s (%s, %s)", dir,
			relative(dir, s.ImageDir), relative(dir, s.MaskDir), filepath.Base(s.UnpairedImages[0]), filepath.Base(s.UnpairedMasks[0]))
	}
	return s, nil
}

// scan is FindIn for those who want the set with all that is wrong in it.
func scan(dir string, where Folders) (Set, error) {
	s := Set{Dir: dir}
	var given *Affix
	if where.Names != "" {
		a, err := ParseAffix(where.Names)
		if err != nil {
			return s, err
		}
		given = &a
	}
	images, masks, err := s.files(where)
	if err != nil {
		return s, err
	}
	s.Base = commonParent(s.ImageDir, s.MaskDir)
	twice := make(map[string]bool)
	for _, d := range s.Duplicates {
		twice[d.Stem] = true
	}
	return s, s.pair(images, masks, twice, given)
}

// files lists the photos and the masks, and what stands beside them.
func (s *Set) files(where Folders) (images, masks []File, err error) {
	l, err := located(s.Dir, where)
	if err != nil {
		if dir, a, b, ok := mixed(s.Dir); ok && where.Images == "" && where.Masks == "" {
			s.ImageDir, s.MaskDir = dir, dir
			s.Left, err = leftIn(dir)
			return a, b, err
		}
		return nil, nil, err
	}
	s.ImageDir, s.MaskDir = l.images, l.masks
	images, dupImages, err := pictures(l.images)
	if err != nil {
		return nil, nil, err
	}
	masks, dupMasks, err := pictures(l.masks)
	if err != nil {
		return nil, nil, err
	}
	s.Duplicates = append(dupImages, dupMasks...)
	s.Left, err = leftIn(l.images, l.masks)
	return images, masks, err
}

// located gives the folders of photos and masks, given ones first.
func located(dir string, where Folders) (layout, error) {
	if where.Images == "" && where.Masks == "" {
		return chooseLayout(dir)
	}
	l := layout{base: dir}
	for _, f := range []struct {
		to    *string
		given string
		fits  func(string) (string, bool)
		names string
	}{{&l.images, where.Images, imageFolder, imageNames}, {&l.masks, where.Masks, maskFolder, maskNames}} {
		if f.given != "" {
			*f.to = f.given
			if in := filepath.Join(dir, f.given); !filepath.IsAbs(f.given) && isDir(in) {
				*f.to = in
			}
			if !isDir(*f.to) {
				return l, fmt.Errorf("data: %s: is no folder, neither in %s nor by itself", f.given, dir)
			}
			continue
		}
		found, err := named(dir, f.fits)
		if err != nil {
			return l, err
		}
		if len(found) != 1 {
			return l, fmt.Errorf("data: %s: %d folders in it are named %s, one is wanted; give it by --images or --masks", dir, len(found), f.names)
		}
		*f.to = found[0].path
	}
	return l, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// pair matches photos and masks by their names. Where nothing fits all are
// unpaired.
func (s *Set) pair(images, masks []File, twice map[string]bool, given *Affix) error {
	images = slices.DeleteFunc(images, func(f File) bool { return twice[f.Stem] })
	masks = slices.DeleteFunc(masks, func(f File) bool { return twice[f.Stem] })
	m := Matched{Missing: images, Surplus: masks}
	if len(images) > 0 && len(masks) > 0 {
		found, err := Match(s.Dir, "photo", "mask", images, masks, given)
		switch none := (*noMatch)(nil); {
		case err == nil:
			m = found
		case given != nil || !errors.As(err, &none):
			return err
		}
	}
	for _, f := range images {
		if mask, ok := m.Of[f.Path]; ok {
			s.Pairs = append(s.Pairs, Pair{Stem: f.Stem, Image: f.Path, Mask: mask})
		}
	}
	for _, f := range m.Missing {
		s.UnpairedImages = append(s.UnpairedImages, f.Path)
	}
	for _, f := range m.Surplus {
		s.UnpairedMasks = append(s.UnpairedMasks, f.Path)
	}
	if !m.Affix.None() {
		s.Names = m.Affix.Tell("photo", "mask")
	}
	if m.Folded {
		s.Names = strings.TrimPrefix(s.Names+", in any letter case", ", ")
	}
	return nil
}

// pictures lists the pictures of one folder by stem; of a stem that stands twice
// the first file is kept.
func pictures(dir string) ([]File, []Duplicate, error) {
	l, err := list(dir)
	if err != nil {
		return nil, nil, err
	}
	all := make([]File, len(l.files))
	for i, name := range l.files {
		all[i] = File{stemOf(name), filepath.Join(dir, name)}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Stem != all[j].Stem {
			return all[i].Stem < all[j].Stem
		}
		return all[i].Path < all[j].Path
	})
	var dups []Duplicate
	files := all[:0:0]
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].Stem == all[i].Stem {
			j++
		}
		files = append(files, all[i])
		if j > i+1 {
			d := Duplicate{Stem: all[i].Stem}
			for _, f := range all[i:j] {
				d.Files = append(d.Files, f.Path)
			}
			dups = append(dups, d)
		}
		i = j
	}
	return files, dups, nil
}

// stemOf is a file's name without its ending, in Unicode's composed form: what is
// written alike is alike.
func stemOf(name string) string { return norm.NFC.String(strings.TrimSuffix(name, filepath.Ext(name))) }

// List lists the pictures of one folder (not of those in it) by stem. Errors: no
// picture there; a stem that two files share.
func List(dir string) ([]File, error) {
	files, dups, err := pictures(dir)
	if err != nil {
		return nil, err
	}
	if len(dups) > 0 {
		return files, fmt.Errorf("data: %s: stem %q is shared by %s; a stem may stand once in a folder (%d such stems)",
			dir, dups[0].Stem, strings.Join(relatives(dir, dups[0].Files), " and "), len(dups))
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("data: %s: holds no picture (%s)", dir, imagefile.Kinds())
	}
	return files, nil
}

// FindMasks finds the masks of dir for scoring maps, where no photos are needed:
// in the one mask folder (named as in Find) of dir, else of a folder in it, else
// in dir itself. Other folders are ignored. The masks are sorted by stem.
// Errors: several mask folders (they are named); no mask; a stem used twice.
func FindMasks(dir string) ([]File, error) { return FindMasksIn(dir, Folders{}) }

// FindMasksIn is FindMasks with a mask folder that is given.
func FindMasksIn(dir string, where Folders) ([]File, error) {
	if where.Masks != "" {
		l, err := located(dir, Folders{Images: where.Masks, Masks: where.Masks})
		if err != nil {
			return nil, err
		}
		return List(l.masks)
	}
	here, below, err := bases(dir)
	if err != nil {
		return nil, err
	}
	found, err := maskFolders(here)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if _, _, masks, ok := mixed(dir); ok {
			return masks, nil
		}
		l, err := list(dir)
		if err != nil {
			return nil, err
		}
		if len(l.files) > 0 {
			return List(dir)
		}
		if found, err = maskFolders(below); err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("data: %s: no masks found, only %s; wanted are masks in it, in a folder named %s, or in one given by --masks", dir, l, maskNames)
		}
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("data: %s: %d mask folders found, one is wanted: %s; name the one meant: --masks %s",
			dir, len(found), strings.Join(relatives(dir, found), " and "), relative(dir, found[0]))
	}
	return List(found[0])
}

// maskFolders lists the mask folders, with masks in them, of several bases.
func maskFolders(bases []string) ([]string, error) {
	var out []string
	for _, base := range bases {
		masks, err := named(base, maskFolder)
		if err != nil {
			return nil, err
		}
		plain := slices.ContainsFunc(masks, func(m folder) bool { return m.set == "" && m.n > 0 })
		for _, m := range masks {
			if m.n > 0 && (m.set == "" || !plain) { // masks beats edge_masks
				out = append(out, m.path)
			}
		}
	}
	return out, nil
}

func relatives(dir string, paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = relative(dir, p)
	}
	return out
}

// Above is the deepest folder that holds two folders, or is one of them.
func Above(a, b string) string { return commonParent(filepath.Join(a, "x"), filepath.Join(b, "x")) }

// commonParent is the deepest folder that holds both.
func commonParent(a, b string) string {
	for a = filepath.Dir(a); ; a = filepath.Dir(a) {
		rel, err := filepath.Rel(a, b)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) || a == filepath.Dir(a) {
			return a
		}
	}
}
