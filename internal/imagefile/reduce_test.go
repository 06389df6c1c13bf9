package imagefile

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"
)

// scene is a picture with edges and slopes.
func scene(w, h int) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := 120 + 60*math.Sin(float64(x)/17)*math.Cos(float64(y)/11) + float64(r.IntN(20))
			m.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(60 + 120*x/w), uint8(100 + 50*((x/23+y/31)%2)), 255})
		}
	}
	return m
}

// meanOver is what area computes, in the plainest way: every output pixel the
// mean of the source over the rectangle that it covers.
func meanOver(img image.Image, x0, y0, x1, y1 float64, c int) float64 {
	sum, weight := 0.0, 0.0
	for y := int(y0); float64(y) < y1; y++ {
		for x := int(x0); float64(x) < x1; x++ {
			w := (min(x1, float64(x+1)) - max(x0, float64(x))) * (min(y1, float64(y+1)) - max(y0, float64(y)))
			p := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			sum, weight = sum+w*float64([]uint8{p.R, p.G, p.B}[c]), weight+w
		}
	}
	return sum / weight
}

func TestReduce(t *testing.T) {
	for _, c := range [][3]int{{64, 48, 32}, {50, 37, 32}, {33, 90, 32}, {100, 1, 32}, {3, 200, 32}, {41, 40, 40}, {32, 32, 32}, {5, 9, 32}} {
		img := scene(c[0], c[1])
		pix, w, h := Reduce(img, c[2])
		if long := max(c[0], c[1]); max(w, h) != min(long, c[2]) {
			t.Fatalf("%v: %dx%d", c, w, h)
		}
		sx, sy := float64(c[0])/float64(w), float64(c[1])/float64(h)
		for i, v := range pix {
			x, y := float64(i/3%w), float64(i/3/w)
			if want := meanOver(img, x*sx, y*sy, (x+1)*sx, (y+1)*sy, i%3); math.Abs(want-float64(v)) > 0.52 {
				t.Fatalf("%v to %dx%d, value %d: %d, the mean is %.3f", c, w, h, i, v, want)
			}
		}
	}
	white := image.NewGray(image.Rect(0, 0, 777, 333))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	if pix, _, _ := Reduce(white, 100); bytes.ContainsFunc(pix, func(r rune) bool { return r != 0xfffd }) {
		t.Error("white does not stay white")
	}
}

// TestArea: a grey picture is reduced as each colour of it is, and those as Reduce does it.
func TestArea(t *testing.T) {
	for _, c := range [][3]int{{64, 48, 32}, {50, 37, 32}, {33, 90, 32}, {100, 1, 32}, {3, 200, 32}, {32, 32, 32}} {
		grey := image.NewGray(image.Rect(0, 0, c[0], c[1]))
		draw.Draw(grey, grey.Rect, scene(c[0], c[1]), image.Point{}, draw.Src)
		want, w, h := Reduce(grey, c[2])
		rgb := make([]uint8, 3*len(grey.Pix))
		RGB(rgb, grey)
		one, three := make([]uint8, w*h), make([]uint8, 3*w*h)
		Area(one, w, h, 1, grey.Pix, c[0], c[1])
		Area(three, w, h, 3, rgb, c[0], c[1])
		if !bytes.Equal(three, want) {
			t.Errorf("%v: colours are others than those of Reduce", c)
		}
		for i, v := range one {
			if v != want[3*i] {
				t.Fatalf("%v: grey pixel %d is %d, want %d", c, i, v, want[3*i])
			}
		}
	}
}

// TestReducedJPEG: decoding at a reduced scale first makes no difference but for
// rounding and the clipping of single pixels.
func TestReducedJPEG(t *testing.T) {
	for _, size := range [][2]int{{480, 360}, {240, 128}, {960, 720}, {40, 480}, {120, 600}, {97, 333}} {
		img := scene(size[0], size[1])
		var j, p bytes.Buffer
		if err := jpeg.Encode(&j, img, &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		back, err := jpeg.Decode(bytes.NewReader(j.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(&p, back); err != nil {
			t.Fatal(err)
		}
		got, w, h := reduced(t, j.Bytes(), 60)
		want, w2, h2 := reduced(t, p.Bytes(), 60)
		if w != w2 || h != h2 || max(w, h) != 60 {
			t.Fatalf("%v: %dx%d and %dx%d", size, w, h, w2, h2)
		}
		sum, worst := 0.0, 0.0
		for i := range got {
			d := math.Abs(float64(got[i]) - float64(want[i]))
			sum, worst = sum+d, max(worst, d)
		}
		if mean := sum / float64(len(got)); mean > 1 || worst > 12 {
			t.Errorf("%v: off by %.2f on average, %.0f at most", size, mean, worst)
		}
	}
}

func reduced(t *testing.T, file []byte, side int) ([]uint8, int, int) {
	t.Helper()
	f, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	pix, w, h, err := f.Reduced(side)
	if err != nil {
		t.Fatal(err)
	}
	return pix, w, h
}

// TestReducedTurns: what is reduced is seen upright.
func TestReducedTurns(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(160, 90), nil); err != nil {
		t.Fatal(err)
	}
	plain, w, h := reduced(t, b.Bytes(), 40)
	for o := 1; o <= 8; o++ {
		got, gw, gh := reduced(t, withExif(b.Bytes(), exifBlock(binary.BigEndian, o)), 40)
		want := make([]uint8, len(plain))
		Turn(want, plain, w, h, 3, o)
		if swapped := gw == h && gh == w; swapped != (o >= 5) || !bytes.Equal(got, want) {
			t.Errorf("orientation %d: %dx%d", o, gw, gh)
		}
	}
}

func BenchmarkReduced(b *testing.B) {
	var j bytes.Buffer
	if err := jpeg.Encode(&j, scene(4000, 3000), &jpeg.Options{Quality: 92}); err != nil {
		b.Fatal(err)
	}
	f, err := Open(j.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, _, err := f.Reduced(400); err != nil {
			b.Fatal(err)
		}
	}
}
