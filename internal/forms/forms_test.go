package forms

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"csnet/internal/imagefile"
)

// scene is a photo of 4x3 pixels and a map of it.
func scene() (*image.NRGBA, Map) {
	img, m := image.NewNRGBA(image.Rect(0, 0, 4, 3)), Map{4, 3, make([]uint8, 12)}
	for i := range 12 {
		copy(img.Pix[4*i:], []uint8{uint8(20 * i), 100, uint8(255 - 20*i), 255})
	}
	img.Pix[4*6+3] = 128 // half transparent
	copy(m.Pix, []uint8{0, 0, 0, 0, 0, 255, 255, 10, 0, 200, 100, 0})
	return img, m
}

func TestForms(t *testing.T) {
	img, m := scene()
	rows := func() *imagefile.Rows { return imagefile.NewRows(img) }
	at := func(r Raster, x, y int) color.NRGBA {
		return color.NRGBAModel.Convert(r.Image().At(x, y)).(color.NRGBA)
	}
	if g := m.Grey().Image().(*image.Gray); !slices.Equal(g.Pix, m.Pix) {
		t.Error("map", g.Pix)
	}
	if g := m.Mask(100).Image().(*image.Gray); !slices.Equal(g.Pix, []uint8{0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 0, 0}) {
		t.Error("mask", g.Pix)
	}
	if m.Mask(255).Image().(*image.Gray).Pix[5] != 0 {
		t.Error("something is above 255")
	}
	cut := CutOut(rows(), m)
	for _, c := range []struct {
		x, y int
		want color.NRGBA
	}{{1, 1, color.NRGBA{100, 100, 155, 255}}, {2, 1, color.NRGBA{120, 100, 135, 128}}, {1, 2, color.NRGBA{180, 100, 75, 200}}, {0, 0, color.NRGBA{0, 100, 255, 0}}} {
		if got := at(cut, c.x, c.y); got != c.want {
			t.Errorf("cut-out at %d,%d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	on := On(CutOut(rows(), m), imagefile.NewRows(Cover(nil, color.NRGBA{10, 20, 30, 255}, 4, 3)))
	if got, got2 := at(on, 0, 0), at(on, 1, 1); got != (color.NRGBA{10, 20, 30, 255}) || got2 != (color.NRGBA{100, 100, 155, 255}) {
		t.Error("on a colour:", got, got2)
	}
	over := Overlay(rows(), m, color.NRGBA{255, 0, 0, 255})
	if got, got2 := at(over, 0, 0), at(over, 1, 1); got != (color.NRGBA{0, 100, 255, 255}) || got2.R < 170 || got2.G > 51 {
		t.Error("overlay:", got, got2)
	}
	crop := Crop(rows(), 4, image.Rect(1, 1, 3, 3)).Image()
	if got := color.NRGBAModel.Convert(crop.At(1, 1)); crop.Bounds() != image.Rect(0, 0, 2, 2) || got != (color.NRGBA{200, 100, 55, 255}) {
		t.Error("crop:", crop.Bounds(), got)
	}
}

func TestOtsu(t *testing.T) {
	m := Map{100, 1, make([]uint8, 100)}
	for i := range m.Pix {
		m.Pix[i] = uint8(20 + i%7)
		if i >= 70 {
			m.Pix[i] = uint8(180 + i%9)
		}
	}
	if o := m.Otsu(); o < 26 || o >= 180 {
		t.Errorf("threshold %d", o)
	}
	for _, v := range []uint8{0, 7, 255} {
		if o := (Map{2, 1, []uint8{v, v}}).Otsu(); o != 127 {
			t.Errorf("one level %d: threshold %d", v, o)
		}
	}
}

func TestMeasure(t *testing.T) {
	_, m := scene()
	f := m.Measure(100)
	sum := 255 + 255 + 10 + 200 + 100
	if math.Abs(f.Mean-float64(sum)/255/12) > 1e-9 || f.Area != 3.0/12 || f.Box != image.Rect(1, 1, 3, 3) {
		t.Errorf("%+v", f)
	}
	if x := float64(255*1+255*2+10*3+200*1+100*2)/float64(sum) + 0.5; math.Abs(f.CentreX-x) > 1e-9 {
		t.Errorf("centre %g, want %g", f.CentreX, x)
	}
	empty := Map{4, 2, make([]uint8, 8)}.Measure(127)
	if !empty.Box.Empty() || empty.CentreX != 2 || empty.CentreY != 1 || empty.Mean != 0 {
		t.Errorf("empty: %+v", empty)
	}
	if r := Around(f.Box, 0.5, 4, 3); r != image.Rect(0, 0, 4, 3) {
		t.Error(r)
	}
	if r := Around(image.Rect(10, 10, 30, 20), 0.1, 100, 100); r != image.Rect(8, 8, 32, 22) {
		t.Error(r)
	}
	if r := Around(image.Rectangle{}, 0.1, 7, 5); r != image.Rect(0, 0, 7, 5) {
		t.Error(r)
	}
}

func TestBackground(t *testing.T) {
	for s, want := range map[string]color.NRGBA{"#fff": {255, 255, 255, 255}, "#1a2B3c": {26, 43, 60, 255}, "Black": {0, 0, 0, 255}, " grey": {128, 128, 128, 255}} {
		if c, err := ParseColour(s); err != nil || c != want {
			t.Errorf("%s: %v, %v", s, c, err)
		}
	}
	for _, s := range []string{"", "#", "#12", "#12345", "#gggggg", "photo.jpg", "ffffff"} {
		if _, err := ParseColour(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
	img, _ := scene()
	for _, size := range [][2]int{{8, 6}, {2, 9}, {300, 1}, {1, 1}} {
		if b := Cover(img, color.NRGBA{}, size[0], size[1]).Bounds(); b != image.Rect(0, 0, size[0], size[1]) {
			t.Errorf("%v: %v", size, b)
		}
	}
}
