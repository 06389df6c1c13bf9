package forms

import "image"

// Facts are numbers about what a map says. Places are in pixels of the map.
type Facts struct {
	Mean      float64         // of the map, 0..1
	Area      float64         // the share of pixels above the threshold
	Box       image.Rectangle // around them, empty when there are none
	CentreX   float64         // where the map's weight lies; the middle for an empty map
	CentreY   float64
	Threshold uint8
}

// Measure tells where a map's object is and how large.
func (m Map) Measure(threshold uint8) Facts {
	f := Facts{Threshold: threshold}
	var sum, sumX, sumY uint64
	count := 0
	for y := range m.H {
		var rowSum, rowX uint64
		first, last := -1, -1
		for x, v := range m.Pix[y*m.W : (y+1)*m.W] {
			if v == 0 {
				continue
			}
			rowSum, rowX = rowSum+uint64(v), rowX+uint64(v)*uint64(x)
			if v > threshold {
				if first < 0 {
					first = x
				}
				last = x
				count++
			}
		}
		sum, sumX, sumY = sum+rowSum, sumX+rowX, sumY+rowSum*uint64(y)
		if first >= 0 {
			f.Box = f.Box.Union(image.Rect(first, y, last+1, y+1))
		}
	}
	n := float64(m.W) * float64(m.H)
	f.Mean, f.Area = float64(sum)/255/n, float64(count)/n
	f.CentreX, f.CentreY = float64(m.W)/2, float64(m.H)/2
	if sum > 0 {
		f.CentreX, f.CentreY = float64(sumX)/float64(sum)+0.5, float64(sumY)/float64(sum)+0.5
	}
	return f
}

// Around is a box with a margin, a share of its longer side on every side, inside
// a picture of w x h; the whole picture for an empty box.
func Around(box image.Rectangle, margin float64, w, h int) image.Rectangle {
	all := image.Rect(0, 0, w, h)
	if box.Empty() {
		return all
	}
	return box.Inset(-int(margin*float64(max(box.Dx(), box.Dy())) + 0.5)).Intersect(all)
}
