package csnet_test

import (
	"flag"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// publicPackages are the folders of all packages that others may import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch base := d.Name(); {
		case path == ".":
		case strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains([]string{"internal", "testdata", "cmd", "scripts", "examples", "findings", "docs", "configs", "node_modules"}, base):
			return filepath.SkipDir
		}
		if p, err := build.ImportDir(path, 0); err == nil && p.Name != "main" {
			dirs = append(dirs, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// listing is what a package exports, a declaration a paragraph, without comments and
// bodies, sorted.
func listing(t *testing.T, dir string) string {
	t.Helper()
	c := build.Default
	c.GOOS, c.GOARCH, c.CgoEnabled = "linux", "amd64", false
	p, err := c.ImportDir(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	blank := regexp.MustCompile(`\n\s*\n`) // where a comment was
	var out []string
	for _, name := range p.GoFiles {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				d.Body = nil
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
			}
			var b strings.Builder
			if err := (&printer.Config{Mode: printer.UseSpaces, Tabwidth: 4}).Fprint(&b, fset, d); err != nil {
				t.Fatal(err)
			}
			out = append(out, blank.ReplaceAllString(b.String(), "\n"))
		}
	}
	slices.Sort(out)
	return "package " + p.Name + "\n\n" + strings.Join(out, "\n\n") + "\n"
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/api anew")
	os.Exit(m.Run())
}

// What the packages export is listed in docs/api, so that a change of it is seen and
// meant. After one: go test . -run TestAPI -update, and a line in CHANGELOG.md.
func TestAPI(t *testing.T) {
	const folder = "docs/api"
	known := map[string]bool{}
	for _, dir := range publicPackages(t) {
		name := strings.ReplaceAll(filepath.ToSlash(dir), "/", "-")
		if dir == "." {
			name = "csnet"
		}
		path := filepath.Join(folder, name+".txt")
		known[path] = true
		got := listing(t, dir)
		if flag.Lookup("update").Value.String() == "true" {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; go test . -run TestAPI -update writes it", err)
			continue
		}
		for _, change := range []struct{ what, a, b string }{{"new", got, string(want)}, {"gone", string(want), got}} {
			has := strings.Split(strings.TrimSpace(change.b), "\n\n")
			for _, d := range strings.Split(strings.TrimSpace(change.a), "\n\n") {
				if !slices.Contains(has, d) {
					t.Errorf("%s: %s: %s\nif this is meant: go test . -run TestAPI -update, and a line in CHANGELOG.md", path, change.what, d)
				}
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f] {
			t.Errorf("%s lists a package that is not there", f)
		}
	}
}
