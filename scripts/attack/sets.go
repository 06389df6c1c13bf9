//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
)

// hostileSet copies the set into the arena and damages the file number k of its
// folder sub. It gives the file's name.
func (a *arena) hostileSet(sub string) (file string, must bool, err error) {
	dir := a.path("broken")
	if err := os.RemoveAll(dir); err != nil {
		return "", false, err
	}
	if err := os.CopyFS(dir, os.DirFS(a.set)); err != nil {
		return "", false, err
	}
	files, err := filepath.Glob(filepath.Join(dir, sub, "*"))
	if err != nil {
		return "", false, err
	}
	file = files[a.rng.IntN(len(files))]
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", false, err
	}
	var out []byte
	switch a.rng.IntN(4) {
	case 0: // another kind or size than its photo's, or a bomb
		_, out, must = a.hostile()
	default:
		out, must = mutate(a.rng, raw)
	}
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return stem, must, os.WriteFile(file, out, 0o644)
}

// maskFolder is the folder of the masks of the set.
func (a *arena) maskFolder() string {
	for _, d := range []string{"masks", "GT"} {
		if _, err := os.Stat(filepath.Join(a.set, d)); err == nil {
			return d
		}
	}
	return "masks"
}

// mask is a set with a hostile mask or photo.
func mask(a *arena, i int) (trial, error) {
	sub := a.maskFolder()
	if i%4 == 3 {
		sub = "images"
	}
	file, must, err := a.hostileSet(sub)
	ckpt := filepath.Join(a.run, "checkpoints", "last.safetensors")
	t := trial{place: file, must: must}
	switch i % 3 {
	case 0:
		t.args = []string{"eval", "--checkpoint", ckpt, "--data", "broken"}
	case 1:
		t.args = []string{"data", "check", "broken"}
		t.place = "" // it lists on stdout
	default:
		_ = os.RemoveAll(a.path("new"))
		if err := a.write("small.yaml", []byte(a.config)); err != nil {
			return t, err
		}
		t.args = []string{"train", "--config", "small.yaml", "--data", "broken", "--out", "new", "--set", "train.steps=1"}
	}
	return t, err
}

// storedMap is a folder of maps with a hostile one.
func storedMap(a *arena, _ int) (trial, error) {
	file, must, err := a.hostileSet(a.maskFolder())
	return trial{args: []string{"eval", "--maps", filepath.Join("broken", a.maskFolder()), "--data", a.set, "--baselines"}, place: file, must: must}, err
}
