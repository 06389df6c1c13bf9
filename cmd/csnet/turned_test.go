package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Of photos that EXIF turns, with masks drawn on them as stored, csnet eval scores the
// maps that csnet predict writes as it scores the net: both see the photo upright.
func TestTurnedPhotosScoreAlike(t *testing.T) {
	trained(t)
	turnSet(t, "other", "turned", 6)
	net := object(t, "eval", "-c", bestNet, "-d", "S=turned", "--protocol", "both", "--save-maps", "saved", "--json")
	must(t, "predict", "-c", bestNet, "--out", "maps", "turned/images")
	maps := object(t, "eval", "--maps", "maps", "-d", "S=turned", "--protocol", "both", "--json")
	saved := object(t, "eval", "--maps", "saved", "-d", "S=turned", "--protocol", "both", "--json")
	for _, m := range []string{"salmetric.maxF", "salmetric.MAE", "pysod.wF", "pysod.Sm"} {
		want := at(net, "sets.S."+m)
		if a, b := at(maps, "sets.S."+m), at(saved, "sets.S."+m); want == nil || a != want || b != want {
			t.Errorf("%s: the net has %v, maps of predict %v, saved maps %v", m, want, a, b)
		}
	}
	upright := object(t, "eval", "-c", bestNet, "-d", "S=seen", "--json")
	if a, b := at(net, "sets.S.salmetric.MAE"), at(upright, "sets.S.salmetric.MAE"); a != b {
		t.Errorf("MAE %v of the turned set, %v of the same photos stored upright", a, b)
	}
}

// turnSet writes the pairs of a set, cut to 40x32, as JPEG photos with an EXIF orientation
// and masks of the photos as stored; and, into seen, both as they are seen.
func turnSet(t *testing.T, from, to string, orientation byte) {
	t.Helper()
	for _, dir := range []string{to + "/images", to + "/masks", "seen/images", "seen/masks"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	photos, err := filepath.Glob(from + "/images/*")
	if err != nil || len(photos) == 0 {
		t.Fatalf("no photos: %v", err)
	}
	exif := "\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00\x00"
	for _, path := range photos {
		stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		photo, mask := cropped(t, path), cropped(t, filepath.Join(from, "GT", stem+".png"))
		var b bytes.Buffer
		if err := jpeg.Encode(&b, photo, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		stored, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(to, "images", stem+".jpg"), slices.Concat(b.Bytes()[:2], []byte(exif), b.Bytes()[2:]))
		put(t, filepath.Join(to, "masks", stem+".png"), pngOf(t, mask))
		put(t, filepath.Join("seen", "images", stem+".png"), pngOf(t, clockwise(stored)))
		put(t, filepath.Join("seen", "masks", stem+".png"), pngOf(t, clockwise(mask)))
	}
}

func cropped(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, 40, 32))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// clockwise is img turned by a quarter, as orientation 6 asks for.
func clockwise(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
