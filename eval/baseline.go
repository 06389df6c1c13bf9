package eval

import "math"

// Drawer draws a map without looking at the photo: a fixed baseline. It writes
// w*h values into dst where that is large enough and returns them.
type Drawer func(dst []uint8, w, h int) []uint8

// AllForeground is 255 everywhere.
func AllForeground(dst []uint8, w, h int) []uint8 {
	dst = grow(dst, w*h)
	for i := range dst {
		dst[i] = 255
	}
	return dst
}

// AllBackground is 0 everywhere.
func AllBackground(dst []uint8, w, h int) []uint8 {
	dst = grow(dst, w*h)
	clear(dst)
	return dst
}

// CentredGaussian is 255 exp(-(dx^2/sx^2 + dy^2/sy^2)/2) around the middle of
// the image with sx = w/6 and sy = h/6, cut down to whole numbers.
func CentredGaussian(dst []uint8, w, h int) []uint8 {
	dst = grow(dst, w*h)
	column := make([]float64, w)
	for x := range column {
		column[x] = bell(x, w)
	}
	for y := range h {
		b := 255 * bell(y, h)
		for x, a := range column {
			dst[y*w+x] = uint8(a * b)
		}
	}
	return dst
}

// bell is exp(-d^2 / (2 (n/6)^2)), d from pixel i's centre to the middle of n.
func bell(i, n int) float64 {
	d := (float64(i) + 0.5 - float64(n)/2) / (float64(n) / 6)
	return math.Exp(-d * d / 2)
}

// Baselines are the fixed baselines as methods, to be scored like any other.
func Baselines() []Method {
	return []Method{
		{Name: "all-foreground", Draw: AllForeground},
		{Name: "centred-gaussian", Draw: CentredGaussian},
	}
}

func grow(s []uint8, n int) []uint8 {
	if cap(s) < n {
		return make([]uint8, n)
	}
	return s[:n]
}
