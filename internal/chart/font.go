package chart

import (
	"fmt"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// fonts are the faces that PNGs are written with, and that texts are measured with.
type fonts struct{ regular, bold font.Face }

// newFonts opens the faces at scale pixels a unit.
func newFonts(scale float64) (fonts, error) {
	var f fonts
	var err error
	if f.regular, err = face(goregular.TTF, scale); err == nil {
		f.bold, err = face(gobold.TTF, scale)
	}
	if err != nil {
		return f, fmt.Errorf("chart: the font in the program: %w", err)
	}
	return f, nil
}

func face(ttf []byte, scale float64) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize * scale, DPI: 72, Hinting: font.HintingNone})
}

// measure is a text's width in the units of the face.
func measure(f font.Face, text string) float64 {
	return float64(font.MeasureString(f, text)) / float64(fixed.I(1))
}

// fit cuts a text to the width, with an ellipsis.
func fit(f font.Face, text string, width float64) string {
	if measure(f, text) <= width {
		return text
	}
	r := []rune(text)
	for len(r) > 1 && measure(f, string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
