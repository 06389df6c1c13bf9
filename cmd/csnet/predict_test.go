package main

import (
	"image/png"
	"os"
	"strings"
	"testing"
)

// predict writes a map of the photo's size for each photo, and never over one.
func TestPredictCommand(t *testing.T) {
	trained(t)
	must(t, "predict", "-c", bestNet, "other/images", "-o", "maps")
	for _, name := range []string{"0000", "0011"} {
		f, err := os.Open("maps/" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(f)
		if f.Close(); err != nil || c.Width != 40 || c.Height != 40 {
			t.Errorf("%s: %dx%d, %v", name, c.Width, c.Height, err)
		}
	}
	must(t, "predict", "other/images/0000.jpg")
	there(t, "0000_saliency.png")
	wrong(t, exitUsage, "INPUT is missing", "predict", "-c", bestNet)
	if code, _, errs := cli("predict", "-c", bestNet, "nowhere.jpg"); code == exitDone || !strings.Contains(errs, "nowhere.jpg") {
		t.Errorf("a photo that is not there: exit %d: %s", code, errs)
	}
	if code, _, errs := cli("predict", "-c", bestNet, "small.yaml", "-o", "bad"); code == exitDone || !strings.Contains(errs, "small.yaml") {
		t.Errorf("no photo: exit %d: %s", code, errs)
	}
}
