package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"csnet/configs"
)

// maxChain is how many files may extend one another.
const maxChain = 16

// file decodes the file at path over what is there, after the file it extends.
// chain holds the files that led here, the first one first.
func (d *decoder) file(path string, chain []string) error {
	text, err := read(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	root, err := parse(path, text)
	if err != nil {
		return err
	}
	if base, node := extends(root); node != nil {
		if err := d.base(path, base, node, append(chain, path)); err != nil {
			return err
		}
	}
	d.document(path, root)
	return nil
}

// base decodes the file that the last file of chain extends.
func (d *decoder) base(path, base string, node ast.Node, chain []string) error {
	p := d.place(path, node)
	stop := func(text string) error {
		return &Error{Problems: append(d.problems, Problem{Place: p, Key: "extends", Text: text})}
	}
	if base == "" {
		return stop(fmt.Sprintf("is %s, must be the path of a file", describe(node)))
	}
	base = extended(path, base)
	if slices.ContainsFunc(chain, func(c string) bool { return same(c, base) }) {
		return stop("the files extend one another in a circle: " + strings.Join(append(chain, base), " -> "))
	}
	if len(chain) >= maxChain {
		return stop(fmt.Sprintf("more than %d files extend one another", maxChain))
	}
	err := d.file(base, chain)
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return stop(fmt.Sprintf("%s: %v", clip(base), pathErr.Err))
	}
	return err
}

// read returns at most one byte more than a config may have.
func read(path string) ([]byte, error) {
	if name, ok := strings.CutPrefix(path, shippedMark); ok {
		return configs.Files.ReadFile(name)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// same reports whether two paths are one file.
func same(a, b string) bool {
	if a == b {
		return true
	}
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}

// extends finds the top-level key of that name: its text, empty when it is not
// text, and its node, nil when the key is absent.
func extends(root ast.Node) (string, ast.Node) {
	for _, kv := range pairs(root) {
		if keyText(kv) == "extends" {
			if s, ok := kv.Value.(*ast.StringNode); ok {
				return s.Value, kv.Value
			}
			return "", kv.Value
		}
	}
	return "", nil
}
