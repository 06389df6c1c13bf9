package refine

import (
	"fmt"
	"math"
)

// Apply writes rows from up to to of the map of the full photo, w x h: dst has
// w*(to-from) grey values of 0 to 255, rgb the photo's pixels in these rows. A
// large photo may come in bands. Errors: slices of other lengths, rows that are
// not there.
func (f *Filter) Apply(dst, rgb []uint8, w, h, from, to int) error {
	n := w * (to - from)
	if w < 1 || from < 0 || to < from || to > h || len(dst) != n || len(rgb) != 3*n {
		return fmt.Errorf("refine: rows %d to %d of %dx%d: map of %d values and photo of %d bytes, must be %d and %d", from, to, w, h, len(dst), len(rgb), n, 3*n)
	}
	cols := places(w, f.w)
	rows := places(h, f.h)
	line, levels := make([]float32, 4*f.w), greyLevels()
	for y := from; y < to; y++ {
		f.blend(line, rows[y])
		out, px := dst[(y-from)*w:][:w], rgb[3*(y-from)*w:][:3*w]
		for x, c := range cols {
			a, b := line[4*c.a:][:4], line[4*c.b:][:4]
			v := a[3] + (b[3]-a[3])*c.t
			for k := range 3 {
				v += (a[k] + (b[k]-a[k])*c.t) * float32(px[3*x+k])
			}
			out[x] = levels[int((min(max(v, -limit), limit)+limit)*perLogit+0.5)]
		}
	}
	return nil
}

// perLogit is how finely greyLevels divides logits.
const perLogit = 512

// greyLevels returns the grey values of logits from -limit to limit.
func greyLevels() []uint8 {
	t := make([]uint8, 2*limit*perLogit+1)
	for i := range t {
		z := float64(i)/perLogit - limit
		t[i] = uint8(255 / (1 + math.Exp(-gain*z)))
	}
	return t
}

// blend writes the four planes between two rows into line, interleaved.
func (f *Filter) blend(line []float32, r place) {
	for k, plane := range f.planes {
		top, low := plane[r.a*f.w:][:f.w], plane[r.b*f.w:][:f.w]
		for x, v := range top {
			line[4*x+k] = v + (low[x]-v)*r.t
		}
	}
}

// place is where one of many pixels lies among few: between a and b, t of the way.
type place struct {
	a, b int
	t    float32
}

// places spreads n pixels over m, with half-pixel centres, the border repeated.
func places(n, m int) []place {
	out := make([]place, n)
	for i := range out {
		at := (float64(i)+0.5)*float64(m)/float64(n) - 0.5
		at = min(max(at, 0), float64(m-1))
		a := int(at)
		out[i] = place{a, min(a+1, m-1), float32(at - float64(a))}
	}
	return out
}
