package page

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// Shrink gives the bytes that draw.CatmullRom does, of grey pictures and of opaque ones, whole
// and cut out of larger ones, flat ones and such as overshoot.
func TestShrinkAgainstDraw(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, size := range []image.Point{{400, 300}, {300, 400}, {241, 13}, {1000, 2}, {3000, 1}, {97, 777}, {482, 481}} {
		for _, levels := range []int{2, 256} {
			wide := image.Rect(-3, -2, size.X+5, size.Y+1)
			grey, rgba := image.NewGray(wide), image.NewRGBA(wide)
			for i := range grey.Pix {
				grey.Pix[i] = uint8(random.IntN(levels) * 255 / (levels - 1))
			}
			for i := range rgba.Pix {
				rgba.Pix[i] = uint8(random.IntN(levels) * 255 / (levels - 1))
				if i%4 == 3 {
					rgba.Pix[i] = 255
				}
			}
			glass := image.NewRGBA(wide)
			copy(glass.Pix, rgba.Pix)
			glass.SetRGBA(size.X/2, size.Y/2, color.RGBA{1, 2, 3, 100})
			part := image.Rectangle{Max: size}
			for _, img := range []image.Image{grey, rgba, grey.SubImage(part), rgba.SubImage(part), glass} {
				for _, longest := range []int{240, 13} {
					sameAsDraw(t, img, longest)
				}
			}
		}
	}
}

// sameAsDraw compares with the twin.
func sameAsDraw(t *testing.T, img image.Image, longest int) {
	t.Helper()
	got := Shrink(img, longest)
	var want draw.Image = image.NewRGBA(got.Bounds())
	var pix []uint8
	if g, grey := got.(*image.Gray); grey {
		want, pix = image.NewGray(g.Rect), g.Pix
	} else {
		pix = got.(*image.RGBA).Pix
	}
	draw.CatmullRom.Scale(want, want.Bounds(), img, img.Bounds(), draw.Src, nil)
	twin, ok := want.(*image.Gray)
	wanted := []uint8(nil)
	if ok {
		wanted = twin.Pix
	} else {
		wanted = want.(*image.RGBA).Pix
	}
	if max(got.Bounds().Dx(), got.Bounds().Dy()) != longest {
		t.Errorf("%v to %d: is %v", img.Bounds(), longest, got.Bounds())
	}
	for i, v := range pix {
		if v != wanted[i] {
			t.Fatalf("%T of %v to %d: byte %d is %d, draw makes it %d", img, img.Bounds(), longest, i, v, wanted[i])
		}
	}
}

func BenchmarkShrink(b *testing.B) {
	for _, c := range []struct {
		name string
		img  image.Image
	}{{"grey", image.NewGray(image.Rect(0, 0, 400, 300))}, {"photo", opaque(400, 300)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Shrink(c.img, 240)
			}
		})
		b.Run(c.name+" by draw", func(b *testing.B) {
			to := image.Rect(0, 0, 240, 180)
			for b.Loop() {
				var small draw.Image = image.NewRGBA(to)
				if _, grey := c.img.(*image.Gray); grey {
					small = image.NewGray(to)
				}
				draw.CatmullRom.Scale(small, to, c.img, c.img.Bounds(), draw.Src, nil)
			}
		})
	}
}

func opaque(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}
