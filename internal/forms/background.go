package forms

import (
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/draw"
)

// ParseColour reads #rgb, #rrggbb or the name of a common colour.
func ParseColour(s string) (color.NRGBA, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	switch name {
	case "white":
		name = "#ffffff"
	case "black":
		name = "#000000"
	case "grey", "gray":
		name = "#808080"
	case "red":
		name = "#ff0000"
	case "green":
		name = "#00ff00"
	case "blue":
		name = "#0000ff"
	case "yellow":
		name = "#ffff00"
	case "magenta":
		name = "#ff00ff"
	case "cyan":
		name = "#00ffff"
	}
	digits, ok := strings.CutPrefix(name, "#")
	if len(digits) == 3 {
		digits = digits[:1] + digits[:1] + digits[1:2] + digits[1:2] + digits[2:] + digits[2:]
	}
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != 3 {
		return color.NRGBA{}, fmt.Errorf("%q is no colour: #rgb, #rrggbb, or white, black, grey, red, green, blue, yellow, magenta, cyan", s)
	}
	return color.NRGBA{b[0], b[1], b[2], 255}, nil
}

// Cover scales a picture so that it covers w x h pixels, its middle in the middle;
// nil stands for a plain colour.
func Cover(img image.Image, plain color.NRGBA, w, h int) image.Image {
	if img == nil {
		return &uniform{plain, image.Rect(0, 0, w, h)}
	}
	b := img.Bounds()
	// The part of img of the same shape.
	pw, ph := b.Dx(), b.Dx()*h/w
	if ph > b.Dy() {
		pw, ph = b.Dy()*w/h, b.Dy()
	}
	pw, ph = max(pw, 1), max(ph, 1)
	part := image.Rect(0, 0, pw, ph).Add(b.Min).Add(image.Pt((b.Dx()-pw)/2, (b.Dy()-ph)/2))
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Rect, img, part, draw.Src, nil)
	return out
}

// uniform is a picture of one colour.
type uniform struct {
	c color.NRGBA
	r image.Rectangle
}

func (u *uniform) ColorModel() color.Model { return color.NRGBAModel }
func (u *uniform) Bounds() image.Rectangle { return u.r }
func (u *uniform) At(int, int) color.Color { return u.c }
