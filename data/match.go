package data

import (
	"fmt"
	"sort"
	"strings"
)

// Affix is what the names of one list have around those of another: long stem =
// Prefix + short stem + Suffix. The first list is the short one unless Reversed.
type Affix struct {
	Prefix, Suffix string
	Reversed       bool
}

// None says whether names are equal.
func (a Affix) None() bool { return a.Prefix == "" && a.Suffix == "" }

// worded says whether an affix holds more than digits: 1 and 11 are two numbers.
func (a Affix) worded() bool { return strings.Trim(a.Prefix+a.Suffix, "0123456789") != "" }

// ParseAffix reads "PREFIX*SUFFIX": names of the second list with * for the first's.
func ParseAffix(s string) (Affix, error) {
	prefix, suffix, ok := strings.Cut(s, "*")
	if !ok || strings.Contains(suffix, "*") {
		return Affix{}, fmt.Errorf("data: names %q, must hold one * for the other's name", s)
	}
	return Affix{Prefix: prefix, Suffix: suffix}, nil
}

// Tell says how two kinds of names belong together: "masks named PHOTO_mask".
func (a Affix) Tell(first, second string) string {
	if a.Reversed {
		first, second = second, first
	}
	return fmt.Sprintf("%ss named %s%s%s", second, a.Prefix, strings.ToUpper(first), a.Suffix)
}

// Matched tells which file of a second list belongs to which of a first.
type Matched struct {
	Affix   Affix
	Folded  bool              // names differ in letter case
	Of      map[string]string // path of the first => path of the second
	Missing []File            // of the first list, without one of the second
	Surplus []File            // of the second list, without one of the first
}

// Match finds the files of a second list that belong to those of a first by their
// names. Equal names win wherever most of either list has one, the rest being paired
// whatever its letter case (IMG_1.JPG, img_1.png); else, where hardly a name is equal,
// letter case is let go for all, and at last one prefix and suffix is looked
// for that is the same throughout (0001_sal, csnet_0001): the one under which most
// names pair. given states that affix instead. where, first and second are for
// errors: a folder and what the lists hold. Errors: nothing fits; several ways fit.
func Match(where, first, second string, a, b []File, given *Affix) (Matched, error) {
	if given != nil {
		m := paired(a, b, *given, false)
		if len(m.Of) == 0 {
			return m, fmt.Errorf("data: %s: no %s has a name as %s (%ss like %s, %ss like %s)", where, second, given.Tell(first, second), second, b[0].Stem, first, a[0].Stem)
		}
		return m, nil
	}
	ways := []bool{false}
	if len(stems(a, true)) == len(a) && len(stems(b, true)) == len(b) {
		ways = append(ways, true)
	}
	for _, folded := range ways {
		m := paired(a, b, Affix{}, folded)
		if 2*len(m.Of) < min(len(a), len(b)) || len(m.Of) == 0 {
			continue
		}
		if !folded && len(ways) > 1 && len(m.Missing) > 0 {
			if all := paired(a, b, Affix{}, true); len(all.Of) > len(m.Of) {
				m = all
			}
		}
		return m, nil
	}
	for _, folded := range ways {
		equal := len(paired(a, b, Affix{}, folded).Of)
		byA, byB := stems(a, folded), stems(b, folded)
		counts := make(map[Affix]int)
		countAffixes(counts, byA, b, false, folded)
		countAffixes(counts, byB, a, true, folded)
		best, err := choose(where, first, second, counts)
		switch {
		case err != nil:
			return Matched{}, err
		case counts[best] == 0:
			continue
		case equal > 0 && !best.None():
			return Matched{}, fmt.Errorf("data: %s: names are ambiguous: %d %ss are named like their %ss, %d are %s; say which by --%s-names '*' or '%s*%s'",
				where, equal, second, first, counts[best], best.Tell(first, second), second, best.Prefix, best.Suffix)
		}
		return paired(a, b, best, folded), nil
	}
	return Matched{}, &noMatch{fmt.Sprintf("data: %s: no %s fits a %s by name (%ss like %s, %ss like %s)", where, second, first, second, b[0].Stem, first, a[0].Stem)}
}

// noMatch is the error of two lists of which nothing belongs together.
type noMatch struct{ text string }

func (n *noMatch) Error() string { return n.text }

// paired pairs two lists by an affix.
func paired(a, b []File, affix Affix, folded bool) Matched {
	m := Matched{Affix: affix, Folded: folded, Of: make(map[string]string)}
	byB := stems(b, folded)
	used := make(map[string]bool)
	if folded {
		affix.Prefix, affix.Suffix = strings.ToLower(affix.Prefix), strings.ToLower(affix.Suffix)
	}
	for _, f := range a {
		want, ok := affix.other(key(f.Stem, folded))
		path, there := byB[want]
		if !ok || !there {
			m.Missing = append(m.Missing, f)
			continue
		}
		m.Of[f.Path] = path
		used[path] = true
	}
	for _, f := range b {
		if !used[f.Path] {
			m.Surplus = append(m.Surplus, f)
		}
	}
	return m
}

// other is the second list's stem for one of the first.
func (a Affix) other(stem string) (string, bool) {
	if !a.Reversed {
		return a.Prefix + stem + a.Suffix, true
	}
	s, ok := strings.CutPrefix(stem, a.Prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, a.Suffix)
}

// key is a stem as it is compared.
func key(stem string, folded bool) string {
	if folded {
		return strings.ToLower(stem)
	}
	return stem
}

func stems(files []File, folded bool) map[string]string {
	m := make(map[string]string, len(files))
	for _, f := range files {
		m[key(f.Stem, folded)] = f.Path
	}
	return m
}

// countAffixes counts, for every way a short stem stands inside a long one, how
// many long stems show it.
func countAffixes(counts map[Affix]int, short map[string]string, long []File, reversed, folded bool) {
	lengths := make(map[int]bool)
	for s := range short {
		lengths[len(s)] = true
	}
	for _, f := range long {
		stem := key(f.Stem, folded)
		for n := range lengths {
			for i := 0; i+n <= len(stem); i++ {
				if _, ok := short[stem[i:i+n]]; !ok {
					continue
				}
				a := Affix{stem[:i], stem[i+n:], reversed}
				if a.None() && reversed || !a.None() && !a.worded() {
					continue // counted the other way round; or 1 and 11, of which none belongs to the other
				}
				counts[a]++
			}
		}
	}
}

// choose takes the affix that most names have, equality first.
func choose(where, first, second string, counts map[Affix]int) (Affix, error) {
	var all []Affix
	for a := range counts {
		all = append(all, a)
	}
	tell := func(a Affix) string { return a.Tell(first, second) }
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		if a.None() != b.None() {
			return a.None()
		}
		return tell(a) < tell(b)
	})
	if len(all) == 0 {
		return Affix{}, nil
	}
	if len(all) > 1 && counts[all[0]] == counts[all[1]] && !all[0].None() {
		return Affix{}, fmt.Errorf("data: %s: names are ambiguous, %d files fit as %s and as many as %s; rename or part them, or say which by --%s-names '%s*%s'",
			where, counts[all[0]], tell(all[0]), tell(all[1]), second, all[0].Prefix, all[0].Suffix)
	}
	return all[0], nil
}
