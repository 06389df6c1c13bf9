package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"csnet/data"
)

// decoder fills a Config from YAML nodes and remembers who wrote what.
type decoder struct {
	cfg      Config
	at       map[string]Place // value of a key, and of a list's elements "key[i]"
	problems []Problem
}

func newDecoder() *decoder {
	return &decoder{cfg: Default(), at: map[string]Place{}}
}

func (d *decoder) report(p Place, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{Place: p, Key: key, Text: fmt.Sprintf(format, args...)})
}

// place is the position of node in the file called name.
func (d *decoder) place(name string, node ast.Node) Place {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return Place{File: name, Line: t.Position.Line, Col: t.Position.Column}
	}
	return Place{File: name}
}

// given reports whether the file called name or a setting wrote any key that
// begins with prefix.
func (d *decoder) given(name, prefix string) bool {
	for k, p := range d.at {
		if strings.HasPrefix(k, prefix) && (p.Set != "" || p.File == name) {
			return true
		}
	}
	return false
}

// document decodes a whole text over what is there.
func (d *decoder) document(name string, root ast.Node) {
	if root == nil {
		return
	}
	w := writer{decoder: d, where: func(n ast.Node) Place { return d.place(name, n) }}
	w.section(root, reflect.ValueOf(&d.cfg).Elem(), "")
}

// writer decodes nodes of one source.
type writer struct {
	*decoder
	where func(ast.Node) Place
}

// section decodes a mapping into struct v, whose keys begin with prefix.
func (w writer) section(node ast.Node, v reflect.Value, prefix string) {
	if node.Type() == ast.NullType {
		return
	}
	key := strings.TrimSuffix(prefix, ".")
	allowed := names(v.Type())
	if prefix == "" {
		allowed = append([]string{"extends"}, allowed...)
	}
	if !isMapping(node) {
		w.report(w.where(node), key, "is %s, must be a section with the keys %s", describe(node), strings.Join(allowed, ", "))
		return
	}
	seen := map[string]Place{}
	for _, kv := range pairs(node) {
		if len(w.problems) > most {
			return
		}
		name, at := keyText(kv), w.where(kv.Key)
		first, twice := seen[name]
		fv, known := lookup(v, name)
		old, was := retired(prefix + name)
		switch {
		case twice:
			w.report(at, prefix+name, "is given twice, first at %s", first)
		case prefix == "" && name == "extends":
		case !known && was:
			w.retire(kv.Value, prefix+name, old)
		case !known:
			w.report(at, prefix+name, "%s", unknown("", name, allowed))
		default:
			w.value(kv.Value, fv, prefix+name)
		}
		seen[name] = at
	}
}

// unknown says that a section has no key of this name, and which ones it has,
// each written with the prefix.
func unknown(prefix, name string, allowed []string) string {
	list := prefix + strings.Join(allowed, ", "+prefix)
	if near := suggest(prefix, name, allowed); near != "" {
		return fmt.Sprintf("unknown key; did you mean %q? allowed: %s", near, list)
	}
	return "unknown key; allowed: " + list
}

// value decodes node into v and notes its place.
func (w writer) value(node ast.Node, v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.Struct:
		w.section(node, v, key+".")
		return
	case reflect.Slice, reflect.Array:
		if _, ok := node.(*ast.SequenceNode); !ok && v.Type() == sizes() {
			if !w.size(node, v, key) {
				return
			}
		} else if !w.list(node, v, key) {
			return
		}
	default:
		if text := scalar(node, v); text != "" {
			w.report(w.where(node), key, "%s", text)
			return
		}
	}
	w.at[key] = w.where(node)
}

// sizes is the type of a list whose one element may be written without brackets.
func sizes() reflect.Type { return reflect.TypeFor[data.Sizes]() }

// size decodes a single size into list v. It ends the milestones between the
// sizes of what was read before, e.g. of the file that is extended.
func (w writer) size(node ast.Node, v reflect.Value, key string) bool {
	one := reflect.MakeSlice(v.Type(), 1, 1)
	if text := scalar(node, one.Index(0)); text != "" {
		w.report(w.where(node), key, "%s, or a list of them", text)
		return false
	}
	v.Set(one)
	w.cfg.Data.SizeMilestones = nil
	return true
}

// list decodes a sequence into v, which stays as it was when an element does
// not fit.
func (w writer) list(node ast.Node, v reflect.Value, key string) bool {
	seq, ok := node.(*ast.SequenceNode)
	wish := "must be a list such as [1, 2]"
	if v.Kind() == reflect.Array {
		wish = fmt.Sprintf("must be a list of %d", v.Len())
	}
	if !ok || v.Kind() == reflect.Array && len(seq.Values) != v.Len() {
		w.report(w.where(node), key, "is %s, %s", describe(node), wish)
		return false
	}
	list := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice && len(seq.Values) > 0 {
		list = reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	}
	for k := range w.at {
		if strings.HasPrefix(k, key+"[") {
			delete(w.at, k)
		}
	}
	for i, e := range seq.Values {
		elem := fmt.Sprintf("%s[%d]", key, i)
		if text := scalar(e, list.Index(i)); text != "" {
			w.report(w.where(e), elem, "%s", text)
			ok = false
			continue
		}
		w.at[elem] = w.where(e)
	}
	if ok {
		v.Set(list)
	}
	return ok
}
