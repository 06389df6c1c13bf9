package chart

import "math"

// span is a range of values.
type span struct{ lo, hi float64 }

func newRange() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(f float64) { s.lo, s.hi = min(s.lo, f), max(s.hi, f) }

func (s span) empty() bool { return s.lo > s.hi }

// open makes room around a range of one value, or of next to none.
func (s span) open(log bool) span {
	switch most := max(math.Abs(s.lo), math.Abs(s.hi)); {
	case s.hi-s.lo > 1e-9*most && s.hi-s.lo > 1e-300:
		return s
	case log:
		return span{s.lo / 2, s.hi * 2}
	case most < 1e-290:
		return span{-1, 1}
	default:
		return span{s.lo - most/2, s.hi + most/2}
	}
}

// round widens the range a little, to 0 when that is near, to whole ticks otherwise.
func (s span) round() span {
	d := step(s, 5)
	r := span{math.Floor(s.lo/d) * d, math.Ceil(s.hi/d) * d}
	if s.lo >= 0 && s.lo < .4*s.hi {
		r.lo = 0
	}
	return r
}

// step is the round number (1, 2, 5 times a power of ten) that cuts s into about n.
func step(s span, n int) float64 {
	raw := (s.hi - s.lo) / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 5} {
		if raw <= k*power*1.01 {
			return k * power
		}
	}
	return 10 * power
}

// tick is a mark on an axis: where it stands, and its number.
type tick struct {
	at   float64
	text string
}

// axis places values between two coordinates.
type axis struct {
	span
	from, to float64
	log      bool
}

// share is how far along the axis a value stands: 0 at its start, 1 at its end.
func (a axis) share(f float64) float64 {
	if a.log {
		return math.Log(f/a.lo) / math.Log(a.hi/a.lo)
	}
	return (f - a.lo) / (a.hi - a.lo)
}

func (a axis) place(f float64) float64 { return a.from + a.share(f)*(a.to-a.from) }

// ticks are about n marks at round values.
func (a axis) ticks(n int) []tick {
	var marks []tick
	mark := func(f float64) {
		if t := a.share(f); t > -1e-9 && t < 1+1e-9 {
			marks = append(marks, tick{a.place(f), short(f)})
		}
	}
	if decades := math.Log10(a.hi / a.lo); a.log && decades >= 1 {
		every := max(1, int(math.Ceil(decades/float64(n))))
		for e := int(math.Floor(math.Log10(a.lo))); e <= int(math.Ceil(math.Log10(a.hi))); e += every {
			power := math.Pow(10, float64(e))
			mark(power)
			if decades < 2.5 {
				mark(2 * power)
				mark(5 * power)
			}
		}
		return marks
	}
	d := step(a.span, n)
	first := math.Ceil(a.lo/d - 1e-9)
	for i := range 4 * n {
		f := (first + float64(i)) * d
		if f > a.hi+1e-9*d {
			break
		}
		mark(math.Round(f/d*1e6) / 1e6 * d)
	}
	return marks
}

// marks are the ticks at the given values, or about n at round ones.
func (a axis) marks(at []float64, n int) []tick {
	if len(at) == 0 {
		return a.ticks(n)
	}
	var out []tick
	for _, f := range at {
		out = append(out, tick{a.place(f), short(f)})
	}
	return out
}
