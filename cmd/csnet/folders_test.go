package main

import (
	"strings"
	"testing"
)

// Where --images and --masks say where the set is, its folder may be left out, as csnet
// train does it; one of the two alone is not enough.
func TestFoldersAlone(t *testing.T) {
	shop(t)
	folders := []string{"--images", "set/images", "--masks", "set/GT"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"data", "check"}, "6 pairs, 0 errors"},
		{[]string{"data", "stats"}, "6 pairs"},
		{[]string{"data", "split", "--out", "parts"}, "pairs in parts/train"},
		{[]string{"data", "shrink", "--out", "reduced"}, "reduced"},
		{[]string{"eval", "--maps", "m=set/GT", "--threads", "1"}, "1.0000"},
	} {
		code, out, errs := cli(append(c.args, folders...)...)
		if code != exitDone || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: exit %d: %s%s, must hold %q", c.args, code, out, errs, c.want)
		}
	}
	wrong(t, exitUsage, "DIR is missing", "data", "check", "--images", "set/images")
	wrong(t, exitUsage, "--data is missing", "eval", "--masks", "set/GT")
}

// What may not be written is named by the flag that asks for it.
func TestPreviewNamed(t *testing.T) {
	shop(t)
	wrong(t, exitUsage, "--preview: set/GT/sheet.png", "data", "check", "set", "--preview", "set/GT/sheet.png")
	wrong(t, exitUsage, "--preview: album/IMG_1.png", "data", "check", "set", "--preview", "album/IMG_1.png")
}
