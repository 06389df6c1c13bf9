package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// set applies one "key=value". The value is YAML, but a text is taken as it
// stands unless it is quoted: no colon or hash in a folder's name needs care.
func (d *decoder) set(setting string) {
	at := Place{Set: setting}
	if setting == "" {
		at.Set = `""`
	}
	key, text, ok := strings.Cut(setting, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		d.report(at, "", "must be key=value, e.g. net.width=2")
		return
	}
	v, wrong := find(reflect.ValueOf(&d.cfg).Elem(), key)
	if wrong != "" {
		d.report(at, key, "%s", wrong)
		return
	}
	w := writer{decoder: d, where: func(ast.Node) Place { return at }}
	if v.Kind() == reflect.String && !quoted(text) {
		v.SetString(text)
		d.at[key] = at
		return
	}
	node, err := parse("", []byte(text))
	var e *Error
	if errors.As(err, &e) {
		d.report(at, key, "%s", e.Problems[0].Text)
		return
	}
	if node == nil {
		d.report(at, key, "is empty, must have a value")
		return
	}
	w.value(node, v, key)
}

// find returns the field at a full key, or what is wrong with the key.
func find(root reflect.Value, key string) (reflect.Value, string) {
	v, prefix := root, ""
	for _, part := range strings.Split(key, ".") {
		if v.Kind() != reflect.Struct {
			return v, fmt.Sprintf("unknown key; %s is a value without keys of its own, set it as a whole", strings.TrimSuffix(prefix, "."))
		}
		if prefix == "" && key == "extends" {
			return v, "only a file can extend another"
		}
		next, ok := lookup(v, part)
		if !ok {
			return v, unknown(prefix, part, names(v.Type()))
		}
		v, prefix = next, prefix+part+"."
	}
	return v, ""
}

// quoted reports whether text stands between two quotes of a kind.
func quoted(text string) bool {
	n := len(text)
	return n > 1 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0]
}
