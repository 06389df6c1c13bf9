package data

import (
	"encoding/binary"
	"image"

	"csnet/internal/imagefile"
)

// A look is what one mask file shows, before it is decided how masks are read.
type look struct {
	path    string
	w, h    int
	jpeg    bool
	wide    int         // largest 16-bit sample; 0 for 8-bit files
	levels  [256]uint32 // pixels by grey level
	chroma  float64     // share of the pixels that have a colour
	shades  []shade     // main colours, most frequent first; of coloured files
	flat    float64     // share of the pixels that have a main colour
	flatInk float64     // the same of the pixels that are not black

	paletted   bool
	zeroBlack  bool // number 0 of the palette is black
	voidNumber bool // number 255 stands for void: used, and of VOC's colour

	luma, ink, alpha area    // above 128; not black; alpha above 128
	cut              bool    // alpha has both transparent and opaque parts
	agree            float64 // share of the pixels on which luma and alpha agree
}

// An area is a share of a picture's pixels, and of those on its border.
type area struct{ share, border float64 }

// inkAbove is the largest channel of what still counts as black.
const inkAbove = 24

// colourful is how far the channels of a pixel with a colour are apart.
const colourful = 32

// lookAt observes a decoded mask, 16-bit files by their lower bits where bits is
// below 16.
func lookAt(s stored, bits uint8, rgb, alpha []uint8) (look, []uint8, []uint8) {
	l := look{w: s.w, h: s.h, wide: widest(s.img)}
	if m, ok := s.img.(*image.Gray); ok {
		l.greys(m)
		return l, rgb, alpha
	}
	n := s.w * s.h
	rgb, alpha = resized(rgb, 3*n), resized(alpha, n)
	imagefile.RGB(rgb, imagefile.Narrow(s.img, bits))
	alphaLevels(alpha, s.img)
	l.palette(s.img)
	l.areas(rgb, alpha)
	if l.coloured() {
		l.shades, l.flat, l.flatInk = mainColours(rgb)
	}
	return l, rgb, alpha
}

// coloured says whether a look is of more than greys; a few stray pixels are not.
func (l *look) coloured() bool {
	n := float64(l.w * l.h)
	return l.chroma > 0.0005 && l.chroma*n >= 4
}

// areas counts levels, colours and what lies on the border.
func (l *look) areas(rgb, alpha []uint8) {
	var inside, border [3]int
	coloured, clear, opaque, agree := 0, 0, 0, 0
	for y := range l.h {
		for x := range l.w {
			i := y*l.w + x
			r, g, b := rgb[3*i], rgb[3*i+1], rgb[3*i+2]
			v, top := luma(r, g, b), max(r, g, b)
			l.levels[v]++
			if top-min(r, g, b) > colourful {
				coloured++
			}
			is := [3]bool{v > 128, top > inkAbove, alpha[i] > 128}
			if is[2] {
				opaque++
			} else {
				clear++
			}
			if is[0] == is[2] {
				agree++
			}
			counts := &inside
			if x == 0 || y == 0 || x == l.w-1 || y == l.h-1 {
				counts = &border
			}
			for k, yes := range is {
				if yes {
					counts[k]++
				}
			}
		}
	}
	n := float64(l.w * l.h)
	rim := float64(l.w*l.h - max(l.w-2, 0)*max(l.h-2, 0))
	l.chroma, l.agree = float64(coloured)/n, float64(agree)/n
	l.cut = float64(min(clear, opaque)) >= 0.001*n
	for k, a := range []*area{&l.luma, &l.ink, &l.alpha} {
		*a = area{float64(inside[k]+border[k]) / n, float64(border[k]) / rim}
	}
}

// greys is areas for 8-bit grey files, of which most sets consist.
func (l *look) greys(m *image.Gray) {
	row := func(y int) []uint8 { return m.Pix[y*m.Stride:][:l.w] }
	for y := range l.h {
		l.count(row(y))
	}
	var luma, ink, n int
	border := func(v uint8) {
		n++
		if v > 128 {
			luma++
		}
		if v > inkAbove {
			ink++
		}
	}
	for y := range l.h {
		switch r := row(y); {
		case y == 0 || y == l.h-1:
			for _, v := range r {
				border(v)
			}
		case l.w == 1:
			border(r[0])
		default:
			border(r[0])
			border(r[l.w-1])
		}
	}
	l.luma = area{l.share(129, 255), float64(luma) / float64(n)}
	l.ink = area{l.share(inkAbove+1, 255), float64(ink) / float64(n)}
	l.alpha, l.agree = area{1, 1}, l.luma.share
}

// count counts the levels of a row, of which most are those of their neighbours.
func (l *look) count(row []uint8) {
	for ; len(row) >= 8; row = row[8:] {
		eight := binary.LittleEndian.Uint64(row)
		if v := eight & 255; eight == v*0x0101010101010101 {
			l.levels[v] += 8
			continue
		}
		for _, v := range row[:8] {
			l.levels[v]++
		}
	}
	for _, v := range row {
		l.levels[v]++
	}
}

// palette looks at a file's colour table.
func (l *look) palette(img image.Image) {
	m, ok := img.(*image.Paletted)
	if !ok {
		return
	}
	l.paletted = true
	table := imagefile.Palette(m.Palette)
	l.zeroBlack = max(table[0][0], table[0][1], table[0][2]) <= inkAbove
	if len(m.Palette) < 256 || table[255] != [3]uint8{voidColour >> 16, voidColour >> 8 & 255, voidColour & 255} {
		return
	}
	for _, v := range m.Pix {
		if v == 255 {
			l.voidNumber = true
			return
		}
	}
}

// widest is the largest sample of a 16-bit picture, alpha left out; 0 for others.
func widest(img image.Image) int {
	top := 0
	scan := func(pix []uint8, pixel, samples int) {
		for p := 0; p+pixel <= len(pix); p += pixel {
			for k := range samples {
				top = max(top, int(pix[p+2*k])<<8|int(pix[p+2*k+1]))
			}
		}
	}
	switch m := img.(type) {
	case *image.Gray16:
		scan(m.Pix, 2, 1)
	case *image.RGBA64:
		scan(m.Pix, 8, 3)
	case *image.NRGBA64:
		scan(m.Pix, 8, 3)
	default:
		return 0
	}
	return max(top, 1)
}

// A shade is a main colour and the share of the pixels that have it.
type shade struct {
	colour [3]uint8
	share  float64
}

const (
	mostShades   = 16
	shadeRadius  = 6
	shadeSamples = 1 << 16
)

// mainColours finds the most frequent colours of a picture, each with all that
// differ from it by at most shadeRadius in every channel, and says which share of
// the pixels, and of those that are not black, they make up. Drawn regions are
// nearly all main colours, photos hardly.
func mainColours(rgb []uint8) (shades []shade, flat, flatInk float64) {
	step := max(1, len(rgb)/3/shadeSamples)
	counts := make(map[[3]uint8]int)
	n, ink := 0, 0
	for i := 0; i < len(rgb); i += 3 * step {
		c := [3]uint8{rgb[i], rgb[i+1], rgb[i+2]}
		counts[c]++
		n++
		if max(c[0], c[1], c[2]) > inkAbove {
			ink++
		}
	}
	taken, takenInk := 0, 0
	for range mostShades {
		best, most := [3]uint8{}, 0
		for c, k := range counts {
			if k > most || k == most && less(c, best) {
				best, most = c, k
			}
		}
		if most == 0 || 1000*most < n {
			break
		}
		sum := 0
		for c, k := range counts {
			if close3(c, best, shadeRadius) {
				sum += k
				delete(counts, c)
			}
		}
		taken += sum
		if max(best[0], best[1], best[2]) > inkAbove {
			takenInk += sum
		}
		shades = append(shades, shade{best, float64(sum) / float64(n)})
	}
	return shades, float64(taken) / float64(n), float64(takenInk) / float64(max(ink, 1))
}

func less(a, b [3]uint8) bool {
	for k := range a {
		if a[k] != b[k] {
			return a[k] < b[k]
		}
	}
	return false
}

func close3(a, b [3]uint8, radius int) bool {
	for k := range a {
		if d := int(a[k]) - int(b[k]); d > radius || d < -radius {
			return false
		}
	}
	return true
}
