package data

import (
	"math"
	"math/rand/v2"
)

// variation is how a picture is varied beyond its crop and flip.
type variation struct {
	angle  float64 // turn, radians
	reduce float64 // share of the way from its own size to the input's by area averages; 0 = none
	blur   float32 // share of a 3x3 blur; below 0 it sharpens
	bright float32 // factors
	contr  float32
	satur  float32
}

// plain is no variation.
func plain() variation { return variation{bright: 1, contr: 1, satur: 1} }

// vary draws the variation of a picture and shortens its window by Scale. It
// always takes twelve numbers from r.
func (a Augment) vary(r *rand.PCG, win *window) variation {
	var u [12]float64
	for i := range u {
		u[i] = share(r)
	}
	if a.Scale > 0 && a.Scale < 1 {
		keep := a.Scale + (1-a.Scale)*u[0]
		win.x, win.w = shorten(win.x, win.w, keep, u[1])
		win.y, win.h = shorten(win.y, win.h, keep, u[2])
	}
	v := plain()
	v.angle = (2*u[3] - 1) * a.Rotate * math.Pi / 180
	factor := func(u float64) float32 { return float32(1 + (2*u-1)*a.Colour) }
	v.bright, v.contr, v.satur = factor(u[4]), factor(u[5]), factor(u[6])
	if u[7] < a.Grey {
		v.satur = 0
	}
	if u[8] < a.Blur {
		v.blur = float32(u[9])
	} else if u[8] >= 1-a.Sharpen {
		v.blur = -float32(u[9])
	}
	if u[10] < a.Reduce {
		v.reduce = u[11]
	}
	return v
}

// shorten keeps a share of n pixels from x on, at a place drawn as u in [0, 1).
func shorten(x, n int, keep, u float64) (int, int) {
	m := max(1, int(math.Round(keep*float64(n))))
	return x + int(u*float64(n-m+1)), m
}

// varied writes the net input and target of a pair: x (3, size, size), y (size,
// size). Without a variation they are what photo and mask write.
func (s *sampler) varied(x, y []float32, p *Photo, m *Mask, win window, v variation, size int) {
	from, photoWin := p, win
	if v.reduce > 0 && win.w > size && win.h > size {
		w, h := between(win.w, size, v.reduce), between(win.h, size, v.reduce)
		from, photoWin = s.areas.reduce(p, win, w, h), window{w: w, h: h, mirrored: win.mirrored, upsideDown: win.upsideDown}
	}
	if v.angle == 0 {
		s.photo(x, from, photoWin, size)
		s.mask(y, m, win, size)
	} else {
		turnPhoto(x, from, photoWin, v.angle, size)
		turnMask(y, m, win, v.angle, size)
	}
	if v.blur != 0 {
		s.plane = resized(s.plane, size*size)
		for c := range 3 {
			blur(x[c*size*size:][:size*size], s.plane, size, v.blur)
		}
	}
	if v.blur < 0 || v.bright != 1 || v.contr != 1 || v.satur != 1 {
		recolour(x, size*size, v)
	}
}

// between goes a share of the way from n down to size.
func between(n, size int, share float64) int {
	return n - int(math.Round(share*float64(n-size)))
}

// blur mixes a plane (size, size) with its blur by the binomial 3x3 kernel, borders
// repeated: (1-amount) x + amount blur(x). A negative amount sharpens.
func blur(x, rows []float32, size int, amount float32) {
	for r := range size {
		line, out := x[r*size:][:size], rows[r*size:][:size]
		for c, v := range line {
			out[c] = 0.25*line[max(c-1, 0)] + 0.5*v + 0.25*line[min(c+1, size-1)]
		}
	}
	for r := range size {
		up, here, down := rows[max(r-1, 0)*size:][:size], rows[r*size:][:size], rows[min(r+1, size-1)*size:][:size]
		line := x[r*size:][:size]
		for c, v := range line {
			soft := 0.25*up[c] + 0.5*here[c] + 0.25*down[c]
			line[c] = v + amount*(soft-v)
		}
	}
}

// recolour changes brightness, contrast about the mean grey and saturation of a net
// input x (3, n), in this order, and keeps it in what a photo can be.
func recolour(x []float32, n int, v variation) {
	mean, std := imageNet()
	grey := func(i int) float32 {
		var g float32
		for c, weight := range [3]float32{0.299, 0.587, 0.114} {
			g += weight * (x[c*n+i]*std[c] + mean[c])
		}
		return g
	}
	sum := 0.0
	for i := range n {
		sum += float64(grey(i))
	}
	centre := v.bright * float32(sum/float64(n))
	for i := range n {
		l := v.contr*(v.bright*grey(i)-centre) + centre
		for c := range 3 {
			w := v.contr*(v.bright*(x[c*n+i]*std[c]+mean[c])-centre) + centre
			w = min(max(l+v.satur*(w-l), 0), 1)
			x[c*n+i] = (w - mean[c]) / std[c]
		}
	}
}

// imageNet returns mean and standard deviation of ImageNet's colours, by which a net
// input is normalised.
func imageNet() (mean, std [3]float32) {
	return [3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225}
}
