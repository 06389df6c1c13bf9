package data

import "math"

// turned gives, for a window sampled at size x size, where in the window the
// output pixel (ox, oy) of a picture turned by an angle reads: the window's flips
// first, then the turn about its centre.
type turned struct {
	win            window
	sin, cos       float64
	scaleX, scaleY float64 // window pixels per output pixel
	size           int
}

func newTurned(win window, angle float64, size int) turned {
	sin, cos := math.Sincos(angle)
	return turned{win, sin, cos, float64(win.w) / float64(size), float64(win.h) / float64(size), size}
}

// at returns the four pixels and two weights between which an output pixel lies;
// beyond the window's border it is mirrored.
func (t turned) at(ox, oy int) (x0, x1, y0, y1 int, wx, wy float32) {
	if t.win.mirrored {
		ox = t.size - 1 - ox
	}
	if t.win.upsideDown {
		oy = t.size - 1 - oy
	}
	half := float64(t.size) / 2
	dx, dy := (float64(ox)+0.5-half)*t.scaleX, (float64(oy)+0.5-half)*t.scaleY
	x := t.cos*dx - t.sin*dy + float64(t.win.w)/2 - 0.5
	y := t.sin*dx + t.cos*dy + float64(t.win.h)/2 - 0.5
	fx, fy := math.Floor(x), math.Floor(y)
	fold := func(i, n int) int { return min(max(mirror(i, n), 0), n-1) }
	return t.win.x + fold(int(fx), t.win.w), t.win.x + fold(int(fx)+1, t.win.w),
		t.win.y + fold(int(fy), t.win.h), t.win.y + fold(int(fy)+1, t.win.h), float32(x - fx), float32(y - fy)
}

// turnPhoto is sampler.photo of a picture turned about the window's centre.
func turnPhoto(dst []float32, p *Photo, win window, angle float64, size int) {
	t := newTurned(win, angle, size)
	mean, std := imageNet()
	for oy := range size {
		for ox := range size {
			x0, x1, y0, y1, wx, wy := t.at(ox, oy)
			for c := range 3 {
				pix := func(x, y int) float32 { return float32(p.Pix[(y*p.W+x)*3+c]) }
				top := pix(x0, y0) + (pix(x1, y0)-pix(x0, y0))*wx
				bottom := pix(x0, y1) + (pix(x1, y1)-pix(x0, y1))*wx
				dst[(c*size+oy)*size+ox] = ((top+(bottom-top)*wy)/255 - mean[c]) / std[c]
			}
		}
	}
}

// turnMask is sampler.mask of a picture turned about the window's centre.
func turnMask(dst []float32, m *Mask, win window, angle float64, size int) {
	t := newTurned(win, angle, size)
	for oy := range size {
		for ox := range size {
			x0, x1, y0, y1, wx, wy := t.at(ox, oy)
			pix := func(x, y int) float32 { return float32(m.Pix[y*m.W+x]) }
			top := pix(x0, y0) + (pix(x1, y0)-pix(x0, y0))*wx
			bottom := pix(x0, y1) + (pix(x1, y1)-pix(x0, y1))*wx
			dst[oy*size+ox] = (top + (bottom-top)*wy) / 255
		}
	}
}
