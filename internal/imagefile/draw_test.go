package imagefile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/HugoSmits86/nativewebp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// drawn is the picture that the files of testdata hold: black, grey and white
// from left to right, 16 columns each, over eight rows of red.
func drawn() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 48, 32))
	for i, c := range []color.NRGBA{{0, 0, 0, 255}, {128, 128, 128, 255}, {255, 255, 255, 255}} {
		draw.Draw(m, image.Rect(16*i, 0, 16*i+16, 24), image.NewUniform(c), image.Point{}, draw.Src)
	}
	draw.Draw(m, image.Rect(0, 24, 48, 32), image.NewUniform(color.NRGBA{200, 40, 40, 255}), image.Point{}, draw.Src)
	return m
}

// paletted is drawn in four colours.
func paletted() *image.Paletted {
	src := drawn()
	m := image.NewPaletted(src.Rect, color.Palette{src.At(0, 0), src.At(20, 0), src.At(40, 0), src.At(0, 30)})
	draw.Draw(m, m.Rect, src, image.Point{}, draw.Src)
	return m
}

// looksDrawn compares a picture with drawn at the middle of its four fields.
func looksDrawn(t *testing.T, name string, img image.Image, within int) {
	t.Helper()
	b, want := img.Bounds(), drawn()
	k := max(b.Dx()/48, 1) // HEIC and AVIF are four times as large
	if b.Dx() != 48*k || b.Dy() != 32*k {
		t.Errorf("%s: %v, want 48x32 or a multiple", name, b)
		return
	}
	for _, p := range []image.Point{{4, 20}, {24, 20}, {44, 20}, {24, 28}} {
		got, w := color.NRGBAModel.Convert(img.At(b.Min.X+k*p.X, b.Min.Y+k*p.Y)).(color.NRGBA), want.NRGBAAt(p.X, p.Y)
		for i, v := range []uint8{got.R, got.G, got.B} {
			if d := int(v) - int([]uint8{w.R, w.G, w.B}[i]); d < -within || d > within {
				t.Errorf("%s at %v: %v, want %v", name, p, got, w)
				break
			}
		}
	}
}

// encoded gives drawn in every kind that can be written here.
func encoded(t testing.TB) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	for name, encode := range map[string]func(b *bytes.Buffer) error{
		"a.png":         func(b *bytes.Buffer) error { return png.Encode(b, drawn()) },
		"a.jpg":         func(b *bytes.Buffer) error { return jpeg.Encode(b, drawn(), &jpeg.Options{Quality: 95}) },
		"a.gif":         func(b *bytes.Buffer) error { return gif.Encode(b, paletted(), nil) },
		"a.bmp":         func(b *bytes.Buffer) error { return bmp.Encode(b, drawn()) },
		"a.tif":         func(b *bytes.Buffer) error { return tiff.Encode(b, drawn(), nil) },
		"packed.tif":    func(b *bytes.Buffer) error { return tiff.Encode(b, drawn(), &tiff.Options{Compression: tiff.Deflate}) },
		"lossless.webp": func(b *bytes.Buffer) error { return nativewebp.Encode(b, drawn(), nil) },
		"extended.webp": func(b *bytes.Buffer) error {
			return nativewebp.Encode(b, drawn(), &nativewebp.Options{UseExtendedFormat: true})
		},
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(name, err)
		}
		out[name] = b.Bytes()
	}
	return out
}

// stored gives the files of testdata.
func stored(t testing.TB) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		if out[filepath.Base(p)], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// tiffBlock is a TIFF of one directory, its entries (tag, kind, count, value) in
// the byte order given, with tail behind it.
func tiffBlock(order binary.AppendByteOrder, tail []byte, entries ...[4]uint32) []byte {
	b := []byte("II")
	if order.String() == "BigEndian" {
		b = []byte("MM")
	}
	b = order.AppendUint32(order.AppendUint16(b, 42), 8)
	b = order.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = order.AppendUint16(order.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = order.AppendUint32(b, e[2])
		if e[1] == kindShort {
			b = append(order.AppendUint16(b, uint16(e[3])), 0, 0)
		} else {
			b = order.AppendUint32(b, e[3])
		}
	}
	return append(append(b, 0, 0, 0, 0), tail...)
}

// exifBlock holds an orientation, after another tag.
func exifBlock(order binary.AppendByteOrder, orientation int) []byte {
	return tiffBlock(order, nil, [4]uint32{0x010f, 2, 4, 0x61626300}, [4]uint32{tagOrientation, kindShort, 1, uint32(orientation)})
}

// withExif puts an EXIF block into a JPEG, PNG or WebP.
func withExif(file, block []byte) []byte {
	switch kindOf(file) {
	case JPEG:
		return withSegment(file, 0xe1, slices.Concat([]byte(exifHeader), block))
	case PNG:
		return withChunk(file, "eXIf", block, 0)
	}
	return withRIFF(file, "EXIF", block)
}

func withSegment(file []byte, marker byte, body []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(body)))
	return slices.Concat(file[:2], head, body, file[2:])
}

// withChunk puts a chunk after a PNG's IHDR; damage is what is wrong with its checksum.
func withChunk(file []byte, kind string, body []byte, damage uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])^damage)
	return slices.Concat(file[:33], b, file[33:])
}

// withRIFF puts a chunk at the end of a WebP.
func withRIFF(file []byte, kind string, body []byte) []byte {
	out := append(slices.Clone(file), kind...)
	out = append(binary.LittleEndian.AppendUint32(out, uint32(len(body))), body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
