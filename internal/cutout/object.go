package cutout

import (
	"image"
	"math"
)

// Object says where in a photo a map sees an object.
type Object struct {
	Box    image.Rectangle // around all that is above the threshold, in pixels; empty where nothing is
	Area   float64         // share of the photo above the threshold, 0 to 1
	Centre [2]float64      // x and y of the centre of mass of the map above the threshold, in pixels
	Mean   float64         // of the whole map, 0 to 1
}

// Find measures a map of w x h pixels at a threshold.
func Find(m []uint8, w, h int, t uint8) Object {
	var o Object
	n, sum, mass, cx, cy := 0, 0.0, 0.0, 0.0, 0.0
	box := image.Rectangle{Min: image.Pt(w, h)}
	for y := range h {
		for x, v := range m[y*w:][:w] {
			sum += float64(v)
			if v <= t {
				continue
			}
			n++
			mass += float64(v)
			cx, cy = cx+float64(v)*(float64(x)+0.5), cy+float64(v)*(float64(y)+0.5)
			box.Min.X, box.Max.X = min(box.Min.X, x), max(box.Max.X, x+1)
			box.Min.Y, box.Max.Y = min(box.Min.Y, y), y+1
		}
	}
	if w*h > 0 {
		o.Mean, o.Area = sum/255/float64(w*h), float64(n)/float64(w*h)
	}
	if n > 0 {
		o.Box, o.Centre = box, [2]float64{cx / mass, cy / mass}
	}
	return o
}

// Grow returns the box with a margin on every side, a share of its longer side,
// cut at the borders of a photo of w x h. An empty box grows to the whole photo.
func Grow(box image.Rectangle, margin float64, w, h int) image.Rectangle {
	whole := image.Rect(0, 0, w, h)
	if box.Empty() {
		return whole
	}
	by := int(math.Round(margin * float64(max(box.Dx(), box.Dy()))))
	return box.Inset(-by).Intersect(whole)
}
