package data

// ownSize makes the batch one of a single picture in its own size, flipped as the window
// says.
func (b *Batch) ownSize(p *Photo, m *Mask, win window) {
	px := p.W * p.H
	b.H, b.W = p.H, p.W
	b.X, b.Y = resized(b.X, 3*px), resized(b.Y, px)
	scale, shift := normalisation()
	for y := range p.H {
		row := y
		if win.upsideDown {
			row = p.H - 1 - y
		}
		for x := range p.W {
			from := row*p.W + x
			if win.mirrored {
				from = row*p.W + p.W - 1 - x
			}
			at := y*p.W + x
			for c := range 3 {
				b.X[c*px+at] = float32(p.Pix[3*from+c])*scale[c] + shift[c]
			}
			b.Y[at] = float32(m.Pix[from]) / 255
		}
	}
}

// normalisation is what a value of 0 to 255 is multiplied with, and what is added then: over
// 255, less the ImageNet mean, over the ImageNet standard deviation.
func normalisation() (scale, shift [3]float32) {
	for c, std := range [3]float64{0.229, 0.224, 0.225} {
		scale[c] = float32(1 / (255 * std))
		shift[c] = float32(-[3]float64{0.485, 0.456, 0.406}[c] / std)
	}
	return scale, shift
}
