package data

import (
	"fmt"
	"slices"
	"strings"
)

// A verdict is how the masks of a set are read, and why.
type verdict struct {
	coding Coding
	why    string
}

// survey is all looks of a set, by kind.
type survey struct {
	looks [kinds][]*look
	n     int // that are not blank
}

func newSurvey(looks []look) *survey {
	s := &survey{}
	for i := range looks {
		k := looks[i].kind()
		s.looks[k] = append(s.looks[k], &looks[i])
		if k != blank {
			s.n++
		}
	}
	return s
}

// count is how many looks are of one of the kinds.
func (s *survey) count(ks ...kind) int {
	n := 0
	for _, k := range ks {
		n += len(s.looks[k])
	}
	return n
}

// stray says whether n of all are so few that they are taken for accidents.
func (s *survey) stray(n int) bool { return 50*n <= s.n }

// decide settles how the masks of a set are read from all of their looks, or says
// which readings are possible.
func decide(looks []look) (verdict, error) {
	s := newSurvey(looks)
	if len(looks) == 0 {
		return verdict{}, nil
	}
	if s.n == 0 {
		return verdict{coding: Coding{Kind: MaskLuma}, why: "every mask is of one level all over"}, nil
	}
	rest := func(ks ...kind) bool { return s.stray(s.n - s.count(ks...)) }
	switch {
	case rest(cutout):
		return verdict{Coding{Kind: MaskAlpha}, s.these("cut-outs: the alpha channel is the mask, not the colours", cutout)}, nil
	case rest(dim):
		return s.dims()
	case s.count(label) > 0 && rest(label, dim, light) && !s.stray(s.count(label)):
		return s.labels()
	case rest(inverted) && s.n >= 8:
		return verdict{Coding{Kind: MaskColor}, s.these("dark objects on light ground: black is the foreground", inverted)}, nil
	case rest(light):
		return verdict{Coding{Kind: MaskLuma}, s.these("light objects on dark ground: foreground is what is above 128", light)}, nil
	case rest(light, dim, inverted) && 5*s.count(dim) <= s.n && 5*s.count(inverted) <= s.n:
		// Graded masks have few that stay below 128, and a few objects fill the frame.
		return verdict{Coding{Kind: MaskLuma}, s.these("light objects on dark ground: foreground is what is above 128", light)}, nil
	}
	return verdict{}, s.unclear()
}

// these is a reason with the count of files that gave it.
func (s *survey) these(text string, ks ...kind) string {
	n := s.count(ks...)
	if blanks := len(s.looks[blank]); blanks > 0 {
		return fmt.Sprintf("%s (%d of %d masks; %d are of one level all over)", text, n, s.n+blanks, blanks)
	}
	return fmt.Sprintf("%s (%d of %d masks)", text, n, s.n)
}

// dims decides where nothing is above 128: one grey of its own, or class numbers.
func (s *survey) dims() (verdict, error) {
	var all look
	jpegs, most := 0, 0
	for _, l := range s.looks[dim] {
		for v, c := range l.levels {
			all.levels[v] += c
		}
		all.w += l.w * l.h
		if l.jpeg {
			jpegs++
		}
		most = max(most, l.distinct())
	}
	all.h = 1
	top := all.mode(darkUpTo)
	two := all.share(0, radius)+all.share(top-radius, top+radius) >= 1-noise
	switch {
	case top > darkUpTo && two && all.share(top-radius, top+radius) > 0:
		return verdict{Coding{Kind: MaskLuma, Top: uint8(top)}, s.these(fmt.Sprintf("two levels, 0 and %d: %d is the foreground", top, top), dim)}, nil
	case jpegs == 0 && most <= fewLevels && all.top() <= fewLevels:
		return verdict{Coding{Kind: MaskIndex}, s.these("class numbers "+s.numbers(all)+": every number but 0 is foreground", dim)}, nil
	case jpegs == 0 && most <= fewLevels:
		return verdict{}, s.refuse("have the levels "+s.numbers(all), dim,
			"index (every level but 0 is foreground)", fmt.Sprintf("color=%s (level %d alone is)", hexColour([3]uint8{uint8(top), uint8(top), uint8(top)}), top))
	}
	return verdict{}, s.refuse("are grey with nothing above 128", dim, "luma (foreground is what is above 128: nothing)", "index (everything but black is foreground)")
}

// numbers lists the levels in use, the first few.
func (s *survey) numbers(all look) string {
	var out []string
	for v, c := range all.levels {
		if c > 0 {
			out = append(out, fmt.Sprint(v))
		}
	}
	if len(out) > 7 {
		out = append(out[:4], "...", out[len(out)-1])
	}
	if len(out) == 2 {
		return out[0] + " and " + out[1]
	}
	return strings.Join(out, ", ")
}

// labels decides where masks are drawn in colours: what is not black is
// foreground, if black is the ground.
func (s *survey) labels() (verdict, error) {
	dark, numbered, void := 0, 0, false
	for _, l := range s.looks[label] {
		if l.ink.border < 0.5 && (!l.paletted || l.zeroBlack) {
			dark++
		}
		if l.paletted {
			numbered++
		}
		void = void || l.voidNumber
	}
	colours := s.colours()
	if s.stray(s.n - s.count(label, dim, light) + s.count(label) - dark) {
		c := Coding{Kind: MaskIndex, Above: s.half(), Void: void}
		text := "drawn in " + colours + " on black: every colour but black is foreground"
		if numbered > 0 {
			text = "class numbers with a palette, " + colours + " on black: every number but 0 is foreground"
		}
		if void {
			text += ", 255 (void) is neither"
		}
		return verdict{c, s.these(text, label)}, nil
	}
	return verdict{}, s.refuse("are drawn in "+colours+" and the ground is not black", label, s.colourReadings()...)
}

// half is a level between black and the objects' colours. Where edges are soft or
// noisy it is half of the darkest colour that prevails in a mask.
func (s *survey) half() uint8 {
	least, exact := 255, true
	for _, l := range s.looks[label] {
		exact = exact && l.flat > 0.999
		for _, sh := range l.shades {
			if top := max(sh.colour[0], sh.colour[1], sh.colour[2]); top > inkAbove {
				least = min(least, int(top))
				break
			}
		}
	}
	if exact {
		return inkAbove
	}
	return uint8(max(least/2, inkAbove))
}

// main lists the main colours of all drawn masks, the most frequent first.
func (s *survey) main() []shade {
	var all []shade
	for _, l := range s.looks[label] {
		for _, sh := range l.shades {
			i := slices.IndexFunc(all, func(a shade) bool { return close3(a.colour, sh.colour, radius) })
			if i < 0 {
				all = append(all, shade{colour: sh.colour})
				i = len(all) - 1
			}
			all[i].share += sh.share / float64(len(s.looks[label]))
		}
	}
	slices.SortStableFunc(all, func(a, b shade) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	return all
}

// colours names the main colours that are not black.
func (s *survey) colours() string {
	var names []string
	for _, sh := range s.main() {
		if max(sh.colour[0], sh.colour[1], sh.colour[2]) > inkAbove && sh.share >= 0.0005 {
			names = append(names, hexColour(sh.colour))
		}
	}
	if len(names) > 4 {
		return fmt.Sprintf("%d colours (%s, ...)", len(names), strings.Join(names[:3], ", "))
	}
	return strings.Join(names, ", ")
}

// colourReadings offers each of the two main colours, and what is not black.
func (s *survey) colourReadings() []string {
	var out []string
	for i, sh := range s.main() {
		if i < 2 {
			out = append(out, fmt.Sprintf("color=%s (%.0f%% of the pixels)", hexColour(sh.colour), 100*sh.share))
		}
	}
	return append(out, "index (every number but 0, every colour but black is foreground)")
}

// unclear says what there is where no one reading fits.
func (s *survey) unclear() error {
	var parts []string
	var top kind
	for k := light; k < kinds; k++ {
		if n := len(s.looks[k]); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, k, s.looks[k][0].path))
			if n > len(s.looks[top]) || top == blank {
				top = k
			}
		}
	}
	if s.stray(s.n - s.count(picture)) {
		return s.refuse("are photos (no flat ground and objects)", picture, "luma (foreground is what is brighter than 128)",
			"another folder: are photos and masks swapped, or is this the wrong folder?")
	}
	if len(parts) == 1 {
		switch top {
		case inverted:
			return s.refuse("are dark on light ground", inverted, "luma (what is light is foreground)", "color=#000000 (what is black is)")
		case raw:
			return s.refuse("have small class numbers beside 255", raw, "index (every number but 0 is foreground, 255 is void)", "luma (255 is foreground)")
		case twofold:
			return s.refuse("have a grey mask and another one in the alpha channel", twofold, "luma", "alpha")
		}
	}
	readings := "luma, alpha, index or color=#rrggbb"
	if s.count(light, inverted) == s.n {
		readings = "luma (what is light is foreground) or color=#000000 (what is black is), for one part of them each"
	}
	return fmt.Errorf("masks are not of one kind: %s; part them, or give --mask (data.mask) %s", strings.Join(parts, ", "), readings)
}

// refuse is the error of a set whose masks can be read in several ways.
func (s *survey) refuse(what string, k kind, readings ...string) error {
	return fmt.Errorf("%d of %d masks %s (%s); give --mask (data.mask) %s", len(s.looks[k]), s.n+len(s.looks[blank]), what,
		s.looks[k][0].path, strings.Join(readings, " or "))
}
