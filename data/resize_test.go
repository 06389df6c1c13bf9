package data

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// slowResize is Resize by the book, in float64: each output pixel sums its four
// neighbours, each of them folded back from beyond the border by walking.
func slowResize(dw, dh int, src []float64, sw, sh, channels int) []float64 {
	fold := func(i, n int) int {
		if n == 1 {
			return 0
		}
		for i < 0 || i >= n {
			if i < 0 {
				i = -i
			} else {
				i = 2*(n-1) - i
			}
		}
		return i
	}
	var dst []float64
	for c := range channels {
		for y := range dh {
			fy := (float64(y)+0.5)*float64(sh)/float64(dh) - 0.5
			for x := range dw {
				fx := (float64(x)+0.5)*float64(sw)/float64(dw) - 0.5
				y0, x0 := int(math.Floor(fy)), int(math.Floor(fx))
				sum := 0.0
				for _, yy := range []int{y0, y0 + 1} {
					for _, xx := range []int{x0, x0 + 1} {
						w := (1 - math.Abs(fy-float64(yy))) * (1 - math.Abs(fx-float64(xx)))
						sum += w * src[(c*sh+fold(yy, sh))*sw+fold(xx, sw)]
					}
				}
				dst = append(dst, sum)
			}
		}
	}
	return dst
}

func TestResizeEqualsSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 17)
		sw, sh, dw, dh := side.Draw(t, "sw"), side.Draw(t, "sh"), side.Draw(t, "dw"), side.Draw(t, "dh")
		ch := rapid.IntRange(1, 3).Draw(t, "channels")
		src := rapid.SliceOfN(rapid.Float64Range(-2, 2), sw*sh*ch, sw*sh*ch).Draw(t, "src")
		in, got := make([]float32, len(src)), make([]float32, dw*dh*ch)
		for i, v := range src {
			in[i] = float32(v)
		}
		Resize(got, dw, dh, in, sw, sh, ch)
		for i, w := range slowResize(dw, dh, src, sw, sh, ch) {
			if math.Abs(float64(got[i])-w) > 2e-6 {
				t.Fatalf("%d: %g, want %g", i, got[i], w)
			}
		}
	})
}

func TestResizeBorder(t *testing.T) {
	got := make([]float32, 4)
	Resize(got, 4, 1, []float32{0, 8}, 2, 1, 1) // at -0.25, 0.25, 0.75, 1.25
	for i, w := range []float32{2, 2, 6, 6} {
		if got[i] != w {
			t.Errorf("%v, want 2 2 6 6: the border is mirrored", got)
			break
		}
	}
	Resize(got, 2, 2, []float32{5}, 1, 1, 1)
	for _, v := range got {
		if v != 5 {
			t.Errorf("%v, want 5: one pixel repeats", got)
		}
	}
}

// TestSamplerEqualsSlow compares crops and flips with cutting out, flipping,
// normalising and resizing one after the other.
func TestSamplerEqualsSlow(t *testing.T) {
	mean, std := []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 14)
		w, h, size := side.Draw(t, "w"), side.Draw(t, "h"), side.Draw(t, "size")
		photo := &Photo{w, h, rapid.SliceOfN(rapid.Byte(), 3*w*h, 3*w*h).Draw(t, "photo")}
		mask := &Mask{w, h, rapid.SliceOfN(rapid.Byte(), w*h, w*h).Draw(t, "mask")}
		x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
		win := window{x, y, rapid.IntRange(1, w-x).Draw(t, "ww"), rapid.IntRange(1, h-y).Draw(t, "wh"),
			rapid.Bool().Draw(t, "mirrored"), rapid.Bool().Draw(t, "upside down")}
		var planes, soft []float64
		for c := range 4 {
			for yy := range win.h {
				for xx := range win.w {
					px, py := xx, yy
					if win.mirrored {
						px = win.w - 1 - xx
					}
					if win.upsideDown {
						py = win.h - 1 - yy
					}
					at := (win.y+py)*w + win.x + px
					if c == 3 {
						soft = append(soft, float64(mask.Pix[at])/255)
					} else {
						planes = append(planes, (float64(photo.Pix[3*at+c])/255-mean[c])/std[c])
					}
				}
			}
		}
		var s sampler
		gotX, gotY := make([]float32, 3*size*size), make([]float32, size*size)
		s.photo(gotX, photo, win, size)
		s.mask(gotY, mask, win, size)
		for i, v := range slowResize(size, size, planes, win.w, win.h, 3) {
			if math.Abs(float64(gotX[i])-v) > 5e-6 {
				t.Fatalf("photo %d: %g, want %g", i, gotX[i], v)
			}
		}
		for i, v := range slowResize(size, size, soft, win.w, win.h, 1) {
			if math.Abs(float64(gotY[i])-v) > 1e-6 {
				t.Fatalf("mask %d: %g, want %g", i, gotY[i], v)
			}
		}
	})
}

func TestInputAndTargetOfOddPhotos(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {10000, 3}, {3, 10000}} {
		x, y := make([]float32, 3*32*32), make([]float32, 32*32)
		m := &Mask{s[0], s[1], make([]uint8, s[0]*s[1])}
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		Input(x, &Photo{s[0], s[1], make([]uint8, 3*s[0]*s[1])}, 32)
		Target(y, m, 32)
		for i := range y {
			if y[i] != 1 || math.Abs(float64(x[i])+0.485/0.229) > 1e-6 {
				t.Fatalf("%v: pixel %d is %g, %g", s, i, x[i], y[i])
			}
		}
		if got := Restore(nil, s[0], s[1], y, 32); len(got) != s[0]*s[1] || got[0] != 255 {
			t.Errorf("%v: map of %d pixels, the first %d", s, len(got), got[0])
		}
	}
}

func TestRestoreTruncates(t *testing.T) {
	prob := []float32{0, 1, 0.999999, 0.5, 1.0 / 255, -1, 2, 0.25, 0.003}
	got := Restore(make([]uint8, 20), 3, 3, prob, 3)
	for i, w := range []uint8{0, 255, 254, 127, 1, 0, 255, 63, 0} {
		if got[i] != w {
			t.Errorf("%g becomes %d, want %d", prob[i], got[i], w)
		}
	}
}
