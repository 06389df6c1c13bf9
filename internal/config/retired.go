package config

import "github.com/goccy/go-yaml/ast"

// retired returns, for a key that is no longer read, the one value that it may
// still have: earlier versions wrote it into every checkpoint, and it asked for
// what is done today.
func retired(key string) (value string, ok bool) {
	switch key {
	case "dwd.decoupled":
		return "false", true
	}
	return "", false
}

// retire checks the value of a retired key.
func (w writer) retire(node ast.Node, key, allowed string) {
	if s := node.String(); s != allowed {
		w.report(w.where(node), key, "is %s; this is supported no longer, leave the key out", clip(s))
	}
}
