package eval

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"strings"
	"testing"

	"csnet/data"
	"csnet/metrics"
)

// Maps that are cut-outs or in colours are not scored by their luma unasked; the
// channel that is given is scored as a grey map of it would be.
func TestMapChannels(t *testing.T) {
	set, grey, cut, heat := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	drawSet(t, set, 6)
	for i := range 6 {
		photo, mask := disc(i, 40+i%3, 30+i%4)
		cutout, heated := image.NewNRGBA(photo.Rect), image.NewNRGBA(photo.Rect)
		for p, v := range mask.Pix {
			x, y := p%mask.Stride, p/mask.Stride
			c := photo.RGBAAt(x, y)
			cutout.SetNRGBA(x, y, color.NRGBA{255 - c.R, c.G, c.B, v})
			heated.SetNRGBA(x, y, color.NRGBA{v, 0, 255 - v, 255})
		}
		savePNG(t, filepath.Join(grey, stem(i)+".png"), mask)
		savePNG(t, filepath.Join(cut, stem(i)+".png"), cutout)
		savePNG(t, filepath.Join(heat, stem(i)+".png"), heated)
	}
	score := func(dir string, channel data.Channel) (*Report, error) {
		return Run(t.Context(), Options{Methods: []Method{{Name: "m", Maps: dir}}, Sets: []Set{{"S", set}},
			Protocol: metrics.Both, Threads: 2, MapChannel: channel})
	}
	want, err := score(grey, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir     string
		channel data.Channel
		refused string
	}{
		{cut, "", "--map-channel alpha"}, {heat, "", "in colours"}, {grey, data.ChannelAlpha, "no alpha channel"},
		{cut, data.ChannelAlpha, ""}, {heat, data.ChannelRed, ""}, {grey, data.ChannelLuma, ""}, {grey, data.ChannelGreen, ""},
	} {
		r, err := score(c.dir, c.channel)
		switch {
		case c.refused != "":
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%q of %s: %v, must say %q", c.channel, filepath.Base(c.dir), err, c.refused)
			}
		case err != nil || jsonOf(t, r) != jsonOf(t, want):
			t.Errorf("%q of %s: %v, or other scores", c.channel, filepath.Base(c.dir), err)
		}
	}
	// Maps that luma was asked of are scored by it, and one among grey ones is listed.
	if _, err := score(cut, data.ChannelLuma); err != nil {
		t.Error(err)
	}
	odd := filepath.Join(grey, stem(0)+".png")
	photo, _ := disc(0, 40, 30)
	savePNG(t, odd, photo)
	if r, err := score(grey, ""); err != nil || r.Err() == nil || !hasLine(r.Notes(), "map is in colours") {
		t.Errorf("%v: one coloured map is not told", err)
	}
}

// What predict writes for a photo that its EXIF turns is scored as the net itself
// is, although the masks were drawn on the pixels as stored.
func TestTurnedMaps(t *testing.T) {
	for _, orientation := range []byte{5, 6, 7, 8} {
		set, maps := t.TempDir(), t.TempDir()
		for i := range 3 {
			photo, mask := disc(i, 48, 32)
			var b bytes.Buffer
			if err := jpeg.Encode(&b, photo, nil); err != nil {
				t.Fatal(err)
			}
			exif := append([]byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
			save(t, filepath.Join(set, "images", stem(i)+".jpg"), append(append([]byte("\xff\xd8"), exif...), b.Bytes()[2:]...))
			savePNG(t, filepath.Join(set, "GT", stem(i)+".png"), mask)
			seen, err := data.ReadPhoto(filepath.Join(set, "images", stem(i)+".jpg"))
			if err != nil || seen.W != 32 {
				t.Fatalf("%v: photo is not turned", err)
			}
			// A map of what is seen: the truth, turned with the photo.
			turned := image.NewGray(image.Rect(0, 0, 32, 48))
			for y := range 48 {
				for x := range 32 {
					sx, sy := map[byte][2]int{5: {y, x}, 6: {y, 31 - x}, 7: {47 - y, 31 - x}, 8: {47 - y, x}}[orientation][0],
						map[byte][2]int{5: {y, x}, 6: {y, 31 - x}, 7: {47 - y, 31 - x}, 8: {47 - y, x}}[orientation][1]
					turned.Pix[y*32+x] = mask.Pix[sy*mask.Stride+sx]
				}
			}
			savePNG(t, filepath.Join(maps, stem(i)+".png"), turned)
		}
		r, err := scoreMaps(t, set, maps, false)
		if err != nil {
			t.Fatalf("orientation %d: %v", orientation, err)
		}
		if s := r.Methods[0].Sets[0].Result; r.Err() != nil || s.PySOD.MAE != 0 || !hasLine(r.Notes(), "3 maps were turned back") {
			t.Errorf("orientation %d: MAE %v, %v, %q", orientation, s.PySOD.MAE, r.Err(), r.Notes())
		}
	}
}

// Resized maps are said, with the sizes they had; maps of another proportion are not
// resized.
func TestResizedMapsSaid(t *testing.T) {
	set, maps := t.TempDir(), t.TempDir()
	drawSet(t, set, 4) // 40x30, 41x31, 42x32, 40x33
	for i, r := range []image.Rectangle{image.Rect(0, 0, 80, 60), image.Rect(0, 0, 64, 64), image.Rect(0, 0, 84, 64), image.Rect(0, 0, 33, 40)} {
		savePNG(t, filepath.Join(maps, stem(i)+".png"), image.NewGray(r))
	}
	r, err := scoreMaps(t, set, maps, true)
	if err != nil {
		t.Fatal(err)
	}
	if !hasLine(r.Notes(), "3 of 4 maps were resized, from 64x64, 80x60, 84x64") || !hasLine(r.Notes(), "map is 33x40, mask is 40x33: its sides are in another proportion") || r.Err() == nil {
		t.Errorf("%q, %v", r.Notes(), r.Err())
	}
}
