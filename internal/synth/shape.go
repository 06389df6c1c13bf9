package synth

import (
	"math"
	"math/rand/v2"
)

// A shape is a signed distance to an outline around the origin, within about one
// unit of it: negative inside, positive outside, near the outline as steep as the
// true distance, so that edges can be smoothed by it.
type shape func(x, y float64) float64

// drawShape draws one of the kinds of shape.
func drawShape(rng *rand.Rand) shape {
	switch rng.IntN(8) {
	case 0:
		return ellipse(between(rng, .45, 1))
	case 1:
		return box(between(rng, .45, 1), between(rng, .05, .4))
	case 2:
		return polygon(corners(rng, count(rng, 3, 7), .8, 1))
	case 3:
		return polygon(star(rng))
	case 4:
		return ring(between(rng, .32, .5))
	case 5:
		return lumps(rng)
	default:
		return wobbly(rng)
	}
}

// ellipse has half axes 1 and b.
func ellipse(b float64) shape {
	return func(x, y float64) float64 {
		k := math.Hypot(x, y/b)
		steep := math.Hypot(x, y/(b*b))
		if steep < 1e-9 {
			return -b
		}
		return k * (k - 1) / steep
	}
}

// box is a rectangle of half sides 1 and b with corners of radius r*b.
func box(b, r float64) shape {
	r *= b
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x)-1+r, math.Abs(y)-b+r
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - r
	}
}

// ring is a circle with a hole: the line of radius 1 - t/2, t wide.
func ring(t float64) shape {
	return func(x, y float64) float64 { return math.Abs(math.Hypot(x, y)-1+t/2) - t/2 }
}

type point struct{ x, y float64 }

// corners are n points around the origin at uneven angles, lo..hi away from it.
func corners(rng *rand.Rand, n int, lo, hi float64) []point {
	p := make([]point, n)
	for i := range p {
		sin, cos := math.Sincos((float64(i) + between(rng, -.22, .22)) / float64(n) * 2 * math.Pi)
		r := between(rng, lo, hi)
		p[i] = point{r * cos, r * sin}
	}
	return p
}

// star has 4 to 7 points.
func star(rng *rand.Rand) []point {
	n, inner := count(rng, 4, 7), between(rng, .45, .65)
	p := make([]point, 2*n)
	for i := range p {
		r := 1.0
		if i%2 == 1 {
			r = inner
		}
		sin, cos := math.Sincos(float64(i) / float64(2*n) * 2 * math.Pi)
		p[i] = point{r * cos, r * sin}
	}
	return p
}

// polygon is the exact signed distance to a closed line.
func polygon(p []point) shape {
	return func(x, y float64) float64 {
		best, inside := math.Inf(1), false
		for i, a := range p {
			b := p[(i+1)%len(p)]
			ex, ey := b.x-a.x, b.y-a.y
			wx, wy := x-a.x, y-a.y
			t := clip((wx*ex + wy*ey) / (ex*ex + ey*ey))
			best = min(best, (wx-t*ex)*(wx-t*ex)+(wy-t*ey)*(wy-t*ey))
			if (a.y > y) != (b.y > y) && x < a.x+ex*wy/ey {
				inside = !inside
			}
		}
		if inside {
			return -math.Sqrt(best)
		}
		return math.Sqrt(best)
	}
}

// wobbly is a circle whose radius swings with the angle.
func wobbly(rng *rand.Rand) shape {
	var size, phase [4]float64
	for k := range size {
		size[k] = between(rng, .02, .3) / float64(k+2)
		phase[k] = rng.Float64() * 2 * math.Pi
	}
	return func(x, y float64) float64 {
		angle := math.Atan2(y, x)
		r, slope := .8, 0.0
		for k, s := range size {
			sin, cos := math.Sincos(float64(k+2)*angle + phase[k])
			r += s * cos
			slope -= s * float64(k+2) * sin
		}
		return (math.Hypot(x, y) - r) / math.Hypot(1, slope/r)
	}
}

// lumps is a body of two to four discs grown together, the look of an animal, a
// fruit or a cloud.
func lumps(rng *rand.Rand) shape {
	type disc struct{ x, y, r float64 }
	discs := []disc{{between(rng, -.2, .2), between(rng, -.1, .1), between(rng, .45, .6)}}
	for range count(rng, 1, 3) {
		sin, cos := math.Sincos(rng.Float64() * 2 * math.Pi)
		d := between(rng, .4, .65)
		discs = append(discs, disc{d * cos, d * sin, between(rng, .2, .4)})
	}
	const soft = .12
	return func(x, y float64) float64 {
		d := math.Inf(1)
		for i, c := range discs {
			e := math.Hypot(x-c.x, y-c.y) - c.r
			if i == 0 {
				d = e
				continue
			}
			t := clip(.5 + .5*(d-e)/soft)
			d += t*(e-d) - soft*t*(1-t)
		}
		return d
	}
}

// area is what the shape covers of the square [-1.3, 1.3]^2, in units of length
// squared, summed over a grid.
func (s shape) area() float64 {
	const n, reach = 40, 1.3
	const cell = 2 * reach / n
	inside := 0.0
	for i := range n * n {
		x := cell*(float64(i%n)+.5) - reach
		y := cell*(float64(i/n)+.5) - reach
		inside += clip(.5 - s(x, y)/cell)
	}
	return inside * cell * cell
}
