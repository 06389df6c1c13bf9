package data

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

const maskW, maskH, maskN = 96, 72, 10

// truth is where object i lies: an ellipse that keeps off the border.
func truth(i int) func(x, y int) bool {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	cx, cy := 30+36*r.Float64(), 26+20*r.Float64()
	rx, ry := 8+18*r.Float64(), 8+14*r.Float64()
	return func(x, y int) bool {
		return math.Hypot((float64(x)-cx)/rx, (float64(y)-cy)/ry) <= 1
	}
}

// paint draws a mask of two colours.
func paint(i int, object, ground color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, maskW, maskH))
	in := truth(i)
	for y := range maskH {
		for x := range maskW {
			c := ground
			if in(x, y) {
				c = object
			}
			m.Set(x, y, c)
		}
	}
	return m
}

// greys draws a mask of two grey levels.
func greys(i int, object, ground uint8) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, maskW, maskH))
	in := truth(i)
	for p := range m.Pix {
		m.Pix[p] = ground
		if in(p%maskW, p/maskW) {
			m.Pix[p] = object
		}
	}
	return m
}

func greys16(i int, object uint16) *image.Gray16 {
	m := image.NewGray16(image.Rect(0, 0, maskW, maskH))
	in := truth(i)
	for y := range maskH {
		for x := range maskW {
			if in(x, y) {
				m.SetGray16(x, y, color.Gray16{Y: object})
			}
		}
	}
	return m
}

// numbered draws a mask of palette numbers: object with a line of void around it.
func numbered(i int, p color.Palette, object, void uint8) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, maskW, maskH), p)
	in := truth(i)
	for y := 1; y < maskH-1; y++ {
		for x := 1; x < maskW-1; x++ {
			rim := in(x-1, y) || in(x+1, y) || in(x, y-1) || in(x, y+1)
			if in(x, y) {
				m.Pix[y*maskW+x] = object
			} else if rim {
				m.Pix[y*maskW+x] = void
			}
		}
	}
	return m
}

// vocPalette is the palette of PASCAL VOC: the bits of the number dealt out to the
// upper bits of red, green and blue.
func vocPalette() color.Palette {
	p := make(color.Palette, 256)
	for n := range p {
		var c [3]uint8
		for k, v := 0, n; k < 8; k, v = k+1, v>>3 {
			for ch := range 3 {
				c[ch] |= uint8(v>>ch&1) << (7 - k)
			}
		}
		p[n] = color.RGBA{c[0], c[1], c[2], 255}
	}
	return p
}

// scene is a photo of object i: noise, brighter on the object.
func scene(i int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, maskW, maskH))
	in, r := truth(i), rand.New(rand.NewPCG(uint64(i), 9))
	for y := range maskH {
		for x := range maskW {
			base := [3]int{40, 50, 60}
			if in(x, y) {
				base = [3]int{190, 120, 150}
			}
			m.Set(x, y, color.NRGBA{uint8(base[0] + r.IntN(40)), uint8(base[1] + r.IntN(40)), uint8(base[2] + r.IntN(40)), 255})
		}
	}
	return m
}

// cutOut is a photo with the mask in its alpha channel; soft fades the edge.
func cutOut(i int, soft bool) *image.NRGBA {
	m, in := scene(i), truth(i)
	for y := range maskH {
		for x := range maskW {
			near := 0
			for _, d := range [][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				if in(x+d[0], y+d[1]) {
					near++
				}
			}
			a := uint8(255 * near / 5)
			if !soft {
				a = 0
				if in(x, y) {
					a = 255
				}
			}
			m.Pix[m.PixOffset(x, y)+3] = a
		}
	}
	return m
}

func greyOf(img image.Image) *image.Gray {
	g := image.NewGray(img.Bounds())
	for y := range maskH {
		for x := range maskW {
			g.Set(x, y, img.At(x, y))
		}
	}
	return g
}

func jpegAt(t *testing.T, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// maskSet writes a set of masks of one kind, with photos beside them.
func maskSet(t *testing.T, draw func(i int) []byte) (string, []Pair) {
	t.Helper()
	dir := t.TempDir()
	for i := range maskN {
		content, ending := draw(i), ".png"
		if bytes.HasPrefix(content, []byte(jpegMagic)) {
			ending = ".jpg"
		}
		write(t, filepath.Join(dir, "masks", fmt.Sprintf("%02d%s", i, ending)), content)
		write(t, filepath.Join(dir, "images", fmt.Sprintf("%02d.png", i)), pngBytes(t, scene(i)))
	}
	s, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, s.Pairs
}

// overlap is intersection over union of a read mask and the truth.
func overlap(m *Mask, i int) float64 {
	in := truth(i)
	both, any := 0, 0
	for y := range maskH {
		for x := range maskW {
			a, b := m.Pix[y*maskW+x] > 128, in(x, y)
			if a && b {
				both++
			}
			if a || b {
				any++
			}
		}
	}
	return float64(both) / float64(max(any, 1))
}

// TestMaskCodings: masks of every kind that people have are recognised over their
// set and read as what they mean, or refused with the readings they allow. None is
// misread. These are 47 kinds of 10 files each.
func TestMaskCodings(t *testing.T) {
	black, white := color.Gray{}, color.Gray{Y: 255}
	red, green, blue := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 160, 0, 255}, color.NRGBA{0, 0, 255, 255}
	voc := vocPalette()
	pick := func(i int, of ...image.Image) image.Image { return of[i%len(of)] }
	p := func(draw func(i int) image.Image) func(int) []byte {
		return func(i int) []byte { return pngBytes(t, draw(i)) }
	}
	j := func(quality int, draw func(i int) image.Image) func(int) []byte {
		return func(i int) []byte { return jpegAt(t, draw(i), quality) }
	}
	kinds := map[string]struct {
		draw func(i int) []byte
		want string   // the coding, or "" when refused
		say  []string // in the reason or the refusal
	}{
		"0 and 255":           {p(func(i int) image.Image { return greys(i, 255, 0) }), "luma", []string{"10 of 10", "above 128"}},
		"RGB greys":           {p(func(i int) image.Image { return paint(i, white, black) }), "luma", nil},
		"palette black white": {p(func(i int) image.Image { return numbered(i, color.Palette{black, white}, 1, 0) }), "luma", nil},
		"palette white first": {p(func(i int) image.Image { return whiteFirst(i) }), "luma", nil},
		"JPEG":                {j(75, func(i int) image.Image { return greys(i, 255, 0) }), "luma", nil},
		"JPEG, coloured kind": {j(75, func(i int) image.Image { return paint(i, white, black) }), "luma", nil},
		"16 bits":             {p(func(i int) image.Image { return greys16(i, 65535) }), "luma", nil},
		"graded":              {p(func(i int) image.Image { return greys(i, uint8(140+10*i), 0) }), "luma", nil},
		"0 and 1":             {p(func(i int) image.Image { return greys(i, 1, 0) }), "index", []string{"0 and 1", "10 of 10"}},
		"0 and 1 in RGB":      {p(func(i int) image.Image { return paint(i, color.Gray{Y: 1}, black) }), "index", nil},
		"0 and 1 in 16 bits":  {p(func(i int) image.Image { return greys16(i, 1) }), "index", nil},
		"classes 0 to 20":     {p(func(i int) image.Image { return greys(i, uint8(2*i+1), 0) }), "index", []string{"0, 1, 3, 5"}},
		"0 and 128":           {p(func(i int) image.Image { return greys(i, 128, 0) }), "luma", []string{"0 and 128"}},
		"JPEG of 0 and 128":   {j(75, func(i int) image.Image { return greys(i, 128, 0) }), "luma", []string{"two levels"}},
		"0 and 90":            {p(func(i int) image.Image { return greys(i, 90, 0) }), "luma", []string{"0 and 90"}},
		"255 in 16 bits":      {p(func(i int) image.Image { return greys16(i, 255) }), "luma", []string{"of 16 bits 8"}},
		"1023 in 16 bits":     {p(func(i int) image.Image { return greys16(i, 1023) }), "luma", []string{"of 16 bits 10"}},
		"4095 in 16 bits":     {p(func(i int) image.Image { return greys16(i, 4095) }), "luma", []string{"of 16 bits 12"}},
		"red":                 {p(func(i int) image.Image { return paint(i, red, black) }), "index", []string{"#ff0000", "black"}},
		"red in JPEG":         {j(90, func(i int) image.Image { return paint(i, red, black) }), "index", []string{"on black"}},
		"red, green and blue": {p(func(i int) image.Image {
			return pick(i, paint(i, red, black), paint(i, green, black), paint(i, blue, black))
		}), "index", nil},
		"red and white":         {p(func(i int) image.Image { return pick(i, paint(i, red, black), paint(i, white, black)) }), "index", nil},
		"VOC palette":           {p(func(i int) image.Image { return numbered(i, voc, uint8(i+1), 255) }), "index", []string{"palette", "void"}},
		"VOC palette, no void":  {p(func(i int) image.Image { return numbered(i, voc, uint8(i+1), 0) }), "index", []string{"every number but 0"}},
		"VOC colours":           {p(func(i int) image.Image { return rgbOf(numbered(i, voc, uint8(i+1), 255)) }), "index", nil},
		"cut-outs":              {p(func(i int) image.Image { return cutOut(i, false) }), "alpha", []string{"alpha channel"}},
		"soft cut-outs":         {p(func(i int) image.Image { return cutOut(i, true) }), "alpha", nil},
		"white with alpha":      {p(func(i int) image.Image { return paint(i, white, color.NRGBA{255, 255, 255, 0}) }), "alpha", nil},
		"black with alpha":      {p(func(i int) image.Image { return paint(i, black, color.NRGBA{}) }), "alpha", nil},
		"alpha like the luma":   {p(func(i int) image.Image { return paint(i, white, color.NRGBA{0, 0, 0, 0}) }), "luma", nil},
		"inverted":              {p(func(i int) image.Image { return greys(i, 0, 255) }), "color=#000000", []string{"dark objects on light"}},
		"inverted JPEG":         {j(75, func(i int) image.Image { return greys(i, 0, 255) }), "color=#000000", nil},
		"every other inverted":  {p(func(i int) image.Image { return greys(i, uint8(255*(1-i%2)), uint8(255*(i%2))) }), "", []string{"5 light objects", "5 dark objects", "luma", "color=#000000"}},
		"photos":                {p(func(i int) image.Image { return scene(i) }), "", []string{"10 of 10", "photos", "swapped"}},
		"photos in JPEG":        {j(90, func(i int) image.Image { return scene(i) }), "", []string{"photos"}},
		"grey photos":           {p(func(i int) image.Image { return greyOf(scene(i)) }), "", []string{"photos"}},
		"photos and masks":      {p(func(i int) image.Image { return pick(i, scene(i), greys(i, 255, 0)) }), "", []string{"5 light", "5 photos"}},
		"0, 1 and 255":          {p(func(i int) image.Image { return classAndVoid(i) }), "", []string{"index", "luma", "void"}},
		"0, 60 and 120":         {p(func(i int) image.Image { return greys(i, uint8(60+60*(i%2)), 0) }), "", []string{"0, 60, 120", "index", "color=#"}},
		"0 and 1 in JPEG":       {j(100, func(i int) image.Image { return greys(i, 3, 0) }), "", []string{"is one level", "masks"}},
		"0/1 and 0/255":         {p(func(i int) image.Image { return greys(i, []uint8{1, 255}[i%2], 0) }), "", []string{"5 light", "5 grey with nothing above 128"}},
		"red on green":          {p(func(i int) image.Image { return paint(i, red, green) }), "", []string{"color=#00a000", "color=#ff0000"}},
		"blue on white":         {p(func(i int) image.Image { return paint(i, blue, white) }), "", []string{"color=#ffffff", "color=#0000ff"}},
		"black on red":          {p(func(i int) image.Image { return paint(i, black, red) }), "", []string{"color=#ff0000", "color=#000000"}},
		"luma against alpha":    {p(func(i int) image.Image { return contrary(i) }), "", []string{"luma", "alpha"}},
		"cut-outs and masks":    {p(func(i int) image.Image { return pick(i, cutOut(i, false), greys(i, 255, 0)) }), "", []string{"5 cut-outs"}},
		"60 and 200, no ground": {p(func(i int) image.Image { return greys(i, 200, 60) }), "", []string{"luma"}},
	}
	t.Logf("%d kinds of masks, %d files", len(kinds), maskN*len(kinds))
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			_, pairs := maskSet(t, c.draw)
			in, err := Inspect(context.Background(), pairs, InspectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			text := in.Masks.Why
			if c.want == "" {
				if in.MaskErr == nil {
					if name == "0 and 1 in JPEG" && in.Masks.Blank() != nil {
						return // nothing is left of them
					}
					t.Fatalf("read as %s: %s", in.Masks.Coding, in.Masks.Why)
				}
				text = in.MaskErr.Error()
			} else if in.MaskErr != nil || in.Masks.Coding.String() != c.want {
				t.Fatalf("read as %s: %s; %v", in.Masks.Coding, in.Masks.Why, in.MaskErr)
			}
			for _, w := range c.say {
				if !strings.Contains(text, w) {
					t.Errorf("says %q, must say %q", text, w)
				}
			}
			if c.want == "" {
				return
			}
			for i, pair := range in.Pairs {
				_, mask, _, err := ReadPair(pair)
				if err != nil {
					t.Fatal(err)
				}
				if o := overlap(mask, i); o < 0.95 {
					t.Errorf("%s: overlap with the truth %.3f", pair.Mask, o)
				}
			}
			if in.Masks.Empty+in.Masks.Full != 0 || in.Masks.Count != maskN {
				t.Errorf("%+v", in.Masks)
			}
		})
	}
}

// whiteFirst is a black and white palette whose number 0 is white, as tools write
// it that sort colours.
func whiteFirst(i int) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, maskW, maskH), color.Palette{color.Gray{Y: 255}, color.Gray{}})
	in := truth(i)
	for p := range m.Pix {
		if !in(p%maskW, p/maskW) {
			m.Pix[p] = 1
		}
	}
	return m
}

// rgbOf is a picture without its palette.
func rgbOf(img image.Image) *image.NRGBA {
	m := image.NewNRGBA(img.Bounds())
	for y := range maskH {
		for x := range maskW {
			m.Set(x, y, img.At(x, y))
		}
	}
	return m
}

// classAndVoid is class 1 with a line of 255 around it.
func classAndVoid(i int) *image.Gray {
	v := numbered(i, vocPalette(), 1, 255)
	return &image.Gray{Pix: v.Pix, Stride: v.Stride, Rect: v.Rect}
}

// contrary is a mask in grey and another one in alpha.
func contrary(i int) *image.NRGBA {
	m, other := paint(i, color.Gray{Y: 255}, color.Gray{}), truth(i+100)
	for y := range maskH {
		for x := range maskW {
			if !other(x, y) {
				m.Pix[m.PixOffset(x, y)+3] = 0
			}
		}
	}
	return m
}
