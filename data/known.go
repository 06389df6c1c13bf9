package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"os"

	"csnet/internal/imagefile"
	"csnet/internal/wholefile"
)

// Known remembers what the files of a set showed when they were decoded, by the
// SHA-256 of their bytes. A set that is inspected with it again is read as a whole,
// but only files whose bytes are not known are decoded. Files that could not be
// decoded, and masks of 16 bits, are not remembered. The zero value knows nothing.
type Known struct {
	Photos map[Sum]knownPhoto
	Masks  map[Sum]knownMask

	changed bool
}

// knownPhoto is what decoding a photo showed.
type knownPhoto struct {
	W, H, Orientation int // as stored, and EXIF 1..8
	Wide              int // largest 16-bit sample, 0 for 8-bit files
	Kind              imagefile.Kind
	Pixels            Sum
}

// knownMask is what decoding a mask showed.
type knownMask struct {
	W, H           int // as it is seen
	JPEG           bool
	Levels         [256]uint32
	Chroma         float64
	Shades         []knownShade
	Flat, FlatInk  float64
	Paletted       bool
	ZeroBlack      bool
	VoidNumber     bool
	Luma           [2]float64 // share of all pixels and of those on the border
	Ink, Alpha     [2]float64
	Cut            bool
	Agree          float64
	Read           Coding  // how it was read last, where that is not plain
	ReadForeground float64 // share of foreground so read
}

// knownShade is a main colour of a mask and its share of the pixels.
type knownShade struct {
	Colour [3]uint8
	Share  float64
}

// knownHead begins a file of LoadKnown. Its number changes with what is remembered.
const knownHead = "csnet known pictures 1\n"

// LoadKnown reads what Save wrote for the same program, which is any text that
// changes where pictures may be decoded otherwise. A file that is not there, is
// damaged or was written by another program is no error: nothing is known then.
func LoadKnown(path, program string) *Known {
	k := &Known{}
	raw, err := os.ReadFile(path)
	if err != nil {
		return k
	}
	body, ok := bytes.CutPrefix(raw, knownSum(program, nil))
	if !ok || len(body) < sha256.Size {
		return k
	}
	sum, body := body[:sha256.Size], body[sha256.Size:]
	if is := sha256.Sum256(body); !bytes.Equal(sum, is[:]) {
		return k
	}
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(k); err != nil {
		return &Known{}
	}
	return k
}

// knownSum is the beginning of a file and the hash of its body.
func knownSum(program string, body []byte) []byte {
	out := append([]byte(knownHead), fmt.Sprintf("%q\n", program)...)
	if body == nil {
		return out
	}
	sum := sha256.Sum256(body)
	return append(out, sum[:]...)
}

// Save writes what is known to the file at path, whole or not at all; the disk is not
// waited for.
func (k *Known) Save(path, program string) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(k); err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	if err := wholefile.SoonBytes(path, append(knownSum(program, body.Bytes()), body.Bytes()...)); err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	return nil
}

// known is what is remembered of a look.
func (l *look) known() knownMask {
	m := knownMask{
		W: l.w, H: l.h, JPEG: l.jpeg, Levels: l.levels, Chroma: l.chroma, Flat: l.flat, FlatInk: l.flatInk,
		Paletted: l.paletted, ZeroBlack: l.zeroBlack, VoidNumber: l.voidNumber, Cut: l.cut, Agree: l.agree,
		Luma: l.luma.pair(), Ink: l.ink.pair(), Alpha: l.alpha.pair(),
	}
	for _, s := range l.shades {
		m.Shades = append(m.Shades, knownShade{s.colour, s.share})
	}
	return m
}

func (m *knownMask) look() look {
	l := look{
		w: m.W, h: m.H, jpeg: m.JPEG, levels: m.Levels, chroma: m.Chroma, flat: m.Flat, flatInk: m.FlatInk,
		paletted: m.Paletted, zeroBlack: m.ZeroBlack, voidNumber: m.VoidNumber, cut: m.Cut, agree: m.Agree,
		luma: area{m.Luma[0], m.Luma[1]}, ink: area{m.Ink[0], m.Ink[1]}, alpha: area{m.Alpha[0], m.Alpha[1]},
	}
	for _, s := range m.Shades {
		l.shades = append(l.shades, shade{s.Colour, s.Share})
	}
	return l
}

func (a area) pair() [2]float64 { return [2]float64{a.share, a.border} }
