package metrics

import "math/bits"

// exactSum adds values >= 0 in 128-bit fixed point, 60 bits after the point:
// each value is cut to a multiple of 2^-60 and from there on the addition is
// exact, so order and grouping cannot change a digit. It holds up to 2^68.
type exactSum struct{ hi, lo uint64 }

// add takes a value in [0, 2^63).
func (s *exactSum) add(v float64) {
	const unit, carry = 0x1p60, 16 // hi counts 2^64 * 2^-60 = 16
	hi := uint64(v / carry)
	lo := uint64((v - float64(hi)*carry) * unit)
	s.plus(exactSum{hi, lo})
}

func (s *exactSum) plus(o exactSum) {
	var c uint64
	s.lo, c = bits.Add64(s.lo, o.lo, 0)
	s.hi, _ = bits.Add64(s.hi, o.hi, c)
}

// mean over n values.
func (s *exactSum) mean(n int) float64 {
	return (float64(s.hi)*16 + float64(s.lo)*0x1p-60) / float64(n)
}

// curveSum is an exactSum per threshold.
type curveSum [Thresholds]exactSum

func (s *curveSum) add(c *Curve) {
	for t, v := range c {
		s[t].add(v)
	}
}

func (s *curveSum) plus(o *curveSum) {
	for t := range s {
		s[t].plus(o[t])
	}
}

func (s *curveSum) mean(n int) (c Curve) {
	for t := range s {
		c[t] = s[t].mean(n)
	}
	return c
}
