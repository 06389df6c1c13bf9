package imagefile

import (
	"image"
	"math"
)

// Reduced decodes the picture, as seen, with its longer side reduced by area to at
// most side pixels (8-bit RGB, 3*w*h bytes, interleaved). A smaller picture stays as
// it is. A large JPEG is decoded at a half, a quarter or an eighth of its size first,
// still no smaller than wanted, in a fraction of the time and memory.
func (f *File) Reduced(side int) (pix []uint8, w, h int, err error) {
	img, scale, err := f.decodeAt(side)
	if err != nil {
		return nil, 0, 0, err
	}
	w, h = Fitting(f.W, f.H, side)
	pix = f.Buffers.pixels(3 * w * h)
	if scale == 1 && w == f.W && h == f.H {
		RGB(pix, img)
	} else {
		area(pix, w, h, img, float64(f.W)/float64(scale), float64(f.H)/float64(scale))
	}
	if f.Orientation == Upright {
		return pix, w, h, nil
	}
	turned := make([]uint8, len(pix))
	Turn(turned, pix, w, h, 3, f.Orientation)
	if Sideways(f.Orientation) {
		w, h = h, w
	}
	return turned, w, h, nil
}

// Reduce is File.Reduced of a decoded picture.
func Reduce(img image.Image, side int) (pix []uint8, w, h int) {
	b := img.Bounds()
	w, h = Fitting(b.Dx(), b.Dy(), side)
	pix = make([]uint8, 3*w*h)
	if w == b.Dx() && h == b.Dy() {
		RGB(pix, img)
	} else {
		area(pix, w, h, img, float64(b.Dx()), float64(b.Dy()))
	}
	return pix, w, h
}

// Fitting is the size of a picture of w x h whose longer side is at most side.
func Fitting(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	to := func(n int) int { return max(1, int(math.Round(float64(n)*float64(side)/float64(long)))) }
	return to(w), to(h)
}

// scale is that of decodeAt.
func (f *File) scale(side int) int {
	long, scale := max(f.W, f.H), 8
	for scale > 1 && (f.Kind != JPEG || long/scale != side && long < 2*scale*side) {
		scale /= 2
	}
	return scale
}

// decodeAt decodes at the largest scale from which the longer side comes to side
// pixels by no more reducing, or by two and more: in between, reducing twice is not
// quite reducing once. It says which.
func (f *File) decodeAt(side int) (image.Image, int, error) {
	scale := f.scale(side)
	if scale > 1 {
		img, err := f.scaledJPEG(scale)
		if err != nil {
			return nil, 0, f.undecodable(err)
		}
		if img != nil {
			return img, scale, nil
		}
	}
	img, err := f.Decode()
	return img, 1, err
}

// Area writes a picture of channels bytes a pixel, 1 or 3, row by row without gaps, reduced
// from sw x sh to w x h pixels by area; w <= sw, h <= sh.
func Area(dst []uint8, w, h, channels int, src []uint8, sw, sh int) {
	source{sw, sh, channels, func(row []uint8, y int) { copy(row, src[channels*sw*y:]) }}.area(dst, w, h, float64(sw), float64(sh))
}

// area writes img reduced to w x h, as source.area does.
func area(dst []uint8, w, h int, img image.Image, sw, sh float64) {
	b, r := img.Bounds(), NewRows(img)
	source{b.Dx(), b.Dy(), 3, r.RGB}.area(dst, w, h, sw, sh)
}

// source is a picture of w x h pixels of 1 or 3 bytes.
type source struct {
	w, h, channels int
	row            func(dst []uint8, y int)
}

// area writes the picture reduced to w x h: every pixel is the mean over the part of the
// source that it covers, sw x sh of its pixels being the picture (those at the right and
// bottom border may reach beyond it). In whole numbers, so that it is the same on every
// machine.
func (s source) area(dst []uint8, w, h int, sw, sh float64) {
	cols, lines := spans(w, s.w, sw), spans(h, s.h, sh)
	src, n := make([]uint8, s.channels*s.w), s.channels*w
	row, sum := make([]uint32, n), make([]uint32, n)
	across := map[int]func([]uint32, []uint8, []span){1: acrossGrey, 3: across}[s.channels]
	have := -1 // the source row that is in row
	for y, line := range lines {
		clear(sum)
		for i, weight := range line.weights {
			if have != line.first+i {
				have = line.first + i
				s.row(src, have)
				across(row, src, cols)
			}
			for x, v := range row[:len(sum)] {
				sum[x] += v * weight
			}
		}
		out := dst[n*y : n*(y+1)]
		for x, v := range sum[:len(out)] {
			out[x] = uint8((v + 1<<(sumBits-1)) >> sumBits)
		}
	}
}

// The levels of a row that was reduced across have rowBits bits below one, weights
// have weightBits, and what is added up of both sumBits: 255 times that fits 32.
const (
	rowBits    = 7
	weightBits = 16
	sumBits    = rowBits + weightBits
)

// across reduces a row of RGB.
func across(row []uint32, src []uint8, cols []span) {
	for x, c := range cols {
		var red, green, blue uint32
		for i, weight := range c.weights {
			p := src[3*(c.first+i):][:3]
			red, green, blue = red+uint32(p[0])*weight, green+uint32(p[1])*weight, blue+uint32(p[2])*weight
		}
		const shift, half = weightBits - rowBits, 1 << (weightBits - rowBits - 1)
		out := row[3*x:][:3]
		out[0], out[1], out[2] = (red+half)>>shift, (green+half)>>shift, (blue+half)>>shift
	}
}

// acrossGrey reduces a row of grey.
func acrossGrey(row []uint32, src []uint8, cols []span) {
	for x, c := range cols {
		var grey uint32
		for i, v := range src[c.first:][:len(c.weights)] {
			grey += uint32(v) * c.weights[i]
		}
		const shift, half = weightBits - rowBits, 1 << (weightBits - rowBits - 1)
		row[x] = (grey + half) >> shift
	}
}

// A span is the source pixels that an output pixel covers, and how much of it each
// fills, times 2^weightBits.
type span struct {
	first   int
	weights []uint32
}

// spans divides extent of n source pixels among m output pixels; m <= extent <= n.
func spans(m, n int, extent float64) []span {
	out := make([]span, m)
	size := extent / float64(m)
	all := make([]uint32, 0, n+2*m)
	for i := range out {
		from, to := float64(i)*size, float64(i+1)*size
		first, start := min(int(from), n-1), len(all)
		for k := first; k < n && float64(k) < to; k++ {
			part := min(to, float64(k+1)) - max(from, float64(k))
			all = append(all, uint32(math.Round(part/size*(1<<weightBits))))
		}
		out[i] = span{first, all[start:len(all):len(all)]}
	}
	return out
}
