package data

import (
	"fmt"
	"strconv"
	"strings"
)

// MaskKind names the part of a mask file that tells foreground from background.
type MaskKind string

// The kinds of masks. Auto is a wish, not a way to read: Open settles it.
const (
	MaskAuto  MaskKind = "auto"
	MaskLuma  MaskKind = "luma"  // grey levels, the coding of the field's protocols
	MaskAlpha MaskKind = "alpha" // the alpha channel of cut-outs
	MaskIndex MaskKind = "index" // class numbers or colours, of which 0 or black is background
	MaskColor MaskKind = "color" // one colour is foreground
)

// Coding says how the pixels of mask files become grey levels 0..255. The zero
// value is plain luma: ITU-R 601 grey, of 16 bits the upper 8.
type Coding struct {
	Kind   MaskKind // "" is luma
	Colour [3]uint8 // with color: the foreground's red, green and blue

	// What Open finds out; a wish leaves it 0.
	Top   uint8 // with luma: the level that becomes 255; 0 = 255
	Bits  uint8 // how many bits of 16-bit files are in use; 0 = 16
	Above uint8 // with index: levels, and the largest channels of colours, up to this are background
	Void  bool  // with index: number 255 is neither foreground nor background, 128
}

// ParseCoding reads a wish: auto, luma, alpha, index or color=#rrggbb.
func ParseCoding(s string) (Coding, error) {
	switch k := MaskKind(s); k {
	case MaskAuto, MaskLuma, MaskAlpha, MaskIndex:
		return Coding{Kind: k}, nil
	}
	hex, ok := strings.CutPrefix(s, string(MaskColor)+"=#")
	v, err := strconv.ParseUint(hex, 16, 24)
	if !ok || err != nil || len(hex) != 6 {
		return Coding{}, fmt.Errorf("data: mask coding %q, must be auto, luma, alpha, index or color=#rrggbb", s)
	}
	return Coding{Kind: MaskColor, Colour: [3]uint8{uint8(v >> 16), uint8(v >> 8), uint8(v)}}, nil
}

// String is what ParseCoding reads.
func (c Coding) String() string {
	switch c.Kind {
	case "":
		return string(MaskLuma)
	case MaskColor:
		return string(MaskColor) + "=" + hexColour(c.Colour)
	}
	return string(c.Kind)
}

func hexColour(c [3]uint8) string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// MarshalText writes a coding as String does.
func (c Coding) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Plain says whether masks are read as they always were.
func (c Coding) Plain() bool { return c == Coding{} || c == Coding{Kind: MaskLuma} }
