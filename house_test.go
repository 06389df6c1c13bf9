package csnet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the tests below allow.
const (
	mostFiles         = 15      // source files in a package of the engine
	mostFileLines     = 400     // of a source file
	mostFunctionLines = 62      // of a function, comments and all
	mostParameters    = 8       // of a function, but for one in a hundred
	mostAssembly      = 400_000 // bytes of a file of assembly
)

// engine are the folders with the packages of the engine.
func engine() []string {
	return []string{"graph", "internal/kernel", "internal/op", "internal/vm", "layers", "model", "optim"}
}

// sources calls f for every file below dir with that extension; folders of data and of what
// runs leave behind are left out.
func sources(t *testing.T, dir, ext string, f func(file string)) {
	t.Helper()
	err := filepath.WalkDir(filepath.FromSlash(dir), func(file string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "runs" || name == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir() && filepath.Ext(name) == ext && !strings.HasSuffix(name, "_test.go"):
			f(filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// parsed reads a Go file, as far as mode says, and tells how many lines it has.
func parsed(t *testing.T, file string, mode parser.Mode) (*token.FileSet, *ast.File, int) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, text, mode|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return set, f, strings.Count(string(text), "\n")
}

// A package of the engine is small enough to be read as one. The program that generates
// kernels is none.
func TestEnginePackagesAreSmall(t *testing.T) {
	files := map[string]int{}
	for _, dir := range engine() {
		sources(t, dir, ".go", func(file string) {
			if !strings.Contains(file, "/_") {
				files[path.Dir(file)]++
			}
		})
	}
	if len(files) < 10 {
		t.Fatalf("%d packages found", len(files))
	}
	for dir, n := range files {
		if n > mostFiles {
			t.Errorf("%s has %d source files, at most %d", dir, n, mostFiles)
		}
	}
}

// Files and functions are short, and functions take few values. Files that programs write
// may be of any length, their functions may not, but for those that protoc writes.
func TestFilesAndFunctionsAreShort(t *testing.T) {
	functions, many := 0, 0
	sources(t, ".", ".go", func(file string) {
		set, f, lines := parsed(t, file, parser.ParseComments)
		if strings.HasSuffix(file, ".pb.go") {
			return
		}
		if lines > mostFileLines && !ast.IsGenerated(f) {
			t.Errorf("%s has %d lines, at most %d", file, lines, mostFileLines)
		}
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			functions++
			if d.Type.Params.NumFields() > mostParameters {
				many++
			}
			if n := set.Position(d.End()).Line - set.Position(d.Pos()).Line + 1; n > mostFunctionLines {
				t.Errorf("%s: %s has %d lines, at most %d", set.Position(d.Pos()), d.Name.Name, n, mostFunctionLines)
			}
		}
	})
	if functions < 1000 {
		t.Fatalf("%d functions found", functions)
	}
	if 100*many > functions {
		t.Errorf("%d of %d functions have more than %d parameters, at most one in a hundred", many, functions, mostParameters)
	}
}

// Assembly, though a program writes it, is small enough for editors and reviews.
func TestAssemblyFilesAreBounded(t *testing.T) {
	files := 0
	sources(t, ".", ".s", func(file string) {
		files++
		st, err := os.Stat(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		if st.Size() > mostAssembly {
			t.Errorf("%s has %d bytes, at most %d: the generator can write several files (_generate/families.go)", file, st.Size(), mostAssembly)
		}
	})
	if files == 0 {
		t.Fatal("no assembly found")
	}
}

// checkpoint and prune know a net by its description alone: nothing that they import, on any
// system and with any build tag, imports Gorgonia or a kernel.
func TestDescriptionsNeedNoEngine(t *testing.T) {
	for _, dir := range []string{"checkpoint", "prune"} {
		from := map[string]string{dir: ""} // package => who imports it
		todo := []string{dir}
		for len(todo) > 0 {
			at := todo[0]
			todo = todo[1:]
			for _, p := range imports(t, at) {
				if strings.HasPrefix(p, "gorgonia.org/") || p == "csnet/internal/kernel" || strings.HasPrefix(p, "csnet/internal/kernel/") {
					way := p
					for by := at; by != ""; by = from[by] {
						way = by + " > " + way
					}
					t.Errorf("%s: a description of a net needs no engine", way)
				}
				below, ours := strings.CutPrefix(p, "csnet/")
				if _, known := from[below]; ours && !known {
					from[below] = at
					todo = append(todo, below)
				}
			}
		}
		if len(from) < 2 {
			t.Errorf("%s: nothing that it imports was found", dir)
		}
	}
}

// imports lists what the files of a package import, whatever their build tags, each once.
func imports(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no Go files (%v)", dir, err)
	}
	var paths []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		_, f, _ := parsed(t, filepath.ToSlash(file), parser.ImportsOnly)
		for _, s := range f.Imports {
			p, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
