package pngfile

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"
)

// TestEncode: image/png reads back every sample, for all kinds and odd sizes.
func TestEncode(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var e Encoder
	for _, size := range [][2]int{{1, 1}, {3, 5}, {64, 40}, {333, 7}, {5, 3000}, {1200, 300}} {
		for _, channels := range []int{1, 3, 4} {
			for _, bits := range []int{8, 16} {
				h := Header{W: size[0], H: size[1], Channels: channels, Bits: bits, Profile: bytes.Repeat([]byte("profile"), 40)}
				n := h.W * channels * bits / 8
				pix := make([]byte, n*h.H)
				for i := range pix {
					if smooth := i / n % 3; smooth > 0 {
						pix[i] = byte(i%n/9 + smooth)
					} else {
						pix[i] = byte(r.IntN(256))
					}
				}
				var b bytes.Buffer
				if err := e.Encode(&b, h, func(dst []byte, y int) error { copy(dst, pix[y*n:]); return nil }); err != nil {
					t.Fatal(err)
				}
				img, err := png.Decode(&b)
				if err != nil {
					t.Fatalf("%+v: %v", h, err)
				}
				if got := samples(img, channels, bits); !bytes.Equal(got, pix) {
					t.Errorf("%dx%d, %d channels, %d bits: other samples", h.W, h.H, channels, bits)
				}
			}
		}
	}
}

// samples gives the samples of an image as they were written.
func samples(img image.Image, channels, bits int) []byte {
	var out []byte
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			var v []uint16
			switch c := img.At(x, y).(type) {
			case color.Gray:
				v = []uint16{uint16(c.Y) << 8}
			case color.Gray16:
				v = []uint16{c.Y}
			case color.RGBA:
				v = []uint16{uint16(c.R) << 8, uint16(c.G) << 8, uint16(c.B) << 8}
			case color.RGBA64:
				v = []uint16{c.R, c.G, c.B}
			case color.NRGBA:
				v = []uint16{uint16(c.R) << 8, uint16(c.G) << 8, uint16(c.B) << 8, uint16(c.A) << 8}
			case color.NRGBA64:
				v = []uint16{c.R, c.G, c.B, c.A}
			}
			for _, s := range v[:channels] {
				out = append(out, byte(s>>8))
				if bits == 16 {
					out = append(out, byte(s))
				}
			}
		}
	}
	return out
}

func TestErrors(t *testing.T) {
	var e Encoder
	for _, h := range []Header{{}, {W: 1, H: 1, Channels: 2, Bits: 8}, {W: 1, H: 1, Channels: 1, Bits: 4}, {W: -1, H: 1, Channels: 1, Bits: 8}} {
		if err := e.Encode(&bytes.Buffer{}, h, nil); err == nil {
			t.Errorf("%+v was taken", h)
		}
	}
	boom := errors.New("boom")
	h := Header{W: 2, H: 2, Channels: 1, Bits: 8}
	if err := e.Encode(&bytes.Buffer{}, h, func([]byte, int) error { return boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
	if err := e.Encode(sink(func([]byte) error { return boom }), h, func([]byte, int) error { return nil }); !errors.Is(err, boom) {
		t.Error(err)
	}
}

func BenchmarkMap(b *testing.B) {
	var e Encoder
	h := Header{W: 4000, H: 3000, Channels: 1, Bits: 8}
	b.SetBytes(int64(h.W * h.H))
	for b.Loop() {
		err := e.Encode(sink(func([]byte) error { return nil }), h, func(dst []byte, y int) error {
			for x := range dst {
				dst[x] = byte(max(0, 255-((x-2000)*(x-2000)+(y-1500)*(y-1500))>>13))
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
