package imagefile

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// TestUprightImage turns every kind as Turn turns its RGB.
func TestUprightImage(t *testing.T) {
	for _, size := range [][2]int{{12, 8}, {7, 5}} {
		src := scene(size[0], size[1])
		src.SetNRGBA(2, 1, color.NRGBA{9, 8, 7, 100})
		kinds := []image.Image{src, image.NewGray(src.Rect), image.NewRGBA(src.Rect), image.NewCMYK(src.Rect)}
		for _, k := range kinds[1:] {
			draw.Draw(k.(draw.Image), src.Rect, src, image.Point{}, draw.Src)
		}
		for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
			m := image.NewYCbCr(image.Rect(0, 0, size[0]+8, size[1]+8), ratio)
			for i := range m.Y {
				m.Y[i] = uint8(i * 37)
			}
			for i := range m.Cb {
				m.Cb[i], m.Cr[i] = uint8(i*101), uint8(i*59)
			}
			kinds = append(kinds, m.SubImage(image.Rect(4, 4, 4+size[0], 4+size[1])))
		}
		for _, img := range kinds {
			w, h := size[0], size[1]
			rgb, alpha := make([]uint8, 3*w*h), make([]uint8, w*h)
			RGB(rgb, img)
			for y := range h {
				NewRows(img).Alpha(alpha[y*w:(y+1)*w], y)
			}
			for o := 1; o <= 8; o++ {
				turned := UprightImage(img, o)
				want, wantAlpha := make([]uint8, len(rgb)), make([]uint8, len(alpha))
				Turn(want, rgb, w, h, 3, o)
				Turn(wantAlpha, alpha, w, h, 1, o)
				got, gotAlpha := make([]uint8, len(rgb)), make([]uint8, len(alpha))
				RGB(got, turned)
				b := turned.Bounds()
				for y := range b.Dy() {
					NewRows(turned).Alpha(gotAlpha[y*b.Dx():(y+1)*b.Dx()], y)
				}
				if sideways := b.Dx() == h; w != h && sideways != (o >= 5) || string(got) != string(want) || string(gotAlpha) != string(wantAlpha) {
					t.Errorf("%T %v, orientation %d: %v, pixels %v, alpha %v", img, size, o, b, string(got) == string(want), string(gotAlpha) == string(wantAlpha))
				}
			}
		}
	}
}
