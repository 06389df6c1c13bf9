package config

import (
	"reflect"
	"slices"
	"strings"
)

// field is one key of a section.
type field struct {
	name  string
	index int
}

// fields lists the keys of a struct in its order, by its yaml tags.
func fields(t reflect.Type) []field {
	var fs []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fs = append(fs, field{name, i})
	}
	return fs
}

func names(t reflect.Type) []string {
	var ns []string
	for _, f := range fields(t) {
		ns = append(ns, f.name)
	}
	return ns
}

// lookup returns the field of struct v called name.
func lookup(v reflect.Value, name string) (reflect.Value, bool) {
	for _, f := range fields(v.Type()) {
		if f.name == name {
			return v.Field(f.index), true
		}
	}
	return reflect.Value{}, false
}

// leaf is one key that holds a value.
type leaf struct {
	key   string
	value reflect.Value
}

// leaves lists the keys below struct v with their values, in order.
func leaves(v reflect.Value, prefix string) []leaf {
	var ls []leaf
	for _, f := range fields(v.Type()) {
		fv := v.Field(f.index)
		if fv.Kind() == reflect.Struct {
			ls = append(ls, leaves(fv, prefix+f.name+".")...)
			continue
		}
		ls = append(ls, leaf{prefix + f.name, fv})
	}
	return ls
}

// suggest returns the key meant by an unknown name in a section: the nearest
// of the section's own, written with the prefix, or the full key of that very
// name in another section; empty when nothing is near.
func suggest(prefix, name string, own []string) string {
	near := nearest(name, own)
	if near != "" && distance(name, near) == 1 {
		return prefix + near
	}
	for _, l := range leaves(reflect.ValueOf(Config{}), "") {
		if strings.HasSuffix(l.key, "."+name) {
			return l.key
		}
	}
	if near == "" {
		return ""
	}
	return prefix + near
}

// nearest returns the option fewest edits away from s, empty when even that
// one has little in common with it.
func nearest(s string, options []string) string {
	s = strings.ToLower(s)
	if len(s) > 64 {
		return ""
	}
	best, at := "", max(2, len(s)/2)+1
	for _, o := range options {
		if d := distance(s, o); d < at {
			best, at = o, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that make b of a (optimal string alignment).
func distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, slices.Clone(last)
	}
	return last[len(b)]
}
