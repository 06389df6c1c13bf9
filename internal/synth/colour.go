package synth

import (
	"math"
	"math/rand/v2"
)

// rgb is a colour, each part in 0..1 (values outside are clipped when stored).
type rgb struct{ r, g, b float64 }

func (c rgb) mix(d rgb, t float64) rgb {
	return rgb{c.r + t*(d.r-c.r), c.g + t*(d.g-c.g), c.b + t*(d.b-c.b)}
}

func (c rgb) scale(k float64) rgb { return rgb{c.r * k, c.g * k, c.b * k} }

func (c rgb) luma() float64 { return .3*c.r + .59*c.g + .11*c.b }

// distance is how much two colours differ to the eye, roughly: 0 for equal ones,
// about 1.3 from black to white. Lightness weighs more than hue.
func (c rgb) distance(d rgb) float64 {
	dl := c.luma() - d.luma()
	dr := c.r - d.r - dl
	db := c.b - d.b - dl
	return math.Sqrt(1.7*dl*dl + .8*dr*dr + .4*db*db)
}

// hsv makes a colour of hue h (in turns), saturation s and value v.
func hsv(h, s, v float64) rgb {
	part := func(shift float64) float64 {
		k := math.Mod(h*6+shift, 6)
		return v - v*s*math.Max(0, math.Min(math.Min(k, 4-k), 1))
	}
	return rgb{part(5), part(3), part(1)}
}

// jitter is a colour at most about size away from c.
func jitter(rng *rand.Rand, c rgb, size float64) rgb {
	l := between(rng, -size, size)
	return rgb{
		c.r + l + between(rng, -size, size)*.6,
		c.g + l + between(rng, -size, size)*.4,
		c.b + l + between(rng, -size, size)*.8,
	}
}

// contrasting draws a colour at least want away from every one of others; when
// none turns up in a few dozen draws, the farthest of those drawn.
func contrasting(rng *rand.Rand, others []rgb, want float64) rgb {
	var best rgb
	far := -1.0
	for range 48 {
		c := hsv(rng.Float64(), between(rng, .15, 1), between(rng, .08, 1))
		near := math.Inf(1)
		for _, o := range others {
			near = math.Min(near, c.distance(o))
		}
		if near >= want {
			return c
		}
		if near > far {
			best, far = c, near
		}
	}
	return best
}

// between is a number drawn evenly from lo..hi.
func between(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

// count is a whole number drawn evenly from lo..hi, both included.
func count(rng *rand.Rand, lo, hi int) int { return lo + rng.IntN(hi-lo+1) }
