package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"csnet/internal/imagefile"
)

// pngKinds draws one 5x4 picture in every kind that a PNG can have, with the
// colours and greys that ReadPhoto and ReadMask are to give.
func pngKinds() map[string]image.Image {
	r := image.Rect(0, 0, 5, 4)
	grey, grey16 := image.NewGray(r), image.NewGray16(r)
	rgba, nrgba := image.NewRGBA(r), image.NewNRGBA(r)
	rgba64, nrgba64 := image.NewRGBA64(r), image.NewNRGBA64(r)
	pal := color.Palette{color.RGBA{1, 2, 3, 255}, color.NRGBA{200, 100, 50, 0}, color.NRGBA{9, 250, 80, 128}, color.RGBA{255, 255, 255, 255}}
	paletted := image.NewPaletted(r, pal)
	two := image.NewPaletted(r, color.Palette{color.Black, color.White})
	for y := range 4 {
		for x := range 5 {
			a, b, c := uint8(50*x+1), uint8(60*y+2), uint8(200-9*x*y)
			grey.SetGray(x, y, color.Gray{a})
			grey16.SetGray16(x, y, color.Gray16{uint16(a)<<8 | 0xf0})
			rgba.SetRGBA(x, y, color.RGBA{a, b, c, 255})
			nrgba.SetNRGBA(x, y, color.NRGBA{a, b, c, uint8(60 * x)})
			rgba64.SetRGBA64(x, y, color.RGBA64{uint16(a)<<8 | 0xff, uint16(b) << 8, uint16(c)<<8 | 7, 0xffff})
			nrgba64.SetNRGBA64(x, y, color.NRGBA64{uint16(a)<<8 | 0xff, uint16(b) << 8, uint16(c)<<8 | 7, uint16(y) << 14})
			paletted.SetColorIndex(x, y, uint8((x+y)%4))
			two.SetColorIndex(x, y, uint8((x+y)%2))
		}
	}
	return map[string]image.Image{"grey": grey, "grey16": grey16, "rgb": rgba, "rgba": nrgba,
		"rgb16": rgba64, "rgba16": nrgba64, "palette": paletted, "two": two}
}

// stored8 gives a pixel's stored colour, upper 8 bits, whatever its alpha.
func stored8(img image.Image, x, y int) (r, g, b uint8) {
	switch c := img.At(x, y).(type) {
	case color.Gray:
		return c.Y, c.Y, c.Y
	case color.Gray16:
		return uint8(c.Y >> 8), uint8(c.Y >> 8), uint8(c.Y >> 8)
	case color.RGBA:
		return c.R, c.G, c.B
	case color.NRGBA:
		return c.R, c.G, c.B
	case color.RGBA64:
		return uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8)
	case color.NRGBA64:
		return uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8)
	default:
		r, g, b, _ := c.RGBA()
		return uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)
	}
}

func TestPNGKinds(t *testing.T) {
	dir := t.TempDir()
	for name, img := range pngKinds() {
		path := write(t, filepath.Join(dir, name+".png"), pngBytes(t, img))
		photo, err := ReadPhoto(path)
		if err != nil {
			t.Fatal(err)
		}
		mask, err := ReadMask(path)
		if err != nil {
			t.Fatal(err)
		}
		if photo.W != 5 || photo.H != 4 || mask.W != 5 || mask.H != 4 {
			t.Fatalf("%s: %dx%d and %dx%d, want 5x4", name, photo.W, photo.H, mask.W, mask.H)
		}
		for y := range 4 {
			for x := range 5 {
				r, g, b := stored8(img, x, y)
				i := y*5 + x
				if !slices.Equal(photo.Pix[3*i:3*i+3], []uint8{r, g, b}) {
					t.Errorf("%s (%d,%d): %v, want %d %d %d", name, x, y, photo.Pix[3*i:3*i+3], r, g, b)
				}
				l := int((299*int(r) + 587*int(g) + 114*int(b) + 500) / 1000)
				if d := int(mask.Pix[i]) - l; d < -1 || d > 1 || r == g && g == b && mask.Pix[i] != r {
					t.Errorf("%s (%d,%d): grey %d, want %d", name, x, y, mask.Pix[i], l)
				}
			}
		}
	}
}

// TestGreyWithTransparentColour reads a grey PNG whose tRNS chunk names a grey.
func TestGreyWithTransparentColour(t *testing.T) {
	img := pngKinds()["grey"].(*image.Gray)
	file := pngBytes(t, img)
	file = slices.Concat(file[:33], pngChunk("tRNS", []byte{0, img.Pix[1]}), file[33:])
	path := write(t, filepath.Join(t.TempDir(), "a.png"), file)
	mask, err := ReadMask(path)
	if err != nil || !bytes.Equal(mask.Pix, img.Pix) {
		t.Errorf("%v, %v; want %v", mask, err, img.Pix)
	}
}

// TestYCbCrExact compares every subsampling with image/color, pixel by pixel.
func TestYCbCrExact(t *testing.T) {
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		whole := image.NewYCbCr(image.Rect(0, 0, 21, 13), ratio)
		for i := range whole.Y {
			whole.Y[i] = uint8(i * 37)
		}
		for i := range whole.Cb {
			whole.Cb[i], whole.Cr[i] = uint8(i*101), uint8(i*59+7)
		}
		for _, img := range []image.Image{whole, whole.SubImage(image.Rect(4, 4, 19, 12))} {
			b := img.Bounds()
			got := make([]uint8, 3*b.Dx()*b.Dy())
			imagefile.RGB(got, img)
			for i := range b.Dx() * b.Dy() {
				c := img.At(b.Min.X+i%b.Dx(), b.Min.Y+i/b.Dx()).(color.YCbCr)
				red, green, blue := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
				if !slices.Equal(got[3*i:3*i+3], []uint8{red, green, blue}) {
					t.Fatalf("%v %v pixel %d: %v, want %d %d %d", ratio, b, i, got[3*i:3*i+3], red, green, blue)
				}
			}
		}
	}
}

// TestOtherKinds sends a kind that has no case of its own down the general way.
func TestOtherKinds(t *testing.T) {
	src := pngKinds()["rgb"]
	got, want := make([]uint8, 60), make([]uint8, 60)
	imagefile.RGB(got, struct{ image.Image }{src})
	imagefile.RGB(want, src)
	if !bytes.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestJPEGKinds reads grey, YCbCr, RGB, CMYK and YCCK, baseline and progressive.
func TestJPEGKinds(t *testing.T) {
	a, b, c, k := []uint8{10, 200, 128, 255, 0, 77}, []uint8{90, 30, 128, 0, 250, 60}, []uint8{140, 220, 128, 90, 33, 1}, []uint8{255, 128, 200, 90, 0, 40}
	cmyk := func(i int) [3]int { // Adobe stores 255 - C and so on
		return [3]int{int(a[i]) * int(k[i]) / 255, int(b[i]) * int(k[i]) / 255, int(c[i]) * int(k[i]) / 255}
	}
	ycc := func(i int) [3]int {
		r, g, bl := color.YCbCrToRGB(a[i], b[i], c[i])
		return [3]int{int(r), int(g), int(bl)}
	}
	kinds := []struct {
		name   string
		planes [][]uint8
		adobe  int
		want   func(i int) [3]int
	}{
		{"grey", [][]uint8{a}, -1, func(i int) [3]int { return [3]int{int(a[i]), int(a[i]), int(a[i])} }},
		{"ycbcr", [][]uint8{a, b, c}, -1, ycc},
		{"rgb", [][]uint8{a, b, c}, 0, func(i int) [3]int { return [3]int{int(a[i]), int(b[i]), int(c[i])} }},
		{"cmyk", [][]uint8{a, b, c, k}, 0, cmyk},
		{"cmyk-no-marker", [][]uint8{a, b, c, k}, -1, cmyk},
		{"ycck", [][]uint8{a, b, c, k}, 2, func(i int) [3]int {
			v := ycc(i) // stored is 255 - C again, made YCC after one more inversion
			for n := range v {
				v[n] = (255 - v[n]) * int(k[i]) / 255
			}
			return v
		}},
	}
	for _, kind := range kinds {
		for _, progressive := range []bool{false, true} {
			name := fmt.Sprintf("%s progressive=%v", kind.name, progressive)
			file := flatJPEG{cols: 3, rows: 2, planes: kind.planes, adobe: kind.adobe, progressive: progressive}.bytes()
			photo, err := ReadPhoto(write(t, filepath.Join(t.TempDir(), "a.jpg"), file))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if photo.W != 24 || photo.H != 16 {
				t.Fatalf("%s: %dx%d, want 24x16", name, photo.W, photo.H)
			}
			for y := range 16 {
				for x := range 24 {
					want, got := kind.want(y/8*3+x/8), photo.Pix[3*(24*y+x):]
					for n, w := range want {
						if d := int(got[n]) - w; d < -1 || d > 1 {
							t.Fatalf("%s (%d,%d): %v, want %v", name, x, y, got[:3], want)
						}
					}
				}
			}
		}
	}
}

// TestContentNotName reads a PNG that is named .jpg.
func TestContentNotName(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jpg"), pngBytes(t, drawPhoto(7, 3, 1)))
	if p, err := ReadPhoto(path); err != nil || p.W != 7 {
		t.Error(p, err)
	}
}

// pngHeader is a PNG that claims a size and holds next to nothing.
func pngHeader(w, h uint32, depth, kind byte) []byte {
	body := binary.BigEndian.AppendUint32(nil, w)
	body = binary.BigEndian.AppendUint32(body, h)
	body = append(body, depth, kind, 0, 0, 0)
	return slices.Concat([]byte(pngMagic), pngChunk("IHDR", body), pngChunk("IDAT", []byte{0x78, 0x9c}), pngChunk("IEND", nil))
}

func TestHostileFiles(t *testing.T) {
	jpg, pn := jpegBytes(t, drawPhoto(64, 64, 1)), pngBytes(t, drawPhoto(64, 64, 1))
	bigJPEG := flatJPEG{cols: 3, rows: 2, planes: [][]uint8{make([]uint8, 6)}, adobe: -1}.bytes()
	at := bytes.Index(bigJPEG, []byte{0xff, 0xc0})
	copy(bigJPEG[at+5:], []byte{0xff, 0xdc, 0xff, 0xdc}) // 65500 x 65500
	midJPEG := slices.Clone(bigJPEG)
	copy(midJPEG[at+5:], []byte{0x27, 0x10, 0x27, 0x10}) // 10000 x 10000
	badCRC := slices.Clone(pn)
	badCRC[len(badCRC)-20] ^= 0x55
	files := map[string]struct {
		content []byte
		want    string
	}{
		"empty.jpg":  {nil, "is empty"},
		"text.png":   {[]byte("hello, world"), "no picture of a kind that is read"},
		"half.jpg":   {jpg[:len(jpg)/2], "cut short"},
		"start.jpg":  {jpg[:2], "cut short"},
		"half.png":   {pn[:len(pn)/2], "cut short"},
		"start.png":  {pn[:8], "cut short"},
		"crc.png":    {badCRC, "does not decode"},
		"bomb.png":   {pngHeader(50000, 50000, 8, 0), "50000x50000"},
		"bomb16.png": {pngHeader(11000, 11000, 16, 6), "more than its"},
		"bomb1.png":  {pngHeader(1<<31-1, 1<<31-1, 1, 0), ""},
		"over.png":   {pngHeader(1<<31+1, 1, 1, 0), ""},
		"zero.png":   {pngHeader(0, 5, 8, 0), ""},
		"bomb.jpg":   {bigJPEG, "65500x65500"},
		"mid.jpg":    {midJPEG, "more than its"},
	}
	dir := t.TempDir()
	for name, f := range files {
		path := write(t, filepath.Join(dir, name), f.content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, photoErr := ReadPhoto(path)
		_, maskErr := ReadMask(path)
		runtime.ReadMemStats(&after)
		for _, err := range []error{photoErr, maskErr} {
			if err == nil || !strings.HasPrefix(err.Error(), "data: "+path+": ") || !strings.Contains(err.Error(), f.want) {
				t.Errorf("%s: error %v, want data: PATH: ...%q", name, err, f.want)
			}
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
			t.Errorf("%s: %d bytes allocated", name, got)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "none.png")} {
		if _, err := ReadPhoto(path); err == nil || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: error %v, want one that names it once", path, err)
		}
	}
}

// TestSmallestPictures reads pictures of one pixel and of one row.
func TestSmallestPictures(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3000, 1}, {1, 3000}} {
		img := image.NewGray(image.Rect(0, 0, size[0], size[1]))
		path := write(t, filepath.Join(t.TempDir(), "a.png"), pngBytes(t, img))
		m, err := ReadMask(path)
		if err != nil || m.W != size[0] || m.H != size[1] {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(pngBytes(f, drawPhoto(5, 4, 1)))
	f.Add(withExif(jpegBytes(f, drawPhoto(9, 9, 2)), exifBlock(binary.BigEndian, 6)))
	f.Add(pngHeader(1<<20, 1<<20, 8, 3))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := decode(file, nil)
		if err != nil {
			return
		}
		var r reader
		r.setPhoto(s, s.orientation, 0)
		if len(r.photo.Pix) != 3*r.photo.W*r.photo.H {
			t.Errorf("%d bytes for %dx%d", len(r.photo.Pix), r.photo.W, r.photo.H)
		}
	})
}

// TestUnreadable names a file that may not be opened.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	path := write(t, filepath.Join(t.TempDir(), "a.png"), pngBytes(t, drawPhoto(5, 4, 1)))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPhoto(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
}
