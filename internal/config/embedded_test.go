package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every file of configs is in the program, byte for byte, and is found by its name
// from a folder that has no such file; what it resolves to is the same.
func TestConfigsInTheProgram(t *testing.T) {
	const root = "../../configs"
	files := map[string]*Config{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.Name() == "ablations" {
			return filepath.SkipDir // lists of configs
		}
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		name := strings.TrimSuffix(filepath.ToSlash(rel), ".yaml")
		files[name], err = Load(path, nil)
		if err != nil {
			return err
		}
		s, err := FindShipped(name)
		if err != nil {
			return err
		}
		if want, _ := os.ReadFile(path); string(s.Text) != string(want) {
			t.Errorf("%s differs from its file", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(ShippedConfigs()); got != len(files) || got < 10 {
		t.Errorf("%d configs in the program, %d files", got, len(files))
	}
	t.Chdir(t.TempDir())
	for name, want := range files {
		for _, spelt := range []string{name, name + ".yaml", "configs/" + name + ".yaml"} {
			got, err := Load(spelt, []string{"train.seed=7"})
			if err != nil {
				t.Error(err)
				continue
			}
			got.Train.Seed = want.Train.Seed
			if string(got.YAML()) != string(want.YAML()) {
				t.Errorf("%s is not what its file is", spelt)
			}
		}
	}
	for _, s := range ShippedConfigs() {
		if s.About == "" || strings.Contains(s.About, "\n") || len(s.About) > 250 {
			t.Errorf("%s is about %q", s.Name, s.About)
		}
	}
}

// A file goes before a config in the program of its name; a file may extend one in
// the program; errors in it name it; an unknown name is answered with the nearest.
func TestShippedBesideFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"csnet-x2": "train: {epochs: 3}\n", "mine.yaml": "extends: csnet-tiny\ntrain: {epochs: 4}\n",
		"sub.yaml": "extends: ablation/width-2.yaml\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load := func(name string, sets ...string) *Config {
		t.Helper()
		c, err := Load(name, sets)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := load("csnet-x2"); c.Train.Epochs != 3 || c.Net.Width != 1 {
		t.Errorf("the file csnet-x2 was not taken: %d epochs, width %g", c.Train.Epochs, c.Net.Width)
	}
	if c := load("mine.yaml"); c.Train.Epochs != 4 || c.Net.Width != 0.5 {
		t.Errorf("extending csnet-tiny gives %d epochs, width %g", c.Train.Epochs, c.Net.Width)
	}
	if c := load("sub.yaml"); c.Net.Width != 2 {
		t.Errorf("extending ablation/width-2.yaml gives width %g", c.Net.Width)
	}
	for name, want := range map[string]string{
		"csnet-x3":      "did you mean csnet-x1",
		"gone.yaml":     "no such file or directory, and gone.yaml is none of the configs in the program",
		"../csnet-x1":   "is none of the configs",
		"shipped:a/../": "file does not exist",
		"":              "none of the configs",
	} {
		if _, err := Load(name, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, must hold %q", name, err, want)
		}
	}
}

// Every key, in the order of the file.
func TestKeys(t *testing.T) {
	if ks := Keys(); !slices.Contains(ks, "net.width") || !slices.Contains(ks, "threads") || ks[0] != "net.width" || len(ks) < 40 {
		t.Errorf("%q", ks)
	}
}
