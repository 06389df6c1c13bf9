package page

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// Shrink gives a picture of which no side is above longest pixels: img itself where it
// is small enough, else an *image.Gray of one and an *image.RGBA of any other, scaled by
// Catmull and Rom's kernel.
func Shrink(img image.Image, longest int) image.Image {
	size := img.Bounds().Size()
	most := max(size.X, size.Y)
	if most <= longest {
		return img
	}
	to := image.Rect(0, 0, max(size.X*longest/most, 1), max(size.Y*longest/most, 1))
	switch img := img.(type) {
	case *image.Gray:
		small := image.NewGray(to)
		shrinkTo(small.Pix, to.Size(), 1, img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y):], img.Stride, size)
		return small
	case *image.RGBA:
		if img.Opaque() {
			small := image.NewRGBA(to)
			shrinkTo(small.Pix, to.Size(), 4, img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y):], img.Stride, size)
			return small
		}
	}
	small := image.NewRGBA(to)
	draw.CatmullRom.Scale(small, to, img, img.Bounds(), draw.Src, nil)
	return small
}

// shrinkTo scales a picture of pixels of step bytes, of one colour (step 1) or of red,
// green and blue that are all opaque (step 4), as draw.CatmullRom does, to the same
// bits: its sums in its order, but of the colours alone, and along rows. Rows of to
// have no gaps, those of from begin stride bytes after each other.
func shrinkTo(to []uint8, size image.Point, step int, from []uint8, stride int, was image.Point) {
	colours := min(step, 3)
	across, down := taps(size.X, was.X), taps(size.Y, was.Y)
	src, sums := make([]float64, colours*was.X), make([]float64, colours*size.X)
	lines := make([][]float64, down.n) // row y lies in lines[y%n] from when it is first read on
	for i := range lines {
		lines[i] = make([]float64, len(sums))
	}
	next, read := 0, make([][]float64, down.n)
	for y, one := range down.one {
		for ; next < down.first[y]+down.n; next++ {
			across.line(lines[next%down.n], src, from[next*stride:][:step*was.X], step)
		}
		for i := range read {
			read[i] = lines[(down.first[y]+i)%down.n]
		}
		down.sum(sums, read, down.weights[y*down.n:][:down.n])
		out := to[step*size.X*y:][:step*size.X]
		if step == 1 {
			for x, s := range sums {
				out[x] = level(s * one)
			}
			continue
		}
		for x := range size.X {
			s, o := sums[3*x:][:3], out[4*x:][:4]
			o[0], o[1], o[2], o[3] = level(s[0]*one), level(s[1]*one), level(s[2]*one), 255
		}
	}
}

// kernel says of which sources and with which weights every pixel of a line is made: n
// from first on, some of them with weight 0, a multiple of 4 where there are so many. The
// weights sum to 1/one.
type kernel struct {
	n       int
	first   []int
	weights []float64 // n of each pixel
	one     []float64
}

// taps plans a line of pixels that are made of from, more ones.
func taps(pixels, from int) kernel {
	scale := float64(from) / float64(pixels)
	reach := draw.CatmullRom.Support * scale
	k := kernel{n: min((int(math.Ceil(2*reach))+1+3)/4*4, from), first: make([]int, pixels), one: make([]float64, pixels)}
	k.weights = make([]float64, k.n*pixels)
	for x := range k.one {
		centre := float64((float64(x)+0.5)*scale) - 0.5
		begin, end := max(int(math.Floor(centre-reach)), 0), min(int(math.Ceil(centre+reach)), from)
		k.first[x] = min(begin, from-k.n)
		total := 0.0
		for at := begin; at < end; at++ {
			if away := math.Abs((centre - float64(at)) * (1 / scale)); away < draw.CatmullRom.Support {
				w := draw.CatmullRom.At(away)
				total += w
				k.weights[x*k.n+at-k.first[x]] = w
			}
		}
		k.one[x] = 1 / total
	}
	return k
}

// line makes a line of the bytes of a row; src is scratch.
func (k kernel) line(line, src []float64, row []uint8, step int) {
	if step == 1 {
		for i, v := range row {
			src[i] = float64(int(v) * 0x101)
		}
		k.grey(line, src)
		return
	}
	for i, at := 0, 0; at+4 <= len(row); i, at = i+3, at+4 {
		p, q := row[at:][:4], src[i:][:3]
		q[0], q[1], q[2] = float64(int(p[0])*0x101), float64(int(p[1])*0x101), float64(int(p[2])*0x101)
	}
	k.colours(line, src)
}

// grey makes a line of one colour from the levels of a row.
func (k kernel) grey(line, row []float64) {
	for x, first := range k.first {
		sum := 0.0
		src, weights := row[first:][:k.n], k.weights[x*k.n:][:k.n]
		for len(weights) >= 4 && len(src) >= 4 {
			sum += float64(src[0] * weights[0])
			sum += float64(src[1] * weights[1])
			sum += float64(src[2] * weights[2])
			sum += float64(src[3] * weights[3])
			src, weights = src[4:], weights[4:]
		}
		for i, w := range weights {
			sum += float64(src[i] * w)
		}
		line[x] = sum * (k.one[x] / 0xffff)
	}
}

// colours makes a line of red, green and blue from the levels of a row.
func (k kernel) colours(line, row []float64) {
	for x, first := range k.first {
		var r, g, b float64
		src, weights := row[3*first:][:3*k.n], k.weights[x*k.n:][:k.n]
		for len(weights) >= 4 && len(src) >= 12 {
			r += float64(src[0] * weights[0])
			g += float64(src[1] * weights[0])
			b += float64(src[2] * weights[0])
			r += float64(src[3] * weights[1])
			g += float64(src[4] * weights[1])
			b += float64(src[5] * weights[1])
			r += float64(src[6] * weights[2])
			g += float64(src[7] * weights[2])
			b += float64(src[8] * weights[2])
			r += float64(src[9] * weights[3])
			g += float64(src[10] * weights[3])
			b += float64(src[11] * weights[3])
			src, weights = src[12:], weights[4:]
		}
		for i, w := range weights {
			p := src[3*i:][:3]
			r += float64(p[0] * w)
			g += float64(p[1] * w)
			b += float64(p[2] * w)
		}
		one, out := k.one[x]/0xffff, line[3*x:][:3]
		out[0], out[1], out[2] = r*one, g*one, b*one
	}
}

// sum adds lines up.
func (k kernel) sum(sums []float64, lines [][]float64, weights []float64) {
	clear(sums)
	n := len(sums)
	for len(weights) >= 4 && len(lines) >= 4 {
		w := weights[:4]
		a, b, c, d := lines[0][:n], lines[1][:n], lines[2][:n], lines[3][:n]
		for i, s := range sums {
			s += float64(a[i] * w[0])
			s += float64(b[i] * w[1])
			s += float64(c[i] * w[2])
			sums[i] = s + float64(d[i]*w[3])
		}
		weights, lines = weights[4:], lines[4:]
	}
	for k, w := range weights {
		a := lines[k][:n]
		for i := range sums {
			sums[i] += float64(a[i] * w)
		}
	}
}

// level is the byte of a colour of 0 to 1.
func level(v float64) uint8 {
	return uint8(max(int32(float64(0xffff*min(v, 1))+0.5), 0) >> 8)
}
