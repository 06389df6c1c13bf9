package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// turnedSet writes square-free pairs whose photos have an EXIF orientation; masks
// have the size of the photo as stored.
func turnedSet(t *testing.T, orientations ...int) []Pair {
	t.Helper()
	dir := t.TempDir()
	for k, o := range orientations {
		stem := fmt.Sprintf("%02d", k)
		photo := pngBytes(t, drawPhoto(40, 30, k))
		if o != 1 {
			photo = withExif(photo, exifBlock(binary.BigEndian, o))
		}
		write(t, filepath.Join(dir, "images", stem+".png"), photo)
		write(t, filepath.Join(dir, "masks", stem+".png"), pngBytes(t, drawMask(40, 30, k)))
	}
	s, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s.Pairs
}

// Photos that fit their masks turned and unturned are counted and said; what the
// others of the set show, or what is asked for, decides. Headers alone suffice.
func TestInspectExif(t *testing.T) {
	for _, c := range []struct {
		orientations []int
		wish         ExifRule
		want         ExifRule
		either       int
		say          string
	}{
		{[]int{1, 1}, "", ExifTurn, 0, ""},
		{[]int{3, 1, 2}, "", ExifTurn, 2, "2 have an EXIF orientation and a mask that fits both ways; masks are taken to be drawn on photos as seen, turned"},
		{[]int{3, 6, 4}, "", ExifIgnore, 2, "as stored, for 1 others of the set fit only so"},
		{[]int{3, 3}, ExifIgnore, ExifIgnore, 2, "as stored"},
		{[]int{3, 6}, ExifTurn, ExifTurn, 1, "as seen, turned"},
	} {
		for _, headers := range []bool{false, true} {
			in, err := Inspect(context.Background(), turnedSet(t, c.orientations...), InspectOptions{Exif: c.wish, Headers: headers})
			if err != nil || in.Exif.Rule != c.want || in.Exif.Either != c.either || !strings.Contains(in.Exif.String(), c.say) || c.say == "" && in.Exif.String() != "" {
				t.Errorf("%v: %+v, %q, %v", c.orientations, in.Exif, in.Exif, err)
			}
			for i, p := range in.Pairs {
				_, mask, info, err := ReadPair(p)
				if alone, err := ReadTruth(p); err != nil || !reflect.DeepEqual(alone, mask) {
					t.Errorf("%v, photo %d: the mask alone is another one; %v", c.orientations, i, err)
				}
				if stored := c.want == ExifIgnore && c.orientations[i] != 1 || c.orientations[i] == 6; err != nil || info.Unturned != stored {
					t.Errorf("%v, photo %d: unturned %v, %v", c.orientations, i, info.Unturned, err)
				}
			}
		}
	}
}

// 16-bit photos that use 8, 10, 12 or 14 bits are read like those of 16; a set in
// which one uses all is read as it stands.
func TestInspectBits(t *testing.T) {
	draw := func(shift int, dark bool) *image.Gray16 {
		m := image.NewGray16(image.Rect(0, 0, 64, 64))
		for i := range 64 * 64 {
			v := uint16(i%256) << 8 >> shift
			if dark {
				v /= 4
			}
			m.SetGray16(i%64, i/64, color.Gray16{Y: v})
		}
		return m
	}
	for _, c := range []struct {
		shifts []int
		bits   int
	}{{[]int{8, 8}, 8}, {[]int{6, 6}, 10}, {[]int{4, 4}, 12}, {[]int{2, 2}, 14}, {[]int{0, 0}, 0}, {[]int{4, 0}, 0}} {
		dir := t.TempDir()
		for k, s := range c.shifts {
			write(t, filepath.Join(dir, "images", fmt.Sprint(k)+".png"), pngBytes(t, draw(s, false)))
			write(t, filepath.Join(dir, "masks", fmt.Sprint(k)+".png"), pngBytes(t, drawMask(64, 64, k)))
		}
		s, err := Find(dir)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Inspect(context.Background(), s.Pairs, InspectOptions{Headers: true})
		if err != nil || in.Bits != c.bits {
			t.Errorf("%v: %d bits, %v, want %d", c.shifts, in.Bits, err, c.bits)
			continue
		}
		photo, _, _, err := ReadPair(in.Pairs[0])
		if err != nil || c.shifts[0] == c.shifts[1] && photo.Pix[3*255] != 255 {
			t.Errorf("%v: the brightest is %d, %v", c.shifts, photo.Pix[3*255], err)
		}
	}
	// A dark photo among others of 12 bits is as dark as it was.
	dir := t.TempDir()
	for k, dark := range []bool{false, true} {
		write(t, filepath.Join(dir, "images", fmt.Sprint(k)+".png"), pngBytes(t, draw(4, dark)))
		write(t, filepath.Join(dir, "masks", fmt.Sprint(k)+".png"), pngBytes(t, drawMask(64, 64, k)))
	}
	s, _ := Find(dir)
	in, err := Inspect(context.Background(), s.Pairs, InspectOptions{})
	if err != nil || in.Bits != 12 {
		t.Fatal(in.Bits, err)
	}
	if photo, _, _, err := ReadPair(in.Pairs[1]); err != nil || photo.Pix[3*255] != 63 {
		t.Errorf("%d, %v", photo.Pix[3*255], err)
	}
}

// Broken pairs are left out and listed, all of them.
func TestInspectBroken(t *testing.T) {
	dir := t.TempDir()
	pairs := drawSet(t, dir, 6)
	for _, p := range []string{pairs[1].Image, pairs[3].Mask} {
		write(t, p, []byte("\x89PNG\r\n\x1a\nnonsense"))
	}
	write(t, pairs[4].Mask, pngBytes(t, drawMask(9, 9, 0)))
	in, err := Inspect(context.Background(), pairs, InspectOptions{})
	if err != nil || in.Bad != 3 || len(in.Pairs) != 3 || in.Masks.Count != 5 {
		t.Errorf("%d bad, %d left, %+v, %v", in.Bad, len(in.Pairs), in.Masks, err)
	}
	var kinds []string
	for _, p := range in.Problems {
		if p.Severity == SeverityError {
			kinds = append(kinds, p.Kind)
		}
	}
	if strings.Join(kinds, " ") != "undecodable undecodable size-differs" {
		t.Errorf("%v", kinds)
	}
}
