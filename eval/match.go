package eval

import (
	"fmt"
	"sort"
	"strings"

	"csnet/data"
)

// affix is what map names have around mask names: map stem = prefix + mask stem
// + suffix; reversed, mask stem = prefix + map stem + suffix.
type affix struct {
	prefix, suffix string
	reversed       bool
}

func (a affix) none() bool { return a.prefix == "" && a.suffix == "" }

func (a affix) String() string {
	if a.reversed {
		return fmt.Sprintf("masks named %sMAP%s", a.prefix, a.suffix)
	}
	return fmt.Sprintf("maps named %sMASK%s", a.prefix, a.suffix)
}

// matched tells which map belongs to which mask.
type matched struct {
	affix   affix
	maps    map[string]string // mask stem -> map path
	missing []string          // mask stems without a map, sorted
	surplus []string          // map paths without a mask, sorted
}

// match pairs maps with masks by stem. Where names differ by one prefix and
// suffix that is the same throughout (0001_sal, csnet_0001), that affix is
// found: the one under which most files pair, plain equality winning a tie.
// dir is named in errors. Errors: no map fits; two affixes fit equally many.
func match(dir string, masks, maps []data.File) (matched, error) {
	byMask, byMap := stems(masks), stems(maps)
	counts := make(map[affix]int)
	countAffixes(counts, byMask, maps, false)
	countAffixes(counts, byMap, masks, true)
	best, err := choose(dir, counts)
	if err != nil {
		return matched{}, err
	}
	if counts[best] == 0 {
		return matched{}, fmt.Errorf("eval: %s: no map fits a mask by name (maps like %s, masks like %s)", dir, maps[0].Stem, masks[0].Stem)
	}
	m := matched{affix: best, maps: make(map[string]string)}
	used := make(map[string]bool)
	for _, mask := range masks {
		want, ok := best.mapStem(mask.Stem)
		path, there := byMap[want]
		if !ok || !there {
			m.missing = append(m.missing, mask.Stem)
			continue
		}
		m.maps[mask.Stem] = path
		used[path] = true
	}
	for _, f := range maps {
		if !used[f.Path] {
			m.surplus = append(m.surplus, f.Path)
		}
	}
	return m, nil
}

// mapStem is the map's stem for a mask's.
func (a affix) mapStem(mask string) (string, bool) {
	if !a.reversed {
		return a.prefix + mask + a.suffix, true
	}
	s, ok := strings.CutPrefix(mask, a.prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, a.suffix)
}

func stems(files []data.File) map[string]string {
	m := make(map[string]string, len(files))
	for _, f := range files {
		m[f.Stem] = f.Path
	}
	return m
}

// countAffixes counts, for every way a short stem stands inside a long one, how
// many long stems show it.
func countAffixes(counts map[affix]int, short map[string]string, long []data.File, reversed bool) {
	lengths := make(map[int]bool)
	for s := range short {
		lengths[len(s)] = true
	}
	for _, f := range long {
		for n := range lengths {
			for i := 0; i+n <= len(f.Stem); i++ {
				if _, ok := short[f.Stem[i:i+n]]; !ok {
					continue
				}
				a := affix{f.Stem[:i], f.Stem[i+n:], reversed}
				if a.none() && reversed {
					continue // counted the other way round
				}
				counts[a]++
			}
		}
	}
}

func choose(dir string, counts map[affix]int) (affix, error) {
	var all []affix
	for a := range counts {
		all = append(all, a)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		if a.none() != b.none() {
			return a.none()
		}
		return a.String() < b.String()
	})
	if len(all) == 0 {
		return affix{}, nil
	}
	if len(all) > 1 && counts[all[0]] == counts[all[1]] && !all[0].none() {
		return affix{}, fmt.Errorf("eval: %s: names are ambiguous, %d files fit as %v and as many as %v; rename or part them",
			dir, counts[all[0]], all[0], all[1])
	}
	return all[0], nil
}
