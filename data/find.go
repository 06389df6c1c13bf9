package data

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"csnet/internal/imagefile"
)

// Pair is a photo and its mask, matched by file stem.
type Pair struct {
	Stem  string // file name without its ending
	Image string // path of the photo
	Mask  string // path of the mask
	Read  Reading
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
// too). Photos and masks are pictures of any kind that is read, told by their
// endings (.jpg, .png, .webp ... in any letter case), matched by stem. Hidden files and __MACOSX are ignored.
//
// Errors: no layout, or more than one (both are named); no masks, no photos;
// not one pair; a stem that two files of one folder share. Unpaired files are no
// error, the set lists them.
func Find(dir string) (Set, error) {
	s, err := scan(dir)
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

// scan is Find for those who want the set with all that is wrong in it.
func scan(dir string) (Set, error) {
	s := Set{Dir: dir}
	l, err := choose(dir)
	if err != nil {
		return s, err
	}
	s.ImageDir, s.MaskDir = l.images, l.masks
	s.Base = commonParent(l.images, l.masks)
	images, dupImages, err := pictures(l.images)
	if err != nil {
		return s, err
	}
	masks, dupMasks, err := pictures(l.masks)
	if err != nil {
		return s, err
	}
	s.Duplicates = append(dupImages, dupMasks...)
	twice := make(map[string]bool)
	for _, d := range s.Duplicates {
		twice[d.Stem] = true
	}
	s.pair(images, masks, twice)
	return s, nil
}

// pair merges two lists sorted by stem.
func (s *Set) pair(images, masks []File, twice map[string]bool) {
	for len(images) > 0 || len(masks) > 0 {
		switch {
		case len(masks) == 0 || len(images) > 0 && images[0].Stem < masks[0].Stem:
			if !twice[images[0].Stem] {
				s.UnpairedImages = append(s.UnpairedImages, images[0].Path)
			}
			images = images[1:]
		case len(images) == 0 || masks[0].Stem < images[0].Stem:
			if !twice[masks[0].Stem] {
				s.UnpairedMasks = append(s.UnpairedMasks, masks[0].Path)
			}
			masks = masks[1:]
		default:
			if !twice[images[0].Stem] {
				s.Pairs = append(s.Pairs, Pair{Stem: images[0].Stem, Image: images[0].Path, Mask: masks[0].Path})
			}
			images, masks = images[1:], masks[1:]
		}
	}
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
		all[i] = File{strings.TrimSuffix(name, filepath.Ext(name)), filepath.Join(dir, name)}
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
func FindMasks(dir string) ([]File, error) {
	here, below, err := bases(dir)
	if err != nil {
		return nil, err
	}
	found, err := maskFolders(here)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
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
			return nil, fmt.Errorf("data: %s: no masks found, only %s; masks must lie in it or in a folder named %s", dir, l, maskNames)
		}
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("data: %s: %d mask folders found, must be one: %s; name the one meant",
			dir, len(found), strings.Join(relatives(dir, found), " and "))
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
		for _, m := range masks {
			if m.n > 0 {
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

// commonParent is the deepest folder that holds both.
func commonParent(a, b string) string {
	for a = filepath.Dir(a); ; a = filepath.Dir(a) {
		rel, err := filepath.Rel(a, b)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) || a == filepath.Dir(a) {
			return a
		}
	}
}
