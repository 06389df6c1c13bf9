package jpeg

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files are small pictures, drawn, in the kinds that cjpeg and jpegtran of
// libjpeg-turbo 2.1 and Pillow write; s2x1.jpg has luma sampled 2x1 and so on.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	out := make(map[string][]byte)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(p)] = b
	}
	ycck := bytes.Clone(out["cmyk.jpg"])
	ycck[bytes.Index(ycck, []byte("Adobe"))+11] = 2
	out["ycck.jpg"] = ycck
	return out
}

// drawn is a picture with edges, slopes and noise, encoded by image/jpeg.
func drawn(t testing.TB, w, h, quality int, grey bool) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(128 + 60*math.Sin(float64(x)/5) + float64(r.IntN(20)))
			img.SetRGBA(x, y, color.RGBA{v, uint8(5 * y), uint8(200 * (x / 9 % 2)), 255})
		}
	}
	var src image.Image = img
	if grey {
		g := image.NewGray(img.Rect)
		for i := range g.Pix {
			g.Pix[i] = img.Pix[4*i]
		}
		src = g
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, src, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// same says where two pictures differ, "" when nowhere.
func same(got, want image.Image) string {
	if a, b := fmt.Sprintf("%T", got), fmt.Sprintf("%T", want); a != b {
		return a + " for " + b
	}
	if got.Bounds() != want.Bounds() {
		return fmt.Sprint(got.Bounds(), " for ", want.Bounds())
	}
	b := got.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if got.At(x, y) != want.At(x, y) {
				return fmt.Sprintf("(%d,%d): %v for %v", x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
	return ""
}

// TestOracle: at full size the pixels are image/jpeg's, to the bit.
func TestOracle(t *testing.T) {
	all := files(t)
	for _, size := range [][2]int{{1, 1}, {8, 8}, {16, 16}, {17, 15}, {7, 40}, {33, 9}, {64, 48}, {100, 3}} {
		for _, quality := range []int{5, 50, 75, 95, 100} {
			for _, grey := range []bool{false, true} {
				all[fmt.Sprintf("%dx%d q%d %v", size[0], size[1], quality, grey)] = drawn(t, size[0], size[1], quality, grey)
			}
		}
	}
	for name, file := range all {
		got, err := Decode(file, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			if !strings.Contains(name, "restart") { // where image/jpeg miscounts the units
				t.Errorf("%s: image/jpeg: %v", name, err)
			}
			continue
		}
		if d := same(got, want); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestRestarts: jpegtran gave these files the same coefficients with restart
// markers and without; image/jpeg does not read the progressive ones.
func TestRestarts(t *testing.T) {
	all := files(t)
	for marked, plain := range map[string]string{"progressive_restart.jpg": "progressive.jpg", "progressive_restart2.jpg": "progressive.jpg",
		"restart.jpg": "s2x2.jpg", "restart3.jpg": "s2x2.jpg", "separate.jpg": "s2x2.jpg", "separate_restart.jpg": "s2x2.jpg"} {
		for _, scale := range []int{1, 2, 4, 8} {
			got, err := Decode(all[marked], scale)
			if err != nil {
				t.Errorf("%s: %v", marked, err)
				continue
			}
			want, err := Decode(all[plain], scale)
			if err != nil {
				t.Fatal(err)
			}
			if d := same(got, want); d != "" {
				t.Errorf("%s at 1/%d: %s", marked, scale, d)
			}
		}
	}
}

// planes gives a picture's planes, each with its rows' length and how many pixels
// of the picture a sample of it spans.
func planes(img image.Image) (out [][]byte, strides []int, across, down []int) {
	switch m := img.(type) {
	case *image.Gray:
		return [][]byte{m.Pix}, []int{m.Stride}, []int{1}, []int{1}
	case *image.YCbCr:
		cw, ch := 1, 1
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio422:
			cw = 2
		case image.YCbCrSubsampleRatio420:
			cw, ch = 2, 2
		case image.YCbCrSubsampleRatio440:
			ch = 2
		case image.YCbCrSubsampleRatio411:
			cw = 4
		case image.YCbCrSubsampleRatio410:
			cw, ch = 4, 2
		}
		return [][]byte{m.Y, m.Cb, m.Cr}, []int{m.YStride, m.CStride, m.CStride}, []int{1, cw, cw}, []int{1, ch, ch}
	}
	return nil, nil, nil, nil
}

// TestReduced: at 1/s every sample is the mean over s x s samples of the picture
// in full, but for rounding (each full sample is rounded, the mean once).
func TestReduced(t *testing.T) {
	all := files(t)
	delete(all, "worst.jpg") // its samples are clipped one by one
	for name, file := range all {
		full, err := Decode(file, 1)
		if err != nil {
			t.Fatal(name, err)
		}
		fp, fs, across, down := planes(full)
		for _, s := range []int{2, 4, 8} {
			img, err := Decode(file, s)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want := image.Rect(0, 0, (53+s-1)/s, (45+s-1)/s); img.Bounds() != want {
				t.Errorf("%s at 1/%d: %v, want %v", name, s, img.Bounds(), want)
			}
			p, strides, across2, down2 := planes(img)
			for i := range p {
				// A sample is the mean over sx x sy of the full ones.
				sx, sy := s*across2[i]/across[i], s*down2[i]/down[i]
				for y := range 45 / down[i] / sy {
					for x := range 53 / across[i] / sx {
						sum := 0
						for j := range sx * sy {
							sum += int(fp[i][(y*sy+j/sx)*fs[i]+x*sx+j%sx])
						}
						mean, got := float64(sum)/float64(sx*sy), float64(p[i][y*strides[i]+x])
						if math.Abs(mean-got) > 1.25 {
							t.Fatalf("%s at 1/%d, plane %d (%d,%d): %g, mean %g", name, s, i, x, y, got, mean)
						}
					}
				}
			}
		}
	}
}
