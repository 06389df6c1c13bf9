package cutout

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// Cut returns the photo with the map as its alpha channel.
func Cut(rgb, m []uint8, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i, a := range m {
		copy(out.Pix[4*i:], rgb[3*i:3*i+3])
		out.Pix[4*i+3] = a
	}
	return out
}

// Photo returns the photo as an image.
func Photo(rgb []uint8, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(out.Pix[4*i:], rgb[3*i:3*i+3])
		out.Pix[4*i+3] = 255
	}
	return out
}

// OnColour puts a cut-out on one colour, in place: no pixel is transparent after.
func OnColour(cut *image.NRGBA, c color.NRGBA) {
	for i := 0; i < len(cut.Pix); i += 4 {
		blend(cut.Pix[i:i+4], [3]uint8{c.R, c.G, c.B})
	}
}

// OnImage puts a cut-out on another picture, in place: enlarged or reduced so that
// it covers the cut-out, its middle in the middle.
func OnImage(cut *image.NRGBA, behind image.Image) error {
	b, size := behind.Bounds(), cut.Bounds().Size()
	if b.Empty() || size.X == 0 || size.Y == 0 {
		return fmt.Errorf("cutout: background is %dx%d for a cut-out of %dx%d, must have pixels", b.Dx(), b.Dy(), size.X, size.Y)
	}
	from := b // the part of the background that has the cut-out's shape
	if b.Dx()*size.Y > b.Dy()*size.X {
		from.Min.X += (b.Dx() - b.Dy()*size.X/size.Y) / 2
		from.Max.X = from.Min.X + max(b.Dy()*size.X/size.Y, 1)
	} else {
		from.Min.Y += (b.Dy() - b.Dx()*size.Y/size.X) / 2
		from.Max.Y = from.Min.Y + max(b.Dx()*size.Y/size.X, 1)
	}
	scaled := image.NewNRGBA(cut.Bounds())
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), behind, from, draw.Src, nil)
	for i := 0; i < len(cut.Pix); i += 4 {
		blend(cut.Pix[i:i+4], [3]uint8{scaled.Pix[i], scaled.Pix[i+1], scaled.Pix[i+2]})
	}
	return nil
}

// blend lays a pixel with alpha over a colour, in place.
func blend(px []uint8, under [3]uint8) {
	a := int(px[3])
	for c, u := range under {
		px[c] = uint8((int(px[c])*a + int(u)*(255-a) + 127) / 255)
	}
	px[3] = 255
}

// Overlay returns the photo with the map laid over in red, half transparent where
// the map is white.
func Overlay(rgb, m []uint8, w, h int) *image.NRGBA {
	out := Photo(rgb, w, h)
	for i, v := range m {
		a := int(v) / 2
		for c, tint := range [3]int{255, 32, 32} {
			px := &out.Pix[4*i+c]
			*px = uint8((int(*px)*(255-a) + tint*a + 127) / 255)
		}
	}
	return out
}

// ParseColour reads #rgb, #rrggbb, white, black, grey, red, green or blue.
func ParseColour(s string) (color.NRGBA, error) {
	switch s {
	case "white":
		return color.NRGBA{255, 255, 255, 255}, nil
	case "black":
		return color.NRGBA{0, 0, 0, 255}, nil
	case "grey", "gray":
		return color.NRGBA{128, 128, 128, 255}, nil
	case "red":
		return color.NRGBA{255, 0, 0, 255}, nil
	case "green":
		return color.NRGBA{0, 128, 0, 255}, nil
	case "blue":
		return color.NRGBA{0, 0, 255, 255}, nil
	}
	c := color.NRGBA{A: 255}
	digits := []*uint8{&c.R, &c.G, &c.B}
	each := (len(s) - 1) / 3
	if len(s) == 0 || s[0] != '#' || len(s) != 4 && len(s) != 7 {
		return c, badColour(s)
	}
	for i, d := range digits {
		v := 0
		for _, r := range s[1+i*each:][:each] {
			n := hex(r)
			if n < 0 {
				return c, badColour(s)
			}
			v = v*16 + n
		}
		if each == 1 {
			v *= 17
		}
		*d = uint8(v)
	}
	return c, nil
}

func badColour(s string) error {
	return fmt.Errorf("cutout: colour is %q, must be #rrggbb, #rgb, white, black, grey, red, green or blue", s)
}

// hex is the value of a hexadecimal digit, -1 for anything else.
func hex(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= 'a' && r <= 'f':
		return int(r-'a') + 10
	case r >= 'A' && r <= 'F':
		return int(r-'A') + 10
	}
	return -1
}
