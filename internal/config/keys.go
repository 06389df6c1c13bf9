package config

import (
	"reflect"
	"strings"

	"csnet/internal/nearest"
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
	near := nearest.Of(name, own)
	if near != "" && nearest.Distance(name, near) == 1 {
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
