package data

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestDrawBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Augment{Crop: rapid.IntRange(0, 40).Draw(t, "crop"), Flip: 0.5, Vertical: 0.5}
		side := rapid.OneOf(rapid.IntRange(1, 130), rapid.Just(10000))
		w, h := side.Draw(t, "w"), side.Draw(t, "h")
		win := a.draw(stream(rapid.Uint64().Draw(t, "seed"), 1, 2), w, h)
		check := func(from, n, side int) {
			to := side - from - n
			if from < 0 || to < 0 || n < 1 || 2*n < side || from > max(a.Crop-1, 0) || to > a.Crop {
				t.Fatalf("%d..%d of %d taken", from, from+n, side)
			}
			if a.Crop > 0 && 2*a.Crop-1 <= side/2 && to < 1 {
				t.Fatalf("%d cut at the far end, want 1..%d", to, a.Crop)
			}
		}
		check(win.x, win.w, w)
		check(win.y, win.h, h)
		if win.mirrored && win.upsideDown {
			t.Fatal("flipped both ways")
		}
		if small := a.Crop > 0 && (2*a.Crop-1 > w/2 || 2*a.Crop-1 > h/2); a.clipped(w, h) != small {
			t.Fatalf("clipped(%d, %d) = %v", w, h, !small)
		}
	})
}

// TestDrawSpread draws often: every cut comes equally often, a flip half the
// time, half of the flips upside down; neighbouring streams do not follow each
// other.
func TestDrawSpread(t *testing.T) {
	const n = 30000
	a := DefaultConfig().Augment
	var left, top, right, bottom [16]int
	mirrored, upsideDown, repeats := 0, 0, 0
	last := window{}
	for i := range uint64(n) {
		win := a.draw(stream(1, i%100, i/100), 300, 200)
		left[win.x]++
		top[win.y]++
		right[300-win.x-win.w]++
		bottom[200-win.y-win.h]++
		if win.mirrored {
			mirrored++
		}
		if win.upsideDown {
			upsideDown++
		}
		if win.x == last.x {
			repeats++
		}
		last = win
	}
	near := func(what string, got int, p float64) {
		if want, sigma := n*p, math.Sqrt(n*p*(1-p)); math.Abs(float64(got)-want) > 5*sigma {
			t.Errorf("%s: %d times, want about %.0f", what, got, want)
		}
	}
	for i := range 15 {
		near("left", left[i], 1.0/15)
		near("top", top[i], 1.0/15)
		near("right", right[i+1], 1.0/15)
		near("bottom", bottom[i+1], 1.0/15)
	}
	near("mirrored", mirrored, 0.25)
	near("upside down", upsideDown, 0.25)
	near("equal neighbours", repeats, 1.0/15)
}

func TestShuffled(t *testing.T) {
	// Known numbers: the order must not change between releases, or runs would not
	// resume.
	if got, want := shuffled(nil, 8, 1, 0), []int{5, 2, 1, 4, 7, 3, 0, 6}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	counts := [5][5]int{}
	for e := range 5000 {
		order := shuffled(nil, 5, 3, e)
		for i, v := range order {
			counts[i][v]++
		}
	}
	for i, row := range counts {
		for v, c := range row {
			if c < 850 || c > 1150 {
				t.Errorf("%d stands at %d %d times of 5000, want about 1000", v, i, c)
			}
		}
	}
}
