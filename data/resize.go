package data

import (
	"math"

	"csnet/internal/kernel/pixels"
)

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
	var l lines
	for c := range channels {
		out, in := dst[c*dw*dh:(c+1)*dw*dh], src[c*sw*sh:(c+1)*sw*sh]
		across := func(line []float32, at int) { acrossFloats(line, in[at:at+sw], cols) }
		l.reset(dw)
		for y, r := range rows {
			top, bottom := l.pair(r, across)
			line := out[y*dw : (y+1)*dw]
			for x, t := range top[:len(line)] {
				line[x] = t + (bottom[x]-t)*r.w
			}
		}
	}
}

// lines are two source rows, resized across. A row is mostly wanted again for
// the next output row.
type lines struct {
	at  [2]int // where the rows begin; -1: none
	row [2][]float32
}

// reset forgets the rows and makes room for n values each.
func (l *lines) reset(n int) {
	for i := range l.row {
		l.at[i], l.row[i] = -1, resized(l.row[i], n)
	}
}

// pair gives the rows between which a tap lies; across makes one that is not there.
func (l *lines) pair(t tap, across func(line []float32, at int)) (top, bottom []float32) {
	a := 0
	if l.at[1] == t.a || l.at[0] == t.b && t.a != t.b {
		a = 1
	}
	b := 1 - a
	if t.a == t.b {
		b = a
	}
	for _, want := range [2][2]int{{a, t.a}, {b, t.b}} {
		if i, at := want[0], want[1]; l.at[i] != at {
			across(l.row[i], at)
			l.at[i] = at
		}
	}
	return l.row[a], l.row[b]
}

func acrossFloats(line, src []float32, cols []tap) {
	for x, c := range cols[:len(line)] {
		v := src[c.a]
		line[x] = v + (src[c.b]-v)*c.w
	}
}

func acrossBytes(line []float32, src []uint8, cols []tap) {
	for x, c := range cols[:len(line)] {
		v := float32(src[c.a])
		line[x] = v + (float32(src[c.b])-v)*c.w
	}
}

// sampler resizes 8-bit pictures straight to net inputs and keeps its tables.
type sampler struct {
	cols, rows []tap
	pixels     pixels.Taps // cols of a photo
	lines      lines
	areas      areas
	plane      []float32
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
	scale, shift := normalisation()
	s.pixels.Reset(size)
	for x, c := range s.cols {
		s.pixels.Set(x, c.a, c.b, c.w)
	}
	across := func(line []float32, at int) { pixels.AcrossRGB(line, p.Pix[at:], &s.pixels) }
	s.lines.reset(3 * size)
	for y, r := range s.rows {
		top, bottom := s.lines.pair(r, across)
		for c := range 3 {
			out := dst[(c*size+y)*size : (c*size+y+1)*size]
			pixels.Between(out, top[c*size:], bottom[c*size:], r.w, scale[c], shift[c])
		}
	}
}

// mask writes (1, size, size): the window resized, over 255.
func (s *sampler) mask(dst []float32, m *Mask, win window, size int) {
	s.cols = taps(s.cols, size, win.w, win.x, 1, win.mirrored)
	s.rows = taps(s.rows, size, win.h, win.y*m.W, m.W, win.upsideDown)
	across := func(line []float32, at int) { acrossBytes(line, m.Pix[at:], s.cols) }
	s.lines.reset(size)
	for y, r := range s.rows {
		top, bottom := s.lines.pair(r, across)
		out := dst[y*size : (y+1)*size]
		for x, t := range top[:len(out)] {
			out[x] = (t + (bottom[x]-t)*r.w) / 255
		}
	}
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
