package data

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"csnet/internal/imagefile"
)

// A layout is one photo folder and the mask folder that belongs to it.
type layout struct {
	base, images, masks string
	nImages, nMasks     int
}

// A listing is what a directory holds, junk left out.
type listing struct {
	dirs  []string       // names
	files []string       // names of pictures, by their endings
	other int            // files of other kinds
	kinds map[string]int // of them, by ending
}

// junk tells the remains of archives and file managers from data: __MACOSX,
// .DS_Store, ._0001.jpg and everything else hidden, Thumbs.db, desktop.ini.
func junk(name string) bool {
	return strings.HasPrefix(name, ".") || slices.ContainsFunc([]string{"__MACOSX", "Thumbs.db", "desktop.ini"}, func(j string) bool {
		return strings.EqualFold(name, j)
	})
}

// isPicture says whether a file name ends as a picture does that is read.
func isPicture(name string) bool { return imagefile.HasName(name) }

// list reads one directory; links are followed.
func list(dir string) (listing, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return listing{}, fmt.Errorf("data: %w", err)
	}
	l := listing{kinds: make(map[string]int)}
	for _, e := range entries {
		if junk(e.Name()) {
			continue
		}
		mode := e.Type()
		if mode&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(dir, e.Name()))
			if err != nil {
				l.other++ // a link into the void
				continue
			}
			mode = info.Mode().Type()
		}
		switch {
		case mode.IsDir():
			l.dirs = append(l.dirs, e.Name())
		case mode.IsRegular() && isPicture(e.Name()):
			l.files = append(l.files, e.Name())
		default:
			l.other++
			l.kinds[strings.ToLower(filepath.Ext(e.Name()))]++
		}
	}
	return l, nil
}

const (
	imageNames = "images, image, imgs, img, im, JPEGImages or NAME-Image"
	maskNames  = "GT, mask, masks, labels, SegmentationClass, ground_truth_mask, NAME-Mask or pixelwiseGT-new-PNG"
)

// imageFolder says whether photos live in a folder of that name, and which set
// name stands before it: "DUTS-TR-Image" gives "duts-tr".
func imageFolder(name string) (set string, ok bool) {
	return folderKind(name, []string{"image", "images", "img", "imgs", "im", "jpegimages"})
}

// maskFolder is imageFolder for masks.
func maskFolder(name string) (set string, ok bool) {
	switch strings.ToLower(name) {
	case "gt", "ground_truth_mask", "ground_truth", "pixelwisegt-new-png":
		return "", true
	}
	return folderKind(name, []string{"mask", "masks", "label", "labels", "segmentationclass"})
}

func folderKind(name string, kinds []string) (set string, ok bool) {
	name = strings.ToLower(name)
	if slices.Contains(kinds, name) {
		return "", true
	}
	if i := strings.LastIndexAny(name, "-_"); i > 0 && slices.Contains(kinds, name[i+1:]) {
		return name[:i], true
	}
	return "", false
}

// leaf steps into the folder "pascal" of a folder that holds no pictures of its
// own (PASCAL-S keeps its photos in datasets/imgs/pascal) and counts pictures.
func leaf(dir string) (string, int, error) {
	l, err := list(dir)
	if err != nil {
		return dir, 0, err
	}
	if len(l.files) == 0 {
		for _, d := range l.dirs {
			if strings.EqualFold(d, "pascal") {
				sub := filepath.Join(dir, d)
				l, err = list(sub)
				return sub, len(l.files), err
			}
		}
	}
	return dir, len(l.files), nil
}

// A folder is a directory that by its name holds photos or masks.
type folder struct {
	path, set string
	n         int // pictures in it
}

// named gives the sub-folders of base whose names fit.
func named(base string, fits func(string) (string, bool)) ([]folder, error) {
	l, err := list(base)
	if err != nil {
		return nil, err
	}
	var out []folder
	for _, d := range l.dirs {
		if set, ok := fits(d); ok {
			path, n, err := leaf(filepath.Join(base, d))
			if err != nil {
				return nil, err
			}
			out = append(out, folder{path, set, n})
		}
	}
	return out, nil
}

// bases gives the places where a layout may stand: dir itself, its "datasets"
// folder, then each folder in dir and the "datasets" folder of that.
func bases(dir string) (here, below []string, err error) {
	l, err := list(dir)
	if err != nil {
		return nil, nil, err
	}
	here = []string{dir}
	for _, d := range l.dirs {
		sub := filepath.Join(dir, d)
		if strings.EqualFold(d, "datasets") {
			here = append(here, sub)
			continue
		}
		below = append(below, sub)
		inner, err := list(sub)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range inner.dirs {
			if strings.EqualFold(e, "datasets") {
				below = append(below, filepath.Join(sub, e))
			}
		}
	}
	return here, below, nil
}

// layouts lists the photo folders with fitting mask folders in dir, or, where it
// has none with pictures, one level down. Two folders fit when they carry the same
// set name or one of them carries none; of several that fit one photo folder those
// of its own set name count alone ("masks" beside "edge_masks").
func layouts(dir string) ([]layout, error) {
	here, below, err := bases(dir)
	if err != nil {
		return nil, err
	}
	all, err := layoutsIn(here)
	if err != nil || slices.ContainsFunc(all, layout.full) {
		return all, err
	}
	more, err := layoutsIn(below)
	return append(all, more...), err
}

// full says whether both folders hold pictures.
func (l layout) full() bool { return l.nImages > 0 && l.nMasks > 0 }

func layoutsIn(bases []string) ([]layout, error) {
	var out []layout
	for _, base := range bases {
		images, err := named(base, imageFolder)
		if err != nil {
			return nil, err
		}
		masks, err := named(base, maskFolder)
		if err != nil {
			return nil, err
		}
		for _, i := range images {
			own := slices.ContainsFunc(masks, func(m folder) bool { return m.set == i.set && m.n > 0 })
			for _, m := range masks {
				if i.set != m.set && (own || i.set != "" && m.set != "") {
					continue
				}
				l := layout{base, i.path, m.path, i.n, m.n}
				if i.n > 0 || m.n > 0 {
					out = append(out, l)
					continue
				}
				parts, err := l.parts()
				if err != nil {
					return nil, err
				}
				if len(parts) == 0 {
					parts = []layout{l}
				}
				out = append(out, parts...)
			}
		}
	}
	return out, nil
}

// parts gives the folders of equal names in a photo and a mask folder that hold no
// pictures themselves: images/train with masks/train.
func (l layout) parts() ([]layout, error) {
	inside, err := list(l.images)
	if err != nil {
		return nil, err
	}
	other, err := list(l.masks)
	if err != nil {
		return nil, err
	}
	var out []layout
	for _, a := range inside.dirs {
		for _, b := range other.dirs {
			if !strings.EqualFold(a, b) {
				continue
			}
			p := layout{base: l.base, images: filepath.Join(l.images, a), masks: filepath.Join(l.masks, b)}
			photos, err := list(p.images)
			if err != nil {
				return nil, err
			}
			masks, err := list(p.masks)
			if err != nil {
				return nil, err
			}
			if p.nImages, p.nMasks = len(photos.files), len(masks.files); p.full() {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// chooseLayout takes the one layout that holds photos and masks.
func chooseLayout(dir string) (layout, error) {
	all, err := layouts(dir)
	if err != nil {
		return layout{}, err
	}
	full := slices.DeleteFunc(slices.Clone(all), func(l layout) bool { return !l.full() })
	switch {
	case len(full) == 1:
		return full[0], nil
	case len(full) > 1:
		var names []string
		for _, l := range full {
			names = append(names, fmt.Sprintf("%s with %s", relative(dir, l.images), relative(dir, l.masks)))
		}
		return layout{}, fmt.Errorf("data: %s: %d layouts found, one is wanted: %s; name the one meant: --images %s --masks %s",
			dir, len(full), strings.Join(names, "; "), relative(dir, full[0].images), relative(dir, full[0].masks))
	case len(all) > 0:
		l := all[0]
		return layout{}, fmt.Errorf("data: %s: %s holds %d photos and %s holds %d masks (%s), both must hold some",
			dir, relative(dir, l.images), l.nImages, relative(dir, l.masks), l.nMasks, imagefile.Kinds())
	}
	return layout{}, noLayout(dir)
}

// noLayout says what was found where no layout was, and what was looked for.
func noLayout(dir string) error {
	here, below, err := bases(dir)
	if err != nil {
		return err
	}
	for _, base := range append(here, below...) {
		images, _ := named(base, imageFolder)
		masks, _ := named(base, maskFolder)
		if len(images) > 0 && len(masks) == 0 {
			return fmt.Errorf("data: %s: found the photo folder %s (%d pictures) but no mask folder beside it; it must be named %s, or be given by --masks",
				dir, relative(dir, images[0].path), images[0].n, maskNames)
		}
		if len(masks) > 0 && len(images) == 0 {
			return fmt.Errorf("data: %s: found the mask folder %s (%d pictures) but no photo folder beside it; it must be named %s, or be given by --images",
				dir, relative(dir, masks[0].path), masks[0].n, imageNames)
		}
		if len(masks) > 0 && len(images) > 0 {
			return fmt.Errorf("data: %s: the photo folder %s and the mask folder %s name different sets",
				dir, relative(dir, images[0].path), relative(dir, masks[0].path))
		}
	}
	l, err := list(dir)
	if err != nil {
		return err
	}
	return fmt.Errorf("data: %s: no data set found, only %s; a photo folder (%s) and a mask folder (%s) must lie in it or one level down, or folders given by --images and --masks",
		dir, l, imageNames, maskNames)
}

// String tells a person what a directory holds.
func (l listing) String() string {
	dirs := slices.Clone(l.dirs)
	sort.Strings(dirs)
	if len(dirs) > 8 {
		dirs = append(dirs[:8], "...")
	}
	s := fmt.Sprintf("%d folders", len(l.dirs))
	if len(dirs) > 0 {
		s += " (" + strings.Join(dirs, ", ") + ")"
	}
	return s + fmt.Sprintf(", %d pictures and %d other files", len(l.files), l.other)
}

// relative gives path as seen from dir, with slashes.
func relative(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		rel = path
	}
	return filepath.ToSlash(rel)
}
