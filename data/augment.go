package data

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// validate checks the ranges of an Augment.
func (a Augment) validate() error {
	if a.Crop < 0 {
		return fmt.Errorf("data: augment.crop is %d, must be at least 0", a.Crop)
	}
	for _, v := range []struct {
		name  string
		value float64
		most  float64
	}{
		{"flip", a.Flip, 1}, {"vertical", a.Vertical, 1}, {"scale", a.Scale, 1}, {"rotate", a.Rotate, 180}, {"colour", a.Colour, 1},
		{"grey", a.Grey, 1}, {"blur", a.Blur, 1}, {"sharpen", a.Sharpen, 1}, {"reduce", a.Reduce, 1},
	} {
		if !(v.value >= 0 && v.value <= v.most) {
			return fmt.Errorf("data: augment.%s is %v, must be 0 to %g", v.name, v.value, v.most)
		}
	}
	return nil
}

// FlipsAlone reports whether pictures are flipped at most.
func (a Augment) FlipsAlone() bool {
	return a == Augment{Flip: a.Flip, Vertical: a.Vertical, Scale: a.Scale} && (a.Scale == 0 || a.Scale == 1)
}

// draw chooses the crop and the flip of a w x h picture. It always takes six
// numbers from r.
func (a Augment) draw(r *rand.PCG, w, h int) window {
	n := uint64(a.Crop)
	left, top := int(below(r, n)), int(below(r, n))
	right, bottom := int(below(r, n)), int(below(r, n))
	if a.Crop > 0 {
		right, bottom = right+1, bottom+1
	}
	left, right = clip(left, right, w)
	top, bottom = clip(top, bottom, h)
	flip, vertical := share(r) < a.Flip, share(r) < a.Vertical
	return window{
		x: left, y: top, w: w - left - right, h: h - top - bottom,
		mirrored: flip && !vertical, upsideDown: flip && vertical,
	}
}

// clip shortens two cuts so that at least half of a side stays.
func clip(a, b, side int) (int, int) {
	most := side / 2
	if a+b <= most {
		return a, b
	}
	a = min(a, most/2)
	return a, min(b, most-a)
}

// clipped says whether the largest crop would leave less than half of a side.
func (a Augment) clipped(w, h int) bool {
	return a.Crop > 0 && 2*a.Crop-1 > min(w, h)/2
}

// stream gives the random numbers of one (seed, a, b); neighbouring arguments
// give unrelated streams.
func stream(seed, a, b uint64) *rand.PCG {
	s := mix(seed + 0x9e3779b97f4a7c15)
	s1 := mix(s ^ mix(a+0xd1b54a32d192ed03))
	return rand.NewPCG(s1, mix(s1^mix(b+0x8cb92ba72f3d8dd7)))
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below draws from 0..n-1; 0 for n = 0. Its bias is below n/2^64.
func below(r *rand.PCG, n uint64) uint64 {
	hi, _ := bits.Mul64(r.Uint64(), n)
	return hi
}

// share draws from [0, 1).
func share(r *rand.PCG) float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// shuffled gives 0..n-1 in the order of an epoch (Fisher and Yates).
func shuffled(order []int, n int, seed uint64, epoch int) []int {
	order = resized(order, n)
	for i := range order {
		order[i] = i
	}
	r := stream(seed, uint64(epoch), ^uint64(0))
	for i := n - 1; i > 0; i-- {
		j := int(below(r, uint64(i+1)))
		order[i], order[j] = order[j], order[i]
	}
	return order
}
