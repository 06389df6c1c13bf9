package config

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// docs/config.md is made from the structs: keys and defaults by reflection,
// what is allowed from the rules, the meaning from the fields' comments.
func TestReference(t *testing.T) {
	const path = "../../docs/config.md"
	want := reference(t)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date; run: go generate ./internal/config", path)
	}
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/config.md anew")
	os.Exit(m.Run())
}

const preface = `# Keys of a config

Made by ` + "`go generate ./internal/config`" + ` from the Config structs; do not edit.

A config is one YAML document; every key is optional. ` + "`extends: path`" + ` at the top
takes another file first, the path being relative to the file itself. ` + "`--set key=value`" + `
comes after the files; the value is YAML (` + "`--set net.split=[1,3]`" + `). An unknown key, a
wrong type, a key given twice or an impossible value is an error with file,
line, column and what is allowed. Numbers are finite. Anchors, aliases and tags
are not read.

`

func reference(t *testing.T) []byte {
	c := Default()
	allowed := map[string][]string{}
	for _, r := range c.rules() {
		if !slices.Contains(allowed[r.key], r.want) {
			allowed[r.key] = append(allowed[r.key], r.want)
		}
	}
	var b bytes.Buffer
	b.WriteString(preface)
	v := reflect.ValueOf(c)
	top := rows("", v, comments(t, v.Type()), allowed)
	for _, f := range fields(v.Type()) {
		if v.Field(f.index).Kind() == reflect.Struct {
			fmt.Fprintf(&b, "## %s\n\n%s%s\n", f.name, header, table(t, f.name+".", v.Field(f.index), allowed))
		}
	}
	fmt.Fprintf(&b, "## At the top\n\n%s%s", header, top)
	return b.Bytes()
}

const header = "| key | default | allowed | meaning |\n|---|---|---|---|\n"

// table gives the rows of a section and of the sections in it.
func table(t *testing.T, prefix string, v reflect.Value, allowed map[string][]string) string {
	s := rows(prefix, v, comments(t, v.Type()), allowed)
	for _, f := range fields(v.Type()) {
		if fv := v.Field(f.index); fv.Kind() == reflect.Struct {
			s += table(t, prefix+f.name+".", fv, allowed)
		}
	}
	return s
}

func rows(prefix string, v reflect.Value, meanings map[string]string, allowed map[string][]string) string {
	var b strings.Builder
	for _, f := range fields(v.Type()) {
		fv, key := v.Field(f.index), prefix+f.name
		if fv.Kind() != reflect.Struct {
			meaning := meanings[v.Type().Field(f.index).Name]
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", key, literal(fv), strings.Join(allowed[key], "; "), strings.ReplaceAll(meaning, "|", "or"))
		}
	}
	return b.String()
}

// comments returns the comment of each field of a struct, read from the source
// of its package.
func comments(t *testing.T, typ reflect.Type) map[string]string {
	out := map[string]string{}
	dir := filepath.Join("../..", strings.TrimPrefix(typ.PkgPath(), "csnet"))
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != typ.Name() {
				return true
			}
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range st.Fields.List {
				text := f.Comment.Text() + f.Doc.Text()
				for _, id := range f.Names {
					out[id.Name] = strings.Join(strings.Fields(text), " ")
				}
			}
			return true
		})
	}
	return out
}
