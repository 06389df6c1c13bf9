package main

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// check lists what is broken by kind and exits 1; stats and split do theirs.
func TestDataCommands(t *testing.T) {
	trained(t)
	o := object(t, "data", "check", "set", "--json")
	if at(o, "pairs") != 12.0 || at(o, "problems") == nil {
		t.Errorf("%v", o)
	}
	must(t, "data", "check", "set")
	if o := object(t, "data", "stats", "set", "--json", "--out", "heat.png"); len(o) == 0 {
		t.Error("stats says nothing")
	}
	there(t, "heat.png")
	if o := object(t, "data", "split", "set", "--share", "0.3", "--out", "parts", "--json"); at(o, "train").(float64)+at(o, "val").(float64) != 12 {
		t.Errorf("%v", o)
	}
	must(t, "data", "check", "parts/train")
	for _, share := range []float64{.1, .2, .3, .4, .5, .6} {
		out := fmt.Sprintf("parts%g", share)
		_, _, errs := cli("data", "split", "set", "--share", fmt.Sprint(share), "--out", out)
		val, err := os.ReadDir(out + "/val/images")
		if err != nil {
			t.Fatal(err)
		}
		if off := math.Abs(float64(len(val))/12-share) > .05; off != strings.Contains(errs, "was asked for") {
			t.Errorf("share %g, %d of 12 in val: %s", share, len(val), errs)
		}
	}

	if err := os.Remove("set/GT/0003.png"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("set/images/0005.jpg", []byte("\xff\xd8cut short"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := cli("data", "check", "set", "--json")
	if code != exitFailed || !strings.Contains(out, `"unpaired"`) || !strings.Contains(out, `"undecodable"`) {
		t.Errorf("a broken set: exit %d: %s", code, out)
	}
	wrong(t, exitFailed, "nowhere", "data", "check", "nowhere")
	wrong(t, exitUsage, "--out is missing", "data", "split", "set")
	wrong(t, exitUsage, "--share is 2", "data", "split", "set", "--share", "2", "--out", "x")
	absent(t, "x")
}
