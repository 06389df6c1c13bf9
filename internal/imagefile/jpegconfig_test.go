package imagefile

import (
	"bytes"
	"image"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
)

// jfif is an encoded picture with a JFIF header and more segments.
func jfif(t *testing.T, img image.Image, more ...byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	header := []byte("\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	return slices.Concat(b.Bytes()[:2], header, more, b.Bytes()[2:])
}

// What plainJPEG takes it reads as the standard library does; of sound files it takes the
// usual ones, of those that are cut short or damaged only such as the library reads too.
func TestPlainJPEG(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 37, 21))
	comment := []byte("\xff\xfe\x00\x05abc\xff\xed\x00\x02")
	files := [][]byte{jfif(t, scene(37, 21)), jfif(t, grey), jfif(t, scene(5, 300), comment...)}
	for i, file := range files {
		c, ok := plainJPEG(file)
		want, err := stdjpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil || !ok || c.Width != want.Width || c.Height != want.Height || c.ColorModel != want.ColorModel {
			t.Errorf("file %d: %v, %t, want %v, %v", i, c, ok, want, err)
		}
	}
	without := slices.Concat(files[0][:2], files[0][20:]) // no JFIF header
	if _, ok := plainJPEG(without); ok {
		t.Error("a file without a JFIF header is taken")
	}
	taken, random := 0, rand.New(rand.NewPCG(5, 6))
	try := func(file []byte) {
		c, ok := plainJPEG(file)
		if !ok {
			return
		}
		taken++
		want, err := stdjpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil || c.Width != want.Width || c.Height != want.Height || c.ColorModel != want.ColorModel {
			t.Fatalf("%x: %v, want %v, %v", file[:min(len(file), 700)], c, want, err)
		}
	}
	for _, file := range files {
		for n := range min(len(file), 700) {
			try(file[:n])
		}
		for range 20000 {
			damaged := slices.Clone(file[:min(len(file), 700)])
			for range 1 + random.IntN(3) {
				damaged[random.IntN(len(damaged))] = byte(random.IntN(256))
			}
			try(damaged)
		}
		sof := bytes.Index(file, []byte("\xff\xc0\x00"))
		for at := sof + 2; at < sof+20; at++ {
			for v := range 256 {
				damaged := slices.Clone(file)
				damaged[at] = byte(v)
				try(damaged)
			}
		}
	}
	if taken < 1000 {
		t.Errorf("%d of the damaged files were taken: too few to compare", taken)
	}
}
