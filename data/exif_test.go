package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csnet/internal/imagefile"
)

// seen places stored pixels by the words of EXIF 2.32: where the 0th row and the
// 0th column of the stored picture are in the picture as seen.
func seen(src []uint8, w, h, ch, orientation int) (dst []uint8, dw, dh int) {
	row0 := []string{"", "top", "top", "bottom", "bottom", "left", "right", "right", "left"}[orientation]
	col0 := []string{"", "left", "right", "right", "left", "top", "top", "bottom", "bottom"}[orientation]
	dw, dh = w, h
	if row0 == "left" || row0 == "right" {
		dw, dh = h, w
	}
	dst = make([]uint8, len(src))
	for r := range h {
		for c := range w {
			var x, y int
			for _, p := range []struct {
				side string
				away int
			}{{row0, r}, {col0, c}} {
				switch p.side {
				case "top":
					y = p.away
				case "bottom":
					y = dh - 1 - p.away
				case "left":
					x = p.away
				case "right":
					x = dw - 1 - p.away
				}
			}
			copy(dst[(y*dw+x)*ch:(y*dw+x+1)*ch], src[(r*w+c)*ch:])
		}
	}
	return dst, dw, dh
}

func TestOrientations(t *testing.T) {
	var raw []uint8
	for i := range 6 {
		raw = append(raw, uint8(40*i+10))
	}
	flat := flatJPEG{cols: 3, rows: 2, planes: [][]uint8{raw}, adobe: -1}.bytes()
	photo := drawPhoto(5, 3, 1)
	plain := make([]uint8, 45)
	imagefile.RGB(plain, photo)
	dir := t.TempDir()
	for o := 1; o <= 8; o++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			path := write(t, filepath.Join(dir, "a.png"), withExif(pngBytes(t, photo), exifBlock(order, o)))
			want, w, h := seen(plain, 5, 3, 3, o)
			got, err := ReadPhoto(path)
			if err != nil || got.W != w || got.H != h || !bytes.Equal(got.Pix, want) {
				t.Errorf("PNG orientation %d: %v, want %dx%d %v (%v)", o, got, w, h, want, err)
			}
			path = write(t, filepath.Join(dir, "a.jpg"), withExif(flat, exifBlock(order, o)))
			mask, err := ReadMask(path)
			if err != nil {
				t.Fatal(err)
			}
			want, w, h = seen(raw, 3, 2, 1, o)
			var blocks []uint8
			for i := range w * h {
				blocks = append(blocks, mask.Pix[(i/w*8+4)*mask.W+i%w*8+4])
			}
			if mask.W != 8*w || mask.H != 8*h || !slices.Equal(blocks, want) {
				t.Errorf("JPEG orientation %d: %dx%d %v, want %v", o, mask.W, mask.H, blocks, want)
			}
		}
	}
}

func TestReadPairTurning(t *testing.T) {
	dir := t.TempDir()
	write2 := func(orientation, mw, mh int) Pair {
		return Pair{Stem: "a",
			Image: write(t, filepath.Join(dir, "a.png"), withExif(pngBytes(t, drawPhoto(6, 4, 1)), exifBlock(binary.BigEndian, orientation))),
			Mask:  write(t, filepath.Join(dir, "m.png"), pngBytes(t, image.NewGray(image.Rect(0, 0, mw, mh)))),
		}
	}
	for _, c := range []struct {
		orientation, mw, mh int
		want                PairInfo
		err                 string
	}{
		{1, 6, 4, PairInfo{1, false}, ""},
		{6, 4, 6, PairInfo{6, false}, ""},
		{6, 6, 4, PairInfo{6, true}, ""},
		{3, 6, 4, PairInfo{3, false}, ""},
		{8, 5, 4, PairInfo{}, "mask is 5x4, image is 4x6"},
		{1, 4, 6, PairInfo{}, "mask is 4x6, image is 6x4"},
	} {
		p := write2(c.orientation, c.mw, c.mh)
		photo, mask, info, err := ReadPair(p)
		if c.err != "" {
			if err == nil || err.Error() != "data: "+p.Mask+": "+c.err {
				t.Errorf("%+v: error %v, want %q", c, err, c.err)
			}
			continue
		}
		if err != nil || info != c.want || photo.W != mask.W || photo.H != mask.H || strings.Contains(p.Stem, "/") {
			t.Errorf("%+v: %+v, %v", c, info, err)
			continue
		}
		plain := make([]uint8, 72)
		imagefile.RGB(plain, drawPhoto(6, 4, 1))
		if want, _, _ := seen(plain, 6, 4, 3, c.orientation); !bytes.Equal(photo.Pix, want) {
			t.Errorf("%+v: wrong pixels", c)
		}
		drawn, err := ReadMask(p.Mask)
		if err != nil {
			t.Fatal(err)
		}
		if turned, _, _ := seen(drawn.Pix, drawn.W, drawn.H, 1, c.orientation); info.Unturned && !bytes.Equal(mask.Pix, turned) {
			t.Errorf("%+v: the mask is not turned with its photo", c)
		}
		back, file, pred := info.TurnBack(photo, mask, mask.Pix)
		if !bytes.Equal(file.Pix, drawn.Pix) || file.W != drawn.W || !bytes.Equal(pred, drawn.Pix) || info.Unturned && !bytes.Equal(back.Pix, plain) {
			t.Errorf("%+v: turned back the pair is not as it is stored", c)
		}
	}
}
