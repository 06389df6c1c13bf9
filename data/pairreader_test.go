package data

import (
	"encoding/binary"
	"fmt"
	"image"
	"path/filepath"
	"reflect"
	"testing"
)

// A PairReader gives what ReadPair, ReadPhoto and ReadTruth give, pair after pair in the same memory:
// photos and masks of both kinds, of several sizes, turned and not, and behind a file that
// is cut short. What Keep was called for stays.
func TestPairReader(t *testing.T) {
	dir := t.TempDir()
	var pairs []Pair
	put := func(name string, img image.Image, jpeg bool) string {
		file := pngBytes(t, img)
		if jpeg {
			file = withExif(jpegBytes(t, img), exifBlock(binary.BigEndian, 1+len(pairs)%4))
			if len(pairs) == 5 && name == "photo" {
				file = file[:len(file)/2]
			}
		}
		return write(t, filepath.Join(dir, name, fmt.Sprint(len(pairs))), file)
	}
	for k := range 12 {
		w, h := 40+16*(k%3), 30+8*(k%5)
		pairs = append(pairs, Pair{Image: put("photo", drawPhoto(w, h, k), k%4 != 3), Mask: put("mask", drawMask(w, h, k), k%2 == 1)})
	}
	type pair struct {
		photo *Photo
		mask  *Mask
		info  PairInfo
	}
	var r, truths PairReader
	kept := map[int]pair{}
	broken := 0
	for k, p := range pairs {
		var got, want pair
		var err, wrong error
		got.photo, got.mask, got.info, err = r.Read(p)
		want.photo, want.mask, want.info, wrong = ReadPair(p)
		if fmt.Sprint(err) != fmt.Sprint(wrong) || !reflect.DeepEqual(got, want) {
			t.Errorf("pair %d: %v, want %v", k, err, wrong)
		}
		if err != nil {
			broken++
			continue
		}
		if photo, err := ReadPhoto(p.Image); err != nil || !reflect.DeepEqual(photo, got.photo) {
			t.Errorf("pair %d: another photo than alone, %v", k, err)
		}
		if truth, err := truths.Truth(p); err != nil || !reflect.DeepEqual(truth, want.mask) {
			t.Errorf("pair %d: another mask alone, %v", k, err)
		}
		if k%3 == 0 {
			r.Keep()
			kept[k] = got
		}
	}
	if broken != 1 {
		t.Errorf("%d pairs cannot be read, want 1", broken)
	}
	for k, got := range kept {
		if photo, mask, _, err := ReadPair(pairs[k]); err != nil || !reflect.DeepEqual(got.photo, photo) || !reflect.DeepEqual(got.mask, mask) {
			t.Errorf("pair %d was kept and has changed, %v", k, err)
		}
	}
}
