package imagefile

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"golang.org/x/image/tiff"
)

// TestOwnBits: pictures whose samples are 8, 10 or 12 bits of 16 become what they are
// in 8 bits, if that is asked for; those of more bits, and black ones, stay.
func TestOwnBits(t *testing.T) {
	want := drawn()
	for _, c := range []struct {
		bits     int
		narrowed bool
	}{{8, true}, {10, true}, {12, true}, {13, false}, {14, false}, {16, false}} {
		grey, colour := image.NewGray16(want.Rect), image.NewNRGBA64(want.Rect)
		for y := range want.Rect.Dy() {
			for x := range want.Rect.Dx() {
				p := want.NRGBAAt(x, y)
				up := func(v uint8) uint16 { return uint16(uint(v) * (1<<c.bits - 1) / 255) }
				grey.SetGray16(x, y, color.Gray16{Y: up(p.G)})
				colour.SetNRGBA64(x, y, color.NRGBA64{R: up(p.R), G: up(p.G), B: up(p.B), A: 65535})
			}
		}
		for _, img := range []image.Image{grey, colour} {
			var p, tif bytes.Buffer
			if err := png.Encode(&p, img); err != nil {
				t.Fatal(err)
			}
			if err := tiff.Encode(&tif, img, nil); err != nil {
				t.Fatal(err)
			}
			for _, content := range [][]byte{p.Bytes(), tif.Bytes()} {
				f, err := Open(content)
				if err != nil {
					t.Fatal(err)
				}
				f.OwnBits = true
				got, err := f.Decode()
				if err != nil {
					t.Fatal(err)
				}
				_, eight := got.(*image.Gray)
				if _, ok := got.(*image.NRGBA); ok {
					eight = true
				}
				if eight != c.narrowed {
					t.Errorf("%T of %d bits in %s: %T", img, c.bits, f.Kind, got)
				}
				if _, grey := img.(*image.Gray16); c.narrowed && !grey {
					looksDrawn(t, string(f.Kind), got, 1)
				}
				f.OwnBits = false
				if got, err := f.Decode(); err != nil || bitsInUse(got) != uint8(c.bits) && c.narrowed {
					t.Errorf("%d bits, as stored: %T, %v", c.bits, got, err)
				}
			}
		}
	}
	if black := image.NewGray16(want.Rect); bitsInUse(black) != 0 {
		t.Error("black has bits")
	}
}
