package data

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawnPhoto draws a photo of any side up to most.
func drawnPhoto(t *rapid.T, least, most int) *Photo {
	w, h := rapid.IntRange(least, most).Draw(t, "w"), rapid.IntRange(least, most).Draw(t, "h")
	return &Photo{w, h, rapid.SliceOfN(rapid.Byte(), 3*w*h, 3*w*h).Draw(t, "photo")}
}

// drawnWindow draws a window of a w x h picture.
func drawnWindow(t *rapid.T, w, h int) window {
	x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
	return window{x, y, rapid.IntRange(1, w-x).Draw(t, "ww"), rapid.IntRange(1, h-y).Draw(t, "wh"),
		rapid.Bool().Draw(t, "mirrored"), rapid.Bool().Draw(t, "upside down")}
}

// slowArea is the mean of a photo over a rectangle, of every pixel the part that
// lies in it.
func slowArea(p *Photo, c int, x0, y0, x1, y1 float64) float64 {
	sum := 0.0
	for y := range p.H {
		for x := range p.W {
			w := math.Min(x1, float64(x+1)) - math.Max(x0, float64(x))
			h := math.Min(y1, float64(y+1)) - math.Max(y0, float64(y))
			if w > 0 && h > 0 {
				sum += w * h * float64(p.Pix[(y*p.W+x)*3+c])
			}
		}
	}
	return sum / ((x1 - x0) * (y1 - y0))
}

func TestReduceEqualsSlow(t *testing.T) {
	var b areas
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPhoto(t, 1, 12)
		win := drawnWindow(t, p.W, p.H)
		w, h := rapid.IntRange(1, win.w).Draw(t, "to w"), rapid.IntRange(1, win.h).Draw(t, "to h")
		got := b.reduce(p, win, w, h)
		sx, sy := float64(win.w)/float64(w), float64(win.h)/float64(h)
		for y := range h {
			for x := range w {
				for c := range 3 {
					ax, ay := float64(win.x)+float64(x)*sx, float64(win.y)+float64(y)*sy
					want := slowArea(p, c, ax, ay, ax+sx, ay+sy)
					if d := math.Abs(float64(got.Pix[(y*w+x)*3+c]) - want); d > 0.501 {
						t.Fatalf("pixel %d,%d of %dx%d is %d, want %g", x, y, w, h, got.Pix[(y*w+x)*3+c], want)
					}
				}
			}
		}
	})
}

// A turn reads between the pixels that the rotation of the plane says; without one
// it is the plain sampler, and a quarter of a turn of a square moves whole pixels.
func TestTurnEqualsSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPhoto(t, 1, 12)
		m := &Mask{p.W, p.H, rapid.SliceOfN(rapid.Byte(), p.W*p.H, p.W*p.H).Draw(t, "mask")}
		win, size := drawnWindow(t, p.W, p.H), rapid.IntRange(1, 10).Draw(t, "size")
		x, y := make([]float32, 3*size*size), make([]float32, size*size)
		wantX, wantY := make([]float32, 3*size*size), make([]float32, size*size)
		var s sampler
		s.photo(wantX, p, win, size)
		s.mask(wantY, m, win, size)
		turnPhoto(x, p, win, 0, size)
		turnMask(y, m, win, 0, size)
		for i, v := range append(slices.Clone(x), y...) {
			if want := append(slices.Clone(wantX), wantY...)[i]; math.Abs(float64(v-want)) > 2e-5 {
				t.Fatalf("not turned: value %d is %g, want %g", i, v, want)
			}
		}
		angle := rapid.Float64Range(-3, 3).Draw(t, "angle")
		turnMask(y, m, win, angle, size)
		for i, v := range y {
			if want := slowTurn(m, win, angle, size, i%size, i/size); math.Abs(float64(v)-want) > 1e-4 {
				t.Fatalf("turned by %g: pixel %d is %g, want %g", angle, i, v, want)
			}
		}
	})
}

// slowTurn is one pixel of turnMask by the definition: a tent of radius 1 over all
// pixels of the window continued by mirroring, limited to its own far edge.
func slowTurn(m *Mask, win window, angle float64, size, ox, oy int) float64 {
	if win.mirrored {
		ox = size - 1 - ox
	}
	if win.upsideDown {
		oy = size - 1 - oy
	}
	u := (float64(ox)+0.5)/float64(size) - 0.5
	v := (float64(oy)+0.5)/float64(size) - 0.5
	dx, dy := u*float64(win.w), v*float64(win.h)
	x := math.Cos(angle)*dx - math.Sin(angle)*dy + float64(win.w-1)/2
	y := math.Sin(angle)*dx + math.Cos(angle)*dy + float64(win.h-1)/2
	fold := func(i, n int) int {
		if i < 0 {
			i = -i
		}
		if i > n-1 {
			i = 2*(n-1) - i
		}
		return min(max(i, 0), n-1)
	}
	sum := 0.0
	for yy := int(math.Floor(y)); yy <= int(math.Floor(y))+1; yy++ {
		for xx := int(math.Floor(x)); xx <= int(math.Floor(x))+1; xx++ {
			w := (1 - math.Abs(x-float64(xx))) * (1 - math.Abs(y-float64(yy)))
			sum += w * float64(m.Pix[(win.y+fold(yy, win.h))*m.W+win.x+fold(xx, win.w)])
		}
	}
	return sum / 255
}

func TestQuarterTurn(t *testing.T) {
	m := &Mask{3, 3, []uint8{10, 20, 30, 40, 50, 60, 70, 80, 90}}
	y := make([]float32, 9)
	turnMask(y, m, window{w: 3, h: 3}, math.Pi/2, 3)
	for i, want := range []uint8{30, 60, 90, 20, 50, 80, 10, 40, 70} {
		if math.Abs(float64(y[i])*255-float64(want)) > 1e-4 {
			t.Fatalf("a quarter turn gives %v at %d, want %d", y[i]*255, i, want)
		}
	}
}

func TestBlurEqualsSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "size")
		x := rapid.SliceOfN(rapid.Float32Range(-2, 2), n*n, n*n).Draw(t, "x")
		amount := rapid.Float32Range(-1, 1).Draw(t, "amount")
		got := slices.Clone(x)
		blur(got, make([]float32, n*n), n, amount)
		for i := range x {
			soft := 0.0
			for dy, wy := range []float64{0.25, 0.5, 0.25} {
				for dx, wx := range []float64{0.25, 0.5, 0.25} {
					r, c := min(max(i/n+dy-1, 0), n-1), min(max(i%n+dx-1, 0), n-1)
					soft += wy * wx * float64(x[r*n+c])
				}
			}
			if want := float64(x[i]) + float64(amount)*(soft-float64(x[i])); math.Abs(float64(got[i])-want) > 1e-6 {
				t.Fatalf("pixel %d is %g, want %g", i, got[i], want)
			}
		}
	})
}

// Colours change as brightness, contrast and saturation are defined on 0..1, and
// stay what a photo can be.
func TestRecolour(t *testing.T) {
	mean, std := []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	weights := []float64{0.299, 0.587, 0.114}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "n")
		rgb := rapid.SliceOfN(rapid.Float64Range(0, 1), 3*n, 3*n).Draw(t, "colours")
		factor := rapid.Float64Range(0, 2)
		b, k, s := factor.Draw(t, "bright"), factor.Draw(t, "contrast"), factor.Draw(t, "saturation")
		x := make([]float32, 3*n)
		centre := 0.0
		for i := range n {
			for c := range 3 {
				x[c*n+i] = float32((rgb[c*n+i] - mean[c]) / std[c])
				centre += b * weights[c] * rgb[c*n+i] / float64(n)
			}
		}
		recolour(x, n, variation{bright: float32(b), contr: float32(k), satur: float32(s)})
		for i := range n {
			grey := 0.0
			var v [3]float64
			for c := range 3 {
				v[c] = (b*rgb[c*n+i]-centre)*k + centre
				grey += weights[c] * v[c]
			}
			for c := range 3 {
				want := math.Min(math.Max(grey+s*(v[c]-grey), 0), 1)
				if got := float64(x[c*n+i])*std[c] + mean[c]; math.Abs(got-want) > 2e-6 {
					t.Fatalf("colour %d of pixel %d is %g, want %g", c, i, got, want)
				}
			}
		}
	})
}

// Every variation stays in its range and its window in the picture, takes the same
// number of draws whatever is switched on, and is none where nothing is.
func TestVaryBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Float64Range(0, 1)
		a := Augment{Scale: one.Draw(t, "scale"), Rotate: 10, Colour: 0.3, Grey: one.Draw(t, "grey"), Blur: 0.3, Sharpen: 0.3, Reduce: 0.5}
		seed, side := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 500)
		w, h := side.Draw(t, "w"), side.Draw(t, "h")
		r, q := stream(seed, 1, 2), stream(seed, 1, 2)
		win := a.draw(r, w, h)
		was := win
		v := a.vary(r, &win)
		if win.x < was.x || win.y < was.y || win.w < 1 || win.h < 1 || win.x+win.w > was.x+was.w || win.y+win.h > was.y+was.h {
			t.Fatalf("%+v of %+v", win, was)
		}
		if a.Scale > 0 && (float64(win.w) < a.Scale*float64(was.w)-1 || float64(win.h) < a.Scale*float64(was.h)-1) {
			t.Fatalf("%+v is less than %g of %+v", win, a.Scale, was)
		}
		if math.Abs(v.angle) > 10*math.Pi/180 || v.bright < 0.699 || v.bright > 1.301 || v.satur > 1.301 || v.blur < -1 || v.blur > 1 || v.reduce < 0 || v.reduce >= 1 {
			t.Fatalf("%+v", v)
		}
		whole := window{w: w, h: h}
		if none := (Augment{Scale: 1}).draw(q, w, h); none != whole {
			t.Fatalf("%+v", none)
		}
		if v := (Augment{Scale: 1}).vary(q, &whole); v != plain() || whole.w != w {
			t.Fatalf("%+v, %+v without any augmentation", v, whole)
		}
		if r.Uint64() != q.Uint64() {
			t.Fatal("what is switched on changes how many numbers are drawn")
		}
	})
}

// Varied batches depend neither on the number of workers nor on where the epoch is
// entered, differ from plain ones, and hold numbers in range.
func TestLoaderVaried(t *testing.T) {
	pairs := drawSet(t, t.TempDir(), 7)
	load := func(workers, from int, a Augment) (xs, ys [][]float32) {
		l, err := NewLoader(LoaderOptions{Pairs: pairs, Size: 16, Batch: 2, Seed: 5, Workers: workers, Augment: a})
		if err != nil {
			t.Fatal(err)
		}
		for b, err := range l.Epoch(context.Background(), 2, from) {
			if err != nil {
				t.Fatal(err)
			}
			xs, ys = append(xs, slices.Clone(b.X)), append(ys, slices.Clone(b.Y))
		}
		return xs, ys
	}
	a := Augment{Crop: 3, Flip: 0.5, Scale: 0.5, Rotate: 20, Colour: 0.4, Grey: 0.2, Blur: 0.4, Sharpen: 0.4, Reduce: 0.7}
	x1, y1 := load(1, 0, a)
	x3, y3 := load(3, 1, a)
	for i := range x3 {
		if !slices.Equal(x1[i+1], x3[i]) || !slices.Equal(y1[i+1], y3[i]) {
			t.Fatalf("batch %d differs", i+1)
		}
	}
	for i := range x1 {
		for _, v := range x1[i] {
			if !(v > -2.2 && v < 2.7) {
				t.Fatalf("input value %g", v)
			}
		}
		for _, v := range y1[i] {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("target value %g", v)
			}
		}
	}
	if x, _ := load(1, 0, Augment{Crop: 3, Flip: 0.5}); slices.Equal(x[0], x1[0]) {
		t.Error("nothing was varied")
	}
}
