package eval

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"csnet/data"
)

// pngOf writes a grey PNG of filtered rows as they are: a filter byte and w bytes each.
func pngOf(w, h int, raw []byte) []byte {
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(raw)
	_ = zw.Close()
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = append(binary.BigEndian.AppendUint32(head, uint32(h)), 8, 0, 0, 0, 0)
	out := []byte(pngMagic)
	half := z.Len() / 2
	for _, c := range []struct {
		kind string
		body []byte
	}{{"IHDR", head}, {"tEXt", []byte("a\x00b")}, {"IDAT", z.Bytes()[:half]}, {"IDAT", z.Bytes()[half:]}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		body := append([]byte(c.kind), c.body...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

// agree asks that the fast reader and data.ReadMask give the same picture or
// the same error.
func agree(t interface{ Fatalf(string, ...any) }, g *greyReader, path string) {
	got, err := g.read(path)
	want, wantErr := data.ReadMask(path)
	switch {
	case wantErr != nil:
		if err == nil || err.Error() != wantErr.Error() {
			t.Fatalf("error %v, want %v", err, wantErr)
		}
	case err != nil:
		t.Fatalf("error %v, want none", err)
	case got.W != want.W || got.H != want.H || !bytes.Equal(got.Pix, want.Pix):
		t.Fatalf("another picture: %dx%d, want %dx%d", got.W, got.H, want.W, want.H)
	}
}

func TestGreyPNGFilters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	var g greyReader
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 20).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
		raw := rapid.SliceOfN(rapid.Byte(), (w+1)*h, (w+1)*h).Draw(t, "raw")
		for y := range h {
			raw[y*(w+1)] %= 5
		}
		file := pngOf(w, h, raw)
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		if !g.plain(file) {
			t.Fatal("a plain PNG was not taken")
		}
		agree(t, &g, path)
	})
}

// TestGreyPNGFaults: flipped, cut and lengthened files end as data.ReadMask says.
func TestGreyPNGFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	_, mask := disc(1, 23, 17)
	var b bytes.Buffer
	if err := png.Encode(&b, mask); err != nil {
		t.Fatal(err)
	}
	var g greyReader
	rapid.Check(t, func(t *rapid.T) {
		file := bytes.Clone(b.Bytes())
		switch rapid.IntRange(0, 2).Draw(t, "fault") {
		case 0:
			file[rapid.IntRange(0, len(file)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 1:
			file = file[:rapid.IntRange(0, len(file)-1).Draw(t, "length")]
		case 2:
			w, h := rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 9).Draw(t, "h")
			file = pngOf(w, h, make([]byte, rapid.IntRange(0, 120).Draw(t, "rows")))
		}
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		agree(t, &g, path)
	})
}

// TestOtherPictures: what is not plain goes to package data.
func TestOtherPictures(t *testing.T) {
	dir := t.TempDir()
	photo, mask := disc(2, 19, 14)
	deep := image.NewGray16(mask.Rect)
	palette := image.NewPaletted(mask.Rect, color.Palette{color.Black, color.Gray{77}, color.White})
	for i := range 19 * 14 {
		deep.SetGray16(i%19, i/19, color.Gray16{uint16(i * 251)})
		palette.Pix[i] = uint8(i % 3)
	}
	var g greyReader
	for name, img := range map[string]image.Image{"rgb.png": photo, "grey.png": mask, "deep.png": deep, "palette.png": palette} {
		path := filepath.Join(dir, name)
		savePNG(t, path, img)
		agree(t, &g, path)
	}
	agree(t, &g, filepath.Join(dir, "missing.png"))
	agree(t, &g, dir)
}
