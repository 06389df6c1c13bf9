package data

// A kind is what one look amounts to.
type kind int

const (
	blank    kind = iota // one level all over: says nothing
	light                // light objects on dark ground: the protocols' masks
	inverted             // dark objects on light ground
	dim                  // grey, with next to nothing above 128: class numbers or a grey of its own
	raw                  // small class numbers beside 255, which may be void or the object
	label                // drawn in few colours
	cutout               // what is seen lies in the alpha channel
	twofold              // luma and alpha each make a mask, and not the same one
	picture              // a photo, or greys without ground and objects
	kinds
)

// String tells what files of the kind look like.
func (k kind) String() string {
	return [kinds]string{
		"of one level all over", "light objects on dark ground", "dark objects on light ground", "grey with nothing above 128",
		"small class numbers beside 255", "drawn in colours", "cut-outs whose mask is the alpha channel",
		"grey masks with another mask in the alpha channel", "photos (no flat ground and objects)",
	}[k]
}

// Bounds of what is called a mask. They were set where drawn masks of all kinds
// and the training masks of DUTS keep clear of each other.
const (
	darkUpTo    = 25   // levels called dark
	lightFrom   = 230  // levels called light
	halftone    = 0.5  // share of dark and light pixels that a grey mask has at least
	flatColours = 0.8  // share of main colours that a drawn mask has at least
	flatInks    = 0.6  // the same of what is not black
	rim         = 0.9  // share of the border that is light in an inverted mask
	fewLevels   = 40   // class numbers are at most this many
	radius      = 12   // how far noise moves a level
	noise       = 0.02 // share of pixels that edges and noise may have
)

// kind classifies a look.
func (l *look) kind() kind {
	if l.cut {
		masked := !l.coloured() && l.share(0, darkUpTo)+l.share(lightFrom, 255) > 0.9 && l.luma.share > 0.001 && l.luma.share < 0.999
		switch {
		case !masked:
			return cutout
		case l.agree < 0.98:
			return twofold
		}
	}
	if l.coloured() {
		if l.flat >= flatColours && l.flatInk >= flatInks {
			return label
		}
		return picture
	}
	top, used := l.top(), l.distinct()
	switch {
	case used == 1, l.jpeg && (top <= radius || l.bottom() >= 255-radius):
		return blank
	case l.isRaw():
		return raw
	case top <= 128, l.isDim():
		return dim
	case l.share(0, darkUpTo)+l.share(lightFrom, 255) < halftone:
		return picture
	case l.luma.border >= rim && l.luma.share < 0.999:
		return inverted
	}
	return light
}

// isRaw says whether small class numbers stand beside 255 and nothing between.
func (l *look) isRaw() bool {
	return !l.jpeg && l.share(1, fewLevels) >= 0.003 && l.share(255, 255) >= 0.0005 &&
		l.share(fewLevels+1, 254) == 0
}

// isDim says whether what is not dark is one grey about the threshold, which
// noise scatters to both sides of it.
func (l *look) isDim() bool {
	up, all := l.mode(darkUpTo+1), l.share(darkUpTo+1, 255)
	return l.share(up-radius, up+radius) >= 0.8*all && l.share(up-radius, 128) > 0.05*all && l.share(129, up+radius) > 0.05*all
}

// share is that of the pixels with levels from lo to hi.
func (l *look) share(lo, hi int) float64 {
	sum := uint32(0)
	for v := max(lo, 0); v <= min(hi, 255); v++ {
		sum += l.levels[v]
	}
	return float64(sum) / float64(l.w*l.h)
}

// mode is the most frequent level from lo on, lo where there is none.
func (l *look) mode(lo int) int {
	best := lo
	for v := lo; v < 256; v++ {
		if l.levels[v] > l.levels[best] {
			best = v
		}
	}
	return best
}

// top and bottom are the highest and the lowest level.
func (l *look) top() int {
	for v := 255; v > 0; v-- {
		if l.levels[v] > 0 {
			return v
		}
	}
	return 0
}

func (l *look) bottom() int {
	for v, c := range l.levels {
		if c > 0 {
			return v
		}
	}
	return 0
}

// distinct counts the levels in use.
func (l *look) distinct() int {
	n := 0
	for _, c := range l.levels {
		if c > 0 {
			n++
		}
	}
	return n
}

// one is String for a single file.
func (k kind) one() string {
	return [kinds]string{
		"one level all over", "a light object on dark ground", "a dark object on light ground", "grey with nothing above 128",
		"small class numbers beside 255", "a drawing in colours", "a cut-out whose mask is the alpha channel",
		"a grey mask with another mask in the alpha channel", "a photo (no flat ground and object)",
	}[k]
}
