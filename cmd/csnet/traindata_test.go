package main

import (
	"bytes"
	"image"
	"image/png"
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
	if n, log, err := read(true); err != nil || n != 6 || !strings.Contains(log, "2 pairs that cannot be read are left out") {
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
