package data

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// mixed finds one folder that holds photos and masks alike: dir itself, or a photo
// folder in it that has no mask folder beside. Photos are told from masks by their
// kinds (0001.jpg with 0001.png), else by a word in the masks' names (0001.png with
// 0001_mask.png), where that pairs most of the files.
func mixed(dir string) (in string, images, masks []File, ok bool) {
	candidates := []string{dir}
	if found, err := named(dir, imageFolder); err == nil {
		for _, f := range found {
			candidates = append(candidates, f.path)
		}
	}
	for _, c := range candidates {
		l, err := list(c)
		if err != nil || len(l.files) < 2 {
			continue
		}
		sort.Strings(l.files)
		if images, masks = byKind(c, l.files); images == nil {
			images, masks = byWord(c, l.files)
		}
		if images != nil {
			return c, images, masks, true
		}
	}
	return "", nil, nil, false
}

// lossy says whether a file is of a kind that photos have and masks have not.
func lossy(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".jfif", ".heic", ".heif", ".hif", ".avif":
		return true
	}
	return false
}

// byKind parts files whose stems mostly stand twice: once lossy, once not.
func byKind(dir string, names []string) (images, masks []File) {
	kinds := make(map[string][2]int) // by stem: lossy, others
	for _, n := range names {
		k := kinds[stemOf(n)]
		if lossy(n) {
			k[0]++
		} else {
			k[1]++
		}
		kinds[stemOf(n)] = k
	}
	twins := 0
	for _, k := range kinds {
		if k == [2]int{1, 1} {
			twins++
		} else if k[0]+k[1] > 1 {
			return nil, nil
		}
	}
	if 2*twins < len(kinds) || twins == 0 {
		return nil, nil
	}
	for _, n := range names {
		f := File{stemOf(n), filepath.Join(dir, n)}
		if lossy(n) {
			images = append(images, f)
		} else {
			masks = append(masks, f)
		}
	}
	return images, masks
}

// maskWords are what mask names have before or behind the photo's.
func maskWords() []string { return []string{"mask", "gt", "label", "matte", "alpha", "seg", "truth"} }

// masked says whether a stem has a mask's word set off at its beginning or end.
func masked(stem string) bool {
	stem = strings.ToLower(stem)
	return slices.ContainsFunc(maskWords(), func(w string) bool {
		before, endsSo := strings.CutSuffix(stem, w)
		after, beginsSo := strings.CutPrefix(stem, w)
		return endsSo && strings.TrimRight(before, "_-. ") != before || beginsSo && strings.TrimLeft(after, "_-. ") != after
	})
}

// byWord parts files by a word in the masks' names.
func byWord(dir string, names []string) (images, masks []File) {
	for _, n := range names {
		f := File{stemOf(n), filepath.Join(dir, n)}
		if masked(f.Stem) {
			masks = append(masks, f)
		} else {
			images = append(images, f)
		}
	}
	if len(images) == 0 || len(masks) == 0 {
		return nil, nil
	}
	m, err := Match(dir, "photo", "mask", images, masks, nil)
	if err != nil || 2*len(m.Of) < len(masks) {
		return nil, nil
	}
	return images, masks
}

// Left is what stands beside the pictures of a set and is not read.
type Left struct {
	Kinds   map[string]int // files, by ending
	Folders []string       // not entered
}

// leftIn lists what is left in folders.
func leftIn(dirs ...string) (Left, error) {
	left := Left{Kinds: make(map[string]int)}
	for i, dir := range dirs {
		if slices.Contains(dirs[:i], dir) {
			continue
		}
		l, err := list(dir)
		if err != nil {
			return left, err
		}
		for kind, n := range l.kinds {
			left.Kinds[kind] += n
		}
		for _, d := range l.dirs {
			left.Folders = append(left.Folders, filepath.Join(dir, d))
		}
	}
	return left, nil
}

// String says what was left, "" when nothing.
func (l Left) String() string {
	type count struct {
		kind string
		n    int
	}
	var counts []count
	total := 0
	for kind, n := range l.Kinds {
		counts = append(counts, count{kind, n})
		total += n
	}
	sort.Slice(counts, func(i, j int) bool {
		return counts[i].n > counts[j].n || counts[i].n == counts[j].n && counts[i].kind < counts[j].kind
	})
	var parts []string
	for _, c := range counts {
		if c.kind == "" {
			c.kind = "without ending"
		}
		parts = append(parts, fmt.Sprintf("%d %s", c.n, c.kind))
	}
	if len(parts) > 5 {
		parts = append(parts[:5], "...")
	}
	out := ""
	if total > 0 {
		out = fmt.Sprintf("%d files of other kinds skipped (%s)", total, strings.Join(parts, ", "))
	}
	if n := len(l.Folders); n > 0 {
		if out != "" {
			out += ", "
		}
		out += fmt.Sprintf("%d folders not entered (%s", n, filepath.Base(l.Folders[0]))
		if n > 1 {
			out += ", ..."
		}
		out += ")"
	}
	return out
}
