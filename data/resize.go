package data

import "math"

// A tap is where one output coordinate reads: src[a] + (src[b]-src[a])*w.
type tap struct {
	a, b int
	w    float32
}

// taps fills buf with the dn taps that resize sn samples, bilinear with half-pixel
// centres and no anti-aliasing. Output i lies at (i+0.5)*sn/dn - 0.5; samples
// beyond the border are mirrored without repeating the edge (c b | a b c); a
// single sample repeats. reversed writes them last first, which mirrors the
// output. Indices are times stride, plus from.
func taps(buf []tap, dn, sn, from, stride int, reversed bool) []tap {
	buf = resized(buf, dn)
	scale := float64(sn) / float64(dn)
	for i := range dn {
		x := (float64(i)+0.5)*scale - 0.5
		floor := math.Floor(x)
		a := int(floor)
		t := tap{from + mirror(a, sn)*stride, from + mirror(a+1, sn)*stride, float32(x - floor)}
		if reversed {
			buf[dn-1-i] = t
		} else {
			buf[i] = t
		}
	}
	return buf
}

// mirror brings -1..n back into 0..n-1.
func mirror(i, n int) int {
	if i < 0 {
		i = -i
	}
	if i >= n {
		i = 2*(n-1) - i
	}
	return max(i, 0)
}

// Resize resizes planes: dst (channels, dh, dw), src (channels, sh, sw), both
// row by row. Bilinear with half-pixel centres, no anti-aliasing, the border
// mirrored without repeating the edge pixel. All sides are at least 1.
func Resize(dst []float32, dw, dh int, src []float32, sw, sh, channels int) {
	cols := taps(nil, dw, sw, 0, 1, false)
	rows := taps(nil, dh, sh, 0, sw, false)
	for c := range channels {
		out, in := dst[c*dw*dh:(c+1)*dw*dh], src[c*sw*sh:(c+1)*sw*sh]
		for y, r := range rows {
			lerpRow(out[y*dw:(y+1)*dw], in[r.a:r.a+sw], in[r.b:r.b+sw], r.w, cols)
		}
	}
}

// lerpRow writes one output row from the two source rows it lies between.
func lerpRow(out, top, bottom []float32, w float32, cols []tap) {
	for x, c := range cols[:len(out)] {
		t := top[c.a] + (top[c.b]-top[c.a])*c.w
		b := bottom[c.a] + (bottom[c.b]-bottom[c.a])*c.w
		out[x] = t + (b-t)*w
	}
}

// sampler resizes 8-bit pictures straight to net inputs and keeps its tables.
type sampler struct {
	cols, rows []tap
}

// A window is the part of a picture that is taken, and how it is flipped.
type window struct {
	x, y, w, h           int
	mirrored, upsideDown bool
}

// photo writes (3, size, size): the window resized, over 255, less the ImageNet
// mean, over the ImageNet standard deviation. (Bilinear weights add up to 1, so
// normalising after resizing is the same as before.)
func (s *sampler) photo(dst []float32, p *Photo, win window, size int) {
	s.cols = taps(s.cols, size, win.w, 3*win.x, 3, win.mirrored)
	s.rows = taps(s.rows, size, win.h, 3*win.y*p.W, 3*p.W, win.upsideDown)
	var scale, shift [3]float32
	for c, std := range [3]float64{0.229, 0.224, 0.225} {
		scale[c] = float32(1 / (255 * std))
		shift[c] = float32(-[3]float64{0.485, 0.456, 0.406}[c] / std)
	}
	n := size * size
	red, green, blue := dst[:n], dst[n:2*n], dst[2*n:3*n]
	for y, r := range s.rows {
		top, bottom := p.Pix[r.a:], p.Pix[r.b:]
		at := y * size
		for x, c := range s.cols {
			ta, tb := top[c.a:c.a+3:c.a+3], top[c.b:c.b+3:c.b+3]
			ba, bb := bottom[c.a:c.a+3:c.a+3], bottom[c.b:c.b+3:c.b+3]
			red[at+x] = blend(ta[0], tb[0], ba[0], bb[0], c.w, r.w)*scale[0] + shift[0]
			green[at+x] = blend(ta[1], tb[1], ba[1], bb[1], c.w, r.w)*scale[1] + shift[1]
			blue[at+x] = blend(ta[2], tb[2], ba[2], bb[2], c.w, r.w)*scale[2] + shift[2]
		}
	}
}

// mask writes (1, size, size): the window resized, over 255.
func (s *sampler) mask(dst []float32, m *Mask, win window, size int) {
	s.cols = taps(s.cols, size, win.w, win.x, 1, win.mirrored)
	s.rows = taps(s.rows, size, win.h, win.y*m.W, m.W, win.upsideDown)
	for y, r := range s.rows {
		top, bottom := m.Pix[r.a:], m.Pix[r.b:]
		out := dst[y*size : (y+1)*size]
		for x, c := range s.cols {
			out[x] = blend(top[c.a], top[c.b], bottom[c.a], bottom[c.b], c.w, r.w) / 255
		}
	}
}

// blend mixes four neighbours, wx to the right and wy down.
func blend(ta, tb, ba, bb uint8, wx, wy float32) float32 {
	t := float32(ta) + (float32(tb)-float32(ta))*wx
	b := float32(ba) + (float32(bb)-float32(ba))*wx
	return t + (b-t)*wy
}

// Input writes the net input of a photo, (3, size, size): resized, in 0..1,
// normalised with ImageNet's mean (0.485, 0.456, 0.406) and standard deviation
// (0.229, 0.224, 0.225).
func Input(dst []float32, photo *Photo, size int) {
	var s sampler
	s.photo(dst, photo, window{w: photo.W, h: photo.H}, size)
}

// Target writes the net target of a mask, (1, size, size): resized, in 0..1.
func Target(dst []float32, mask *Mask, size int) {
	var s sampler
	s.mask(dst, mask, window{w: mask.W, h: mask.H}, size)
}

// Restore turns probabilities of a net, prob (size, size), into an 8-bit map of
// the photo's size (w, h): resized as by Resize, times 255, cut down to whole
// numbers. It writes into dst where that is large enough and returns the map.
func Restore(dst []uint8, w, h int, prob []float32, size int) []uint8 {
	dst = resized(dst, w*h)
	cols := taps(nil, w, size, 0, 1, false)
	rows := taps(nil, h, size, 0, size, false)
	line := make([]float32, w)
	for y, r := range rows {
		lerpRow(line, prob[r.a:r.a+size], prob[r.b:r.b+size], r.w, cols)
		out := dst[y*w : (y+1)*w]
		for x, v := range line {
			out[x] = uint8(min(max(v*255, 0), 255))
		}
	}
	return dst
}
