package main

import (
	"bytes"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
)

// A training set is read before the first step: every broken file is listed at once,
// and left out on request; masks that are all empty are refused.
func TestReadBeforeTraining(t *testing.T) {
	set := drawnSet(t, 8)
	found, err := data.Find(set)
	if err != nil {
		t.Fatal(err)
	}
	read := func(skipBad bool) (int, string, error) {
		var log bytes.Buffer
		_, in, err := setReader{skipBad: skipBad, io: streams{&log, &log}}.read(t.Context(), set, data.Folders{})
		if err != nil {
			return 0, log.String(), err
		}
		return len(in.Pairs), log.String(), nil
	}
	for _, i := range []int{2, 5} {
		if err := os.WriteFile(found.Pairs[i].Image, []byte("\xff\xd8nonsense"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = read(false)
	for _, w := range []string{"2 of 8 pairs", "--skip-bad", filepath.Base(found.Pairs[2].Image), filepath.Base(found.Pairs[5].Image)} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%v, must say %q", err, w)
		}
	}
	if n, log, err := read(true); err != nil || n != 6 || !strings.Contains(log, "2 pairs left out that cannot be read") {
		t.Errorf("%d pairs, %v, %s", n, err, log)
	}
	for _, p := range found.Pairs {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p.Mask, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := read(true); err == nil || !strings.Contains(err.Error(), "masks are empty") {
		t.Errorf("empty masks: %v", err)
	}
}

// A second start decodes only files that are new or have changed since the first: it
// finds a photo that was broken meanwhile, of the same size and time, before it goes
// on.
func TestBrokenSinceFirstStart(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("LocalAppData", cache)
	trained(t)
	notes := func() (found []string) {
		_ = filepath.WalkDir(cache, func(path string, _ fs.DirEntry, _ error) error {
			if strings.HasSuffix(path, ".known") {
				found = append(found, path)
			}
			return nil
		})
		return found
	}
	if n := len(notes()); n != 1 {
		t.Fatalf("%d notes of sets, want 1", n)
	}
	must(t, "train", "--resume", "--out", "run", "--set", "train.steps=5")
	set, err := data.Find("set")
	if err != nil {
		t.Fatal(err)
	}
	photo := set.Pairs[3].Image
	info, err := os.Stat(photo)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	clear(content[len(content)/3:])
	if err := os.WriteFile(photo, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(photo, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	code, _, errs := cli("train", "--resume", "--out", "run", "--set", "train.steps=6")
	if code != exitFailed || !strings.Contains(errs, filepath.Base(photo)) || !strings.Contains(errs, "1 of 12 pairs cannot be read") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
