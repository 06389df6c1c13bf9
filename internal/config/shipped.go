package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"csnet/configs"
	"csnet/internal/nearest"
)

// shippedMark stands before the path of a config that is part of the program,
// where a file has its folder.
const shippedMark = "shipped:"

// A Shipped is a config that is part of the program.
type Shipped struct {
	Name  string // as for Load: path without .yaml
	About string // first sentence of the comment at its top
	Text  []byte
}

// ShippedConfigs lists the configs in the program, by name.
func ShippedConfigs() []Shipped {
	var out []Shipped
	// An embedded file system gives no errors but for names that it has not.
	_ = fs.WalkDir(configs.Files, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := configs.Files.ReadFile(p)
		out = append(out, Shipped{Name: strings.TrimSuffix(p, ".yaml"), About: about(text), Text: text})
		return err
	})
	slices.SortFunc(out, func(a, b Shipped) int {
		return strings.Compare(path.Dir(a.Name)+"/"+path.Base(a.Name), path.Dir(b.Name)+"/"+path.Base(b.Name))
	})
	return out
}

// about is the first sentence of the comment at the top of a config.
func about(text []byte) string {
	var words []string
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !ok {
			break
		}
		for _, w := range strings.Fields(rest) {
			words = append(words, w)
			if strings.HasSuffix(w, ".") || strings.HasSuffix(w, ":") {
				return strings.TrimRight(strings.Join(words, " "), ":.")
			}
		}
	}
	return strings.Join(words, " ")
}

// FindShipped returns the config in the program that a name means: csnet-x1,
// csnet-x1.yaml and configs/csnet-x1.yaml are one. Its error names the nearest.
func FindShipped(name string) (Shipped, error) {
	want := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(name), "configs/"), ".yaml")
	var names []string
	for _, s := range ShippedConfigs() {
		if s.Name == want {
			return s, nil
		}
		names = append(names, s.Name)
	}
	hint := "csnet config list prints them"
	if near := nearest.Of(want, names); near != "" {
		hint = fmt.Sprintf("did you mean %s? %s", near, hint)
	}
	return Shipped{}, fmt.Errorf("%s is none of the configs in the program (%s)", clip(name), hint)
}

// Text is what a config, file or in the program, says as it is written.
func Text(name string) ([]byte, error) {
	path, err := locate(name)
	if err != nil {
		return nil, err
	}
	text, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return text, nil
}

// Starter is the text of a config that extends the one in the program called base
// and has the given keys as comments, each with its value there.
func Starter(base string, keys ...string) (string, error) {
	c, err := Load(shippedMark+base+".yaml", nil)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Take the # away from a section and a key to change its value; all keys:\n# csnet config show %s --resolved\nextends: %s\n", base, base)
	section := ""
	for _, l := range leaves(reflect.ValueOf(*c), "") {
		if !slices.Contains(keys, l.key) {
			continue
		}
		name, key, _ := strings.Cut(l.key, ".")
		if name != section {
			fmt.Fprintf(&b, "\n# %s:\n", name)
			section = name
		}
		fmt.Fprintf(&b, "#   %s: %s\n", key, literal(l.value))
	}
	return b.String(), nil
}

// locate returns the path of the config that a name means: a file, or else a
// config in the program.
func locate(name string) (string, error) {
	_, err := os.Stat(name)
	if err == nil || strings.HasPrefix(name, shippedMark) || !errors.Is(err, fs.ErrNotExist) {
		return name, nil
	}
	s, notShipped := FindShipped(name)
	if notShipped != nil {
		return "", fmt.Errorf("config: %w, and %w", err, notShipped)
	}
	return shippedMark + s.Name + ".yaml", nil
}

// extended returns the path of the config called base that the one at path
// extends: beside it, or else in the program.
func extended(at, base string) string {
	if name, ok := strings.CutPrefix(at, shippedMark); ok {
		return shippedMark + path.Join(path.Dir(name), base)
	}
	beside := base
	if !filepath.IsAbs(base) {
		beside = filepath.Join(filepath.Dir(at), base)
	}
	if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
		if s, err := FindShipped(base); err == nil {
			return shippedMark + s.Name + ".yaml"
		}
	}
	return beside
}
