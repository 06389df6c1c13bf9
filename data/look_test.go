package data

import (
	"image"
	"math/rand/v2"
	"testing"

	"csnet/internal/imagefile"
)

// TestLookGreys: the way of grey files counts what the way of all files counts.
func TestLookGreys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		w, h := 1+r.IntN(9), 1+r.IntN(9)
		m := image.NewGray(image.Rect(0, 0, w, h))
		n := image.NewNRGBA(m.Rect)
		for i := range m.Pix {
			m.Pix[i] = uint8([]int{0, 24, 25, 128, 129, 255}[r.IntN(6)])
			n.Pix[4*i], n.Pix[4*i+1], n.Pix[4*i+2], n.Pix[4*i+3] = m.Pix[i], m.Pix[i], m.Pix[i], 255
		}
		a, _, _ := lookAt(stored{m, w, h, imagefile.Upright, ""}, 0, nil, nil)
		b, _, _ := lookAt(stored{n, w, h, imagefile.Upright, ""}, 0, nil, nil)
		a.shades, b.shades = nil, nil
		if a.levels != b.levels || a.luma != b.luma || a.ink != b.ink || a.alpha != b.alpha || a.agree != b.agree || a.kind() != b.kind() {
			t.Fatalf("%dx%d %v:\n%+v\n%+v", w, h, m.Pix, a, b)
		}
	}
}
