package data

// areas reduces photos and keeps its memory.
type areas struct {
	photo      Photo
	pix        []uint8
	line       []float32
	cols, rows []span
}

// reduce returns the window of a photo at w x h, each pixel the mean of the area
// that it covers, rounded: what image editors and cameras do where a bilinear
// resize reads single pixels. Neither side may grow.
func (b *areas) reduce(p *Photo, win window, w, h int) *Photo {
	b.pix, b.line = resized(b.pix, 3*w*h), resized(b.line, 3*w)
	b.cols, b.rows = spans(b.cols, win.w, w), spans(b.rows, win.h, h)
	dst, line, cols, rows := b.pix, b.line, b.cols, b.rows
	area := float32(win.w) / float32(w) * float32(win.h) / float32(h)
	for oy, row := range rows {
		clear(line)
		for k, wy := range row.weights {
			src := p.Pix[3*((win.y+row.first+k)*p.W+win.x):]
			for ox, col := range cols {
				var r, g, bl float32
				for i, wx := range col.weights {
					px := src[3*(col.first+i):][:3]
					r, g, bl = r+wx*float32(px[0]), g+wx*float32(px[1]), bl+wx*float32(px[2])
				}
				out := line[3*ox:][:3]
				out[0], out[1], out[2] = out[0]+wy*r, out[1]+wy*g, out[2]+wy*bl
			}
		}
		for i, v := range line {
			dst[3*oy*w+i] = uint8(min(v/area+0.5, 255))
		}
	}
	b.photo = Photo{w, h, dst}
	return &b.photo
}

// span is the source pixels that one output pixel covers, and how much of each.
type span struct {
	first   int
	weights []float32
}

// spans divides n source pixels among m <= n output pixels.
func spans(out []span, n, m int) []span {
	out = resized(out, m)
	for i := range out {
		// In m-ths of a source pixel the output covers i*n to (i+1)*n.
		from, to := i*n, (i+1)*n
		s := span{from / m, out[i].weights[:0]}
		for k := s.first; k*m < to; k++ {
			s.weights = append(s.weights, float32(min(to, (k+1)*m)-max(from, k*m))/float32(m))
		}
		out[i] = s
	}
	return out
}
