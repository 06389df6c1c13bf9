package cutout

import (
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowOtsu tries every threshold by its definition.
func slowOtsu(m []uint8) (best float64, of func(t uint8) float64) {
	of = func(t uint8) float64 {
		var n, sum [2]float64
		for _, v := range m {
			k := 0
			if v > t {
				k = 1
			}
			n[k]++
			sum[k] += float64(v)
		}
		if n[0] == 0 || n[1] == 0 {
			return 0
		}
		d := sum[0]/n[0] - sum[1]/n[1]
		return n[0] * n[1] * d * d
	}
	for t := range 255 {
		best = max(best, of(uint8(t)))
	}
	return best, of
}

func TestOtsu(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 200; n += 7 {
		m := make([]uint8, n)
		for i := range m {
			m[i] = uint8(rng.IntN(80))
			if rng.IntN(3) == 0 {
				m[i] = uint8(150 + rng.IntN(100))
			}
		}
		best, of := slowOtsu(m)
		if got := of(Otsu(m)); best > 0 && got < best*(1-1e-12) {
			t.Errorf("%d values: threshold %d gives %g, the best is %g", n, Otsu(m), got, best)
		}
	}
	if got := Otsu([]uint8{0, 0, 255}); got != 127 {
		t.Errorf("threshold of black and white is %d, must be the middle, 127", got)
	}
	if got := Otsu([]uint8{9, 9}); got != 127 {
		t.Errorf("threshold of one value is %d, must be 127", got)
	}
}

func TestFindAndGrow(t *testing.T) {
	const w, h = 8, 6
	m := make([]uint8, w*h)
	for y := 2; y < 4; y++ {
		for x := 3; x < 7; x++ {
			m[y*w+x] = 200
		}
	}
	o := Find(m, w, h, 127)
	if o.Box != image.Rect(3, 2, 7, 4) || o.Area != 8.0/48 || o.Centre != [2]float64{5, 3} {
		t.Errorf("found %+v", o)
	}
	if got := Grow(o.Box, 0.25, w, h); got != image.Rect(2, 1, 8, 5) {
		t.Errorf("grown by a quarter: %v", got)
	}
	if none := Find(make([]uint8, w*h), w, h, 127); !none.Box.Empty() || none.Area != 0 || Grow(none.Box, 0.1, w, h) != image.Rect(0, 0, w, h) {
		t.Errorf("nothing there: %+v", none)
	}
}

func TestPictures(t *testing.T) {
	rgb := []uint8{10, 20, 30, 200, 100, 0}
	m := []uint8{255, 0}
	cut := Cut(rgb, m, 2, 1)
	if !slices.Equal(cut.Pix, []uint8{10, 20, 30, 255, 200, 100, 0, 0}) {
		t.Errorf("cut-out: %v", cut.Pix)
	}
	OnColour(cut, color.NRGBA{1, 2, 3, 255})
	if !slices.Equal(cut.Pix, []uint8{10, 20, 30, 255, 1, 2, 3, 255}) {
		t.Errorf("on a colour: %v", cut.Pix)
	}
	cut = Cut(rgb, m, 2, 1)
	green := image.NewNRGBA(image.Rect(5, 5, 25, 95))
	for i := 0; i < len(green.Pix); i += 4 {
		copy(green.Pix[i:], []uint8{0, 255, 0, 255})
	}
	if err := OnImage(cut, green); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cut.Pix, []uint8{10, 20, 30, 255, 0, 255, 0, 255}) {
		t.Errorf("on a picture: %v", cut.Pix)
	}
	if err := OnImage(cut, image.NewNRGBA(image.Rectangle{})); err == nil {
		t.Error("an empty background is accepted")
	}
	over := Overlay(rgb, m, 2, 1)
	if !slices.Equal(over.Pix[4:8], []uint8{200, 100, 0, 255}) || over.Pix[0] <= 10 {
		t.Errorf("laid over: %v", over.Pix)
	}
	dst := make([]uint8, 3)
	Threshold(dst, []uint8{127, 128, 255}, 127)
	if !slices.Equal(dst, []uint8{0, 255, 255}) {
		t.Errorf("mask: %v", dst)
	}
}

func TestParseColour(t *testing.T) {
	for s, want := range map[string]color.NRGBA{
		"#fff": {255, 255, 255, 255}, "#102030": {16, 32, 48, 255}, "white": {255, 255, 255, 255}, "#AbC": {170, 187, 204, 255},
	} {
		if got, err := ParseColour(s); err != nil || got != want {
			t.Errorf("%s is %v (%v), must be %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "#", "#12", "#12345g", "whitish", "123456", "#1234567"} {
		if _, err := ParseColour(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}
