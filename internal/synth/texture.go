package synth

import (
	"math"
	"math/rand/v2"
)

// A field gives every place a number in 0..1; (u, v) are in units of the image's
// shorter side.
type field func(u, v float64) float64

// A texture mixes two colours by a field.
type texture struct {
	a, b  rgb
	field field
}

func (t texture) at(u, v float64) rgb { return t.a.mix(t.b, t.field(u, v)) }

// drawField draws one of the kinds of field.
func drawField(rng *rand.Rand) field {
	switch rng.IntN(7) {
	case 0:
		return flat
	case 1:
		return gradient(rng)
	case 2:
		return radial(rng)
	case 3:
		return stripes(rng)
	case 4:
		return checker(rng)
	case 5:
		return blobs(rng)
	default:
		return clouds(rng)
	}
}

func flat(_, _ float64) float64 { return 0 }

// gradient runs from 0 to 1 along a random direction.
func gradient(rng *rand.Rand) field {
	sin, cos := math.Sincos(rng.Float64() * 2 * math.Pi)
	return func(u, v float64) float64 { return clip(.5 + .7*(cos*(u-.5)+sin*(v-.5))) }
}

// radial runs from 0 at a random centre to 1 one side away from it.
func radial(rng *rand.Rand) field {
	cu, cv := rng.Float64(), rng.Float64()
	return func(u, v float64) float64 { return clip(math.Hypot(u-cu, v-cv)) }
}

// stripes are soft-edged, of 4 to 14 periods a side, and slightly bent.
func stripes(rng *rand.Rand) field {
	sin, cos := math.Sincos(rng.Float64() * math.Pi)
	rate := between(rng, 4, 14) * 2 * math.Pi
	bend, edge := between(rng, 0, .25), between(rng, 1, 4)
	phase := rng.Float64() * 2 * math.Pi
	return func(u, v float64) float64 {
		along, across := cos*v-sin*u, cos*u+sin*v
		return clip(.5 + edge*.5*math.Sin(rate*(across+bend*along*along)+phase))
	}
}

// checker is a turned checkerboard of 3 to 9 squares a side, its edges soft.
func checker(rng *rand.Rand) field {
	sin, cos := math.Sincos(rng.Float64() * math.Pi / 2)
	rate := between(rng, 3, 9) * math.Pi
	edge := between(rng, 1.5, 5)
	return func(u, v float64) float64 {
		return clip(.5 + edge*.5*math.Sin(rate*(cos*u+sin*v))*math.Sin(rate*(cos*v-sin*u)))
	}
}

// clouds is value noise of three octaves, stretched in a random direction.
func clouds(rng *rand.Rand) field {
	n := noise(rng.Uint64())
	rate := between(rng, 2, 9)
	stretch := between(rng, .35, 1)
	sin, cos := math.Sincos(rng.Float64() * math.Pi)
	return func(u, v float64) float64 {
		x, y := rate*(cos*u+sin*v), rate*stretch*(cos*v-sin*u)
		return clip(1.5*(.57*n.at(x, y)+.28*n.at(2*x+7, 2*y)+.15*n.at(4*x, 4*y+7)) - .25)
	}
}

// blobs is value noise cut at a level: islands and lakes.
func blobs(rng *rand.Rand) field {
	n := noise(rng.Uint64())
	rate, level := between(rng, 3, 10), between(rng, .4, .6)
	return func(u, v float64) float64 { return clip(.5 + 6*(n.at(rate*u, rate*v)-level)) }
}

// noise is smooth noise in 0..1 over the plane, one bump per unit of length;
// its value names which noise it is.
type noise uint64

func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	tx, ty := x-fx, y-fy
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	ix, iy := int64(fx), int64(fy)
	top := n.corner(ix, iy) + tx*(n.corner(ix+1, iy)-n.corner(ix, iy))
	bottom := n.corner(ix, iy+1) + tx*(n.corner(ix+1, iy+1)-n.corner(ix, iy+1))
	return top + ty*(bottom-top)
}

// corner is the noise at a lattice point: a hash of the point in 0..1.
func (n noise) corner(x, y int64) float64 {
	h := uint64(n) ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return float64(h>>40) / (1 << 24)
}

func clip(t float64) float64 { return min(max(t, 0), 1) }
