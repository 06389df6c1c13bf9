package imagefile

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryKind reads the same picture out of every kind of file, told by content.
func TestEveryKind(t *testing.T) {
	files := encoded(t)
	for name, content := range stored(t) {
		files[name] = content
	}
	for name, content := range files {
		f, err := Open(content)
		if heif := strings.HasSuffix(name, ".heic") || strings.HasSuffix(name, ".avif"); heif && !heifBuilt {
			if want := "is " + strings.ToUpper(filepath.Ext(name)[1:]) + ", which this build does not read; convert it to JPEG, or build csnet with -tags heif,nodynamic"; err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := f.Decode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w, h := f.Size(); 2*w != 3*h || !HasName(name) {
			t.Errorf("%s: %dx%d, by name %v", name, w, h, HasName(name))
		}
		looksDrawn(t, name, img, 3)
	}
}

// TestLossyWebPLevels: black is 0 and white 255, though VP8 stores 16 and 235.
func TestLossyWebPLevels(t *testing.T) {
	f, err := Open(stored(t)["drawn.webp"])
	if err != nil {
		t.Fatal(err)
	}
	img, err := f.Decode()
	if err != nil {
		t.Fatal(err)
	}
	m := img.(*image.YCbCr)
	if black, white := m.YCbCrAt(4, 20).Y, m.YCbCrAt(44, 20).Y; black != 0 || white != 255 {
		t.Errorf("black is %d and white %d, want 0 and 255", black, white)
	}
}

// TestFirstFrame: of films the first picture, on the whole canvas.
func TestFirstFrame(t *testing.T) {
	small := image.NewPaletted(image.Rect(8, 8, 40, 24), color.Palette{color.Black, color.White})
	for i := range small.Pix {
		small.Pix[i] = 1
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{small, small}, Delay: []int{1, 1}, Config: image.Config{Width: 48, Height: 32}})
	if err != nil {
		t.Fatal(err)
	}
	film := slices.Clone(stored(t)["film.webp"])
	put24(film[24:], 99) // a canvas of 100 columns
	for name, c := range map[string]struct {
		file    []byte
		w, h    int
		inside  image.Point
		outside image.Point
	}{
		"gif":  {b.Bytes(), 48, 32, image.Pt(20, 20), image.Pt(2, 2)},
		"webp": {film, 100, 32, image.Pt(44, 20), image.Pt(60, 20)},
	} {
		f, err := Open(c.file)
		if err != nil {
			t.Fatal(name, err)
		}
		img, err := f.Decode()
		if err != nil {
			t.Fatal(name, err)
		}
		in, out := color.NRGBAModel.Convert(img.At(c.inside.X, c.inside.Y)), color.NRGBAModel.Convert(img.At(c.outside.X, c.outside.Y))
		if img.Bounds() != image.Rect(0, 0, c.w, c.h) || in != (color.NRGBA{255, 255, 255, 255}) || out != (color.NRGBA{}) {
			t.Errorf("%s: %v, %v inside, %v outside", name, img.Bounds(), in, out)
		}
	}
}

// TestWebPAlphaFlag: a flag that says alpha where there is none is no error.
func TestWebPAlphaFlag(t *testing.T) {
	film := stored(t)["film.webp"]
	file := slices.Concat(still(chunks(film)[2].body[16:], 47, 31))
	file[20] |= webpAlpha
	f, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := f.Decode()
	if err != nil {
		t.Fatal(err)
	}
	looksDrawn(t, "flag", img, 3)
}

// TestUnreadKinds names what a file is that is not read.
func TestUnreadKinds(t *testing.T) {
	pad := strings.Repeat("\x00", 64)
	for content, want := range map[string]string{
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + pad: "HEIC",
		"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00avifmif1" + pad: "AVIF",
		"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp42" + pad:     "a video",
		"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom" + pad: "Canon raw",
		"\x00\x00\x00\x0cJXL \r\n\x87\n" + pad:                   "JPEG XL",
		"\xff\x0a" + pad:                                         "JPEG XL",
		"8BPS" + pad:                                             "Photoshop",
		"%PDF-1.7" + pad:                                         "PDF",
		"<svg xmlns=":                                            "SVG",
		"P6\n1 1\n255\n":                                         "PPM",
		"II*\x00\x10\x00\x00\x00CR\x02\x00" + pad:                "Canon raw",
		"hello, world":                                           "no picture of a kind that is read (JPEG, PNG, WebP, BMP, TIFF, GIF",
		"":                                                       "no picture",
	} {
		_, err := Open([]byte(content))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content[:min(20, len(content))], err, want)
		}
	}
}

// TestNames tells pictures by their endings.
func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"a.JPG": true, "b.jpeg": true, "c.webp": true, "d.TIFF": true, "e.bmp": true, "f.gif": true,
		"g.heic": heifBuilt, "h.avif": heifBuilt, "i.txt": false, "jpg": false, "k.jpg.part": false, "l.jfif": true} {
		if HasName(name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
	}
}
