package chart

import "image/color"

// paperColour is an ink on white.
func paperColour(k ink) color.RGBA {
	curves := [Colours]color.RGBA{
		{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255},
		{204, 121, 167, 255}, {230, 159, 0, 255}, {70, 70, 70, 255},
	}
	switch k.role {
	case inkPaper:
		return color.RGBA{255, 255, 255, 255}
	case inkText:
		return color.RGBA{20, 20, 20, 255}
	case inkSoft:
		return color.RGBA{70, 70, 70, 255}
	case inkGrid:
		return color.RGBA{225, 225, 225, 255}
	case inkAxis:
		return color.RGBA{120, 120, 120, 255}
	}
	c := curves[k.colour]
	if k.faint {
		pale := func(v uint8) uint8 { return uint8((int(v) + 2*255) / 3) }
		c = color.RGBA{pale(c.R), pale(c.G), pale(c.B), 255}
	}
	return c
}

// viridis maps 0..1 to the colour map of that name (Smith and van der Walt, CC0):
// even steps of the value are even steps to the eye, in grey print too.
func viridis(v float64) color.RGBA {
	stops := [...][3]float64{
		{68, 1, 84}, {72, 40, 120}, {62, 74, 137}, {49, 104, 142}, {38, 130, 142},
		{31, 158, 137}, {53, 183, 121}, {110, 206, 88}, {181, 222, 43}, {253, 231, 37},
	}
	at := min(max(v, 0), 1) * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	var c [3]uint8
	for k := range c {
		c[k] = uint8(stops[i][k] + (at-float64(i))*(stops[i+1][k]-stops[i][k]) + 0.5)
	}
	return color.RGBA{c[0], c[1], c[2], 255}
}
