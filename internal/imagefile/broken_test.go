package imagefile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWhatViewersOpen reads files with faults that change no pixel.
func TestWhatViewersOpen(t *testing.T) {
	files := encoded(t)
	jpg, pn := files["a.jpg"], files["a.png"]
	for name, file := range map[string][]byte{
		"profile with a wrong checksum": withChunk(pn, "iCCP", slices.Concat([]byte("x\x00\x00"), packed(t, []byte("x"))), 1),
		"two such chunks":               withChunk(withChunk(pn, "tEXt", []byte("a\x00b"), 7), "iCCP", []byte("x\x00\x00y"), 9),
		"no end mark":                   jpg[:len(jpg)-2],
		"half an end mark":              jpg[:len(jpg)-1],
		"more behind the end mark":      slices.Concat(jpg, bytes.Repeat([]byte("more"), 50)),
	} {
		f, err := Open(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := f.Decode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		looksDrawn(t, name, img, 3)
	}
}

// TestCutShort refuses a file of every kind that ends too early, and says so.
func TestCutShort(t *testing.T) {
	files := encoded(t)
	for name, content := range stored(t) {
		files[name] = content
	}
	for name, content := range files {
		if kind := kindOf(content); (kind == HEIC || kind == AVIF) && !heifBuilt {
			continue
		}
		for _, n := range []int{len(content) / 2, len(content) * 3 / 4} {
			if name == "film.webp" && n > len(content)/2 {
				continue // its first picture is whole
			}
			err := openAndDecode(content[:n])
			said := err != nil && (strings.Contains(err.Error(), "cut short") || strings.Contains(err.Error(), "can hold"))
			if err == nil || !said && !strings.HasSuffix(name, "f") && !strings.HasSuffix(name, "heic") { // a TIFF, HEIC or AVIF has no end mark

				t.Errorf("%s cut to %d of %d bytes: %v", name, n, len(content), err)
			}
		}
	}
}

func openAndDecode(file []byte) error {
	f, err := Open(file)
	if err != nil {
		return err
	}
	_, err = f.Decode()
	return err
}

// TestBombs refuses files that claim more than is decoded or than they can hold,
// before memory is taken for it.
func TestBombs(t *testing.T) {
	files := encoded(t)
	patch := func(file []byte, at int, v ...byte) []byte {
		out := slices.Clone(file)
		copy(out[at:], v)
		return out
	}
	sof := bytes.Index(files["a.jpg"], []byte{0xff, 0xc0})
	le := binary.LittleEndian
	huge := le.AppendUint32(nil, 60000)
	tif := tiffBlock(le, nil, [4]uint32{256, kindLong, 1, 60000}, [4]uint32{257, kindLong, 1, 60000}, [4]uint32{258, kindShort, 1, 8},
		[4]uint32{259, kindShort, 1, 1}, [4]uint32{262, kindShort, 1, 1}, [4]uint32{273, kindLong, 1, 8}, [4]uint32{279, kindLong, 1, 8}, [4]uint32{278, kindLong, 1, 60000})
	vp8x := slices.Clone(stored(t)["film.webp"])
	put24(vp8x[24:], 1<<24-1)
	put24(vp8x[27:], 1<<24-1)
	ihdr := patch(files["a.png"], 16, 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60)
	binary.BigEndian.PutUint32(ihdr[29:], crc32.ChecksumIEEE(ihdr[12:29]))
	lossless := bytes.Index(files["lossless.webp"], []byte("VP8L")) + 9 // 14 bits of each side less one follow
	bombs := map[string][]byte{
		"PNG":      ihdr,
		"lossless": patch(files["lossless.webp"], lossless, 0xff, 0xff, 0xff, 0x0f),
		"JPEG":     patch(files["a.jpg"], sof+5, 0xff, 0xdc, 0xff, 0xdc),
		"mid":      patch(files["a.jpg"], sof+5, 0x27, 0x10, 0x27, 0x10),
		"GIF":      patch(files["a.gif"], 6, 0xff, 0xff, 0xff, 0xff),
		"BMP":      patch(files["a.bmp"], 18, slices.Concat(huge, huge)...),
		"TIFF":     tif,
		"WebP":     vp8x,
	}
	for kind, name := range map[string]string{"HEIC": "drawn.heic", "AVIF": "drawn.avif"} {
		at := bytes.Index(stored(t)[name], []byte("ispe")) + 8 // width and height of 32 bits each
		bombs[kind] = patch(stored(t)[name], at, 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60)
		bombs[kind+" within the bound"] = patch(stored(t)[name], at, 0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10)
	}
	for name, file := range bombs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := openAndDecode(file)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: a bomb was taken", name)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
			t.Errorf("%s: %d bytes allocated, %v", name, got, err)
		}
	}
}

// TestRawPhotos refuses raw photos in TIFF's form, whose first picture is small.
func TestRawPhotos(t *testing.T) {
	le := binary.LittleEndian
	for name, file := range map[string][]byte{
		"DNG":     tiffBlock(le, nil, [4]uint32{tagDNG, 1, 4, 0x0401}),
		"preview": tiffBlock(binary.BigEndian, nil, [4]uint32{tagSubfile, kindLong, 1, 1}),
	} {
		if err := openAndDecode(file); err == nil || !strings.Contains(err.Error(), "raw photo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, content := range encoded(f) {
		f.Add(content)
	}
	for _, content := range stored(f) {
		f.Add(content)
	}
	f.Add(withExif(encoded(f)["a.jpg"], exifBlock(binary.BigEndian, 6)))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Open(content)
		if err != nil || file.W*file.H > 1<<20 {
			return
		}
		file.Profile()
		img, err := file.Decode()
		if err == nil && img.Bounds().Size() != (image.Point{X: file.W, Y: file.H}) {
			t.Errorf("%v for %dx%d", img.Bounds(), file.W, file.H)
		}
	})
}
