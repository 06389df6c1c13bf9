package imagefile

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// TestOrientationOfEveryKind reads the tag in both byte orders.
func TestOrientationOfEveryKind(t *testing.T) {
	files := encoded(t)
	for _, name := range []string{"a.jpg", "a.png", "extended.webp"} {
		for o := 1; o <= 8; o++ {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				f, err := Open(withExif(files[name], exifBlock(order, o)))
				if err != nil {
					t.Fatal(name, err)
				}
				w, h := f.Size()
				if sideways := o >= 5; f.Orientation != o || (w < h) != sideways {
					t.Errorf("%s: orientation %d, %dx%d, want %d", name, f.Orientation, w, h, o)
				}
			}
		}
	}
	if o := orientation(TIFF, exifBlock(binary.BigEndian, 6)); o != 6 {
		t.Errorf("TIFF: %d, want 6", o)
	}
}

// TestBadExif takes nonsense for upright.
func TestBadExif(t *testing.T) {
	good := exifBlock(binary.LittleEndian, 6)
	change := func(at int, v ...byte) []byte {
		b := slices.Clone(good)
		copy(b[at:], v)
		return b
	}
	blocks := [][]byte{nil, good[:7], good[:9], good[:20], good[:33], change(0, 'X'), change(2, 43), change(4, 0xff, 0xff, 0xff, 0xff),
		change(4, 44), change(8, 0, 0), change(24, 7), change(26, 2), change(30, 0), change(30, 9), change(30, 255, 255)}
	files := encoded(t)
	for i, b := range blocks {
		for _, name := range []string{"a.jpg", "a.png", "extended.webp"} {
			file := withExif(files[name], b)
			if o := orientation(kindOf(file), file); o != Upright {
				t.Errorf("%s, block %d: orientation %d, want 1", name, i, o)
			}
		}
	}
	many := withExif(files["a.jpg"], change(8, 0xff, 0xff))
	if o := orientation(JPEG, many); o != 6 {
		t.Errorf("a directory that claims too many entries: %d, want 6", o)
	}
	for _, name := range []string{"a.jpg", "a.png", "extended.webp"} { // cut anywhere
		file := withExif(files[name], good)
		for n := range 100 {
			orientation(kindOf(file), file[:min(n, len(file))])
		}
	}
}

// profile is the header of an ICC profile for a colour space.
func profile(space string) []byte {
	p := make([]byte, 200)
	binary.BigEndian.PutUint32(p, 200)
	copy(p[16:], space)
	copy(p[36:], "acsp")
	return p
}

// TestProfile finds the colour profile of every kind that has one.
func TestProfile(t *testing.T) {
	files := encoded(t)
	want := profile("RGB ")
	segment := slices.Concat([]byte("ICC_PROFILE\x00\x01\x01"), want)
	half := func(n byte, part []byte) []byte {
		return slices.Concat([]byte("ICC_PROFILE\x00"), []byte{n, 2}, part)
	}
	for name, file := range map[string][]byte{
		"JPEG":           withSegment(files["a.jpg"], 0xe2, segment),
		"JPEG in two":    withSegment(withSegment(files["a.jpg"], 0xe2, half(2, want[90:])), 0xe2, half(1, want[:90])),
		"JPEG in two, 2": withSegment(withSegment(files["a.jpg"], 0xe2, half(1, want[:90])), 0xe2, half(2, want[90:])),
		"PNG":            withChunk(files["a.png"], "iCCP", slices.Concat([]byte("sRGB\x00\x00"), packed(t, want)), 0),
		"WebP":           withRIFF(files["extended.webp"], "ICCP", want),
	} {
		f, err := Open(file)
		if err != nil {
			t.Fatal(name, err)
		}
		if got := f.Profile(); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of profile, want %d", name, len(got), len(want))
		}
	}
	block := tiffBlock(binary.LittleEndian, want, [4]uint32{tagProfile, 7, 200, 26})
	if got := (&File{Kind: TIFF, content: block}).Profile(); !bytes.Equal(got, want) {
		t.Errorf("TIFF: %d bytes of profile, want %d", len(got), len(want))
	}
	for name, file := range map[string][]byte{
		"none":       files["a.jpg"],
		"grey":       withSegment(files["a.jpg"], 0xe2, slices.Concat([]byte("ICC_PROFILE\x00\x01\x01"), profile("GRAY"))),
		"cut":        withSegment(files["a.jpg"], 0xe2, segment[:150]),
		"no zlib":    withChunk(files["a.png"], "iCCP", []byte("sRGB\x00\x00nonsense"), 0),
		"wrong sum":  withChunk(files["a.png"], "iCCP", slices.Concat([]byte("sRGB\x00\x00"), packed(t, want)), 1),
		"no profile": withRIFF(files["extended.webp"], "ICCP", []byte("x")),
	} {
		f, err := Open(file)
		if err != nil {
			t.Fatal(name, err)
		}
		if got := f.Profile(); got != nil {
			t.Errorf("%s: a profile of %d bytes", name, len(got))
		}
	}
}
