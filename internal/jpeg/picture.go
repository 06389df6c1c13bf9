package jpeg

import (
	"image"
	"image/color"
)

// ratio is package image's word for how planes are sampled.
func ratio(chroma component) image.YCbCrSubsampleRatio {
	switch [2]int{chroma.across, chroma.down} {
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410
	}
	return image.YCbCrSubsampleRatio444
}

// picture makes the planes one of package image's kinds.
func (d *decoder) picture() (image.Image, error) {
	r := image.Rect(0, 0, (d.w+d.scale-1)/d.scale, (d.h+d.scale-1)/d.scale)
	c := d.comps
	if len(c) == 1 {
		return &image.Gray{Pix: c[0].pix, Stride: c[0].stride, Rect: r}, nil
	}
	ycc := &image.YCbCr{Y: c[0].pix, Cb: c[1].pix, Cr: c[2].pix, YStride: c[0].stride, CStride: c[1].stride, SubsampleRatio: ratio(c[1]), Rect: r}
	if len(c) == 3 {
		if named := c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'; !d.jfif && (d.adobe == 0 || named) {
			return d.rgb(r), nil
		}
		return ycc, nil
	}
	if d.adobe > 0 {
		return d.ycck(ycc), nil
	}
	return d.cmyk(r), nil // without Adobe's marker taken for Adobe's kind, as others do
}

// rgb interleaves planes that are red, green and blue as they are.
func (d *decoder) rgb(r image.Rectangle) *image.RGBA {
	m := image.NewRGBA(r)
	for y := range r.Dy() {
		row := m.Pix[y*m.Stride : (y+1)*m.Stride]
		for i := range d.comps {
			line, step := d.comps[i].line(y), d.comps[i].across
			for x := range r.Dx() {
				row[4*x+i] = line[x/step]
			}
		}
		for x := range r.Dx() {
			row[4*x+3] = 255
		}
	}
	return m
}

// line is the row of a plane that belongs to row y of the picture.
func (c *component) line(y int) []byte {
	at := y / c.down * c.stride
	return c.pix[at : at+c.stride]
}

// cmyk interleaves planes that are stored inverted.
func (d *decoder) cmyk(r image.Rectangle) *image.CMYK {
	m := image.NewCMYK(r)
	for y := range r.Dy() {
		row := m.Pix[y*m.Stride : (y+1)*m.Stride]
		for i := range d.comps {
			line, step := d.comps[i].line(y), d.comps[i].across
			for x := range r.Dx() {
				row[4*x+i] = 255 - line[x/step]
			}
		}
	}
	return m
}

// ycck turns the first three planes to RGB, which is CMY of the inverted kind.
func (d *decoder) ycck(ycc *image.YCbCr) *image.CMYK {
	m := image.NewCMYK(ycc.Rect)
	for y := range m.Rect.Dy() {
		row, black := m.Pix[y*m.Stride:(y+1)*m.Stride], d.comps[3].line(y)
		for x := range m.Rect.Dx() {
			c := ycc.YCbCrAt(x, y)
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2] = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			p[3] = 255 - black[x]
		}
	}
	return m
}
