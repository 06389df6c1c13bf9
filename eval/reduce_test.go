package eval

import (
	"image/color"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// TestReduce: the protocol samples a photo that is large, noise and all, which is
// told; with Reduce the net sees the means of its areas, and small photos are scored
// as ever.
func TestReduce(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for i, side := range []int{40, 900} {
		photo, mask := disc(i, side, side*3/4)
		for y := range side * 3 / 4 {
			for x := range side {
				if side > 400 && r.IntN(3) == 0 {
					photo.SetRGBA(x, y, color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
				}
			}
		}
		savePNG(t, filepath.Join(dir, stem(i), "images", "a.png"), photo)
		savePNG(t, filepath.Join(dir, stem(i), "GT", "a.png"), mask)
	}
	score := func(reduce bool) *Report {
		m := bright("net")
		m.Reduce = reduce
		return run(t, Options{Methods: []Method{m}, Sets: []Set{{"small", filepath.Join(dir, stem(0))}, {"large", filepath.Join(dir, stem(1))}}})
	}
	plain, reduced := score(false), score(true)
	maxF := func(r *Report, k int) float64 { return r.Methods[0].Sets[k].Result.SalMetric.MaxF }
	if maxF(plain, 0) != maxF(reduced, 0) {
		t.Errorf("a photo of 40 pixels: maxF %v, reduced %v", maxF(plain, 0), maxF(reduced, 0))
	}
	if a, b := maxF(plain, 1), maxF(reduced, 1); b < a+0.05 {
		t.Errorf("a noisy photo of 900 pixels: maxF %v, reduced %v", a, b)
	}
	if !hasLine(plain.Notes(), "net on large: 1 photos are of 800 pixels or more: the field's protocol samples them") || hasLine(plain.Notes(), "net on small: 1 photos are of") {
		t.Errorf("%q", plain.Notes())
	}
	if !hasLine(reduced.Notes(), "net on large: 1 photos of more than 400 pixels were reduced by area first") {
		t.Errorf("%q", reduced.Notes())
	}
}
