package synth

import (
	"image"
	"math"
	"math/rand/v2"
)

// Draw draws picture number index of the set named by seed, w x h pixels, and
// the mask of its salient objects (255 inside, soft at the edges, 0 elsewhere).
// Equal arguments give equal pixels. Sides below 1 are taken as 1.
func Draw(seed uint64, index, w, h int) (*image.NRGBA, *image.Gray) {
	rng := rand.New(rand.NewPCG(seed, uint64(index)))
	c := newCanvas(max(w, 1), max(h, 1))
	ground := c.background(rng)
	c.clutter(rng, ground)
	c.objects(rng, ground)
	c.light(rng)
	return c.images()
}

// background paints the whole canvas and returns the colours it used.
func (c *canvas) background(rng *rand.Rand) []rgb {
	base := hsv(rng.Float64(), between(rng, 0, .65), between(rng, .2, .92))
	first := texture{base, jitter(rng, base, between(rng, .05, .22)), drawField(rng)}
	if rng.Float64() < .7 {
		c.fill(first.at)
		return []rgb{first.a, first.b}
	}
	// Two grounds that meet at a wavy line, as sky and land do.
	base = jitter(rng, base, .25)
	second := texture{base, jitter(rng, base, between(rng, .05, .18)), drawField(rng)}
	n, tilt, level := noise(rng.Uint64()), between(rng, -.4, .4), between(rng, .3, .7)
	wave := between(rng, .02, .2)
	c.fill(func(u, v float64) rgb {
		above := level + tilt*(u-.5) + wave*(n.at(4*u, 0)-.5) - v
		return second.at(u, v).mix(first.at(u, v), clip(.5+above*c.side))
	})
	return []rgb{first.a, first.b, second.a, second.b}
}

// clutter strews soft patches, lines and small shapes, mostly of colours near
// the ground's.
func (c *canvas) clutter(rng *rand.Rand, ground []rgb) {
	near := func(size float64) rgb { return jitter(rng, ground[rng.IntN(len(ground))], size) }
	strew := func(s shape, size float64, col rgb, opacity, blur float64) {
		p := placed{shape: s, size: size}
		c.put(rng, &p, 0, 0)
		c.lay(p, col, opacity, blur)
	}
	for range rng.IntN(4) {
		strew(wobbly(rng), between(rng, .1, .35), near(.24), between(rng, .2, .6), between(rng, .04, .2)*c.side+1)
	}
	for range count(rng, 0, 7) {
		strew(box(between(rng, .01, .05), 0), between(rng, .15, .7), near(.24), between(rng, .4, .9), 1)
	}
	for range count(rng, 4, 30) {
		strew(drawShape(rng), .012*math.Pow(6, rng.Float64()), near(.24), between(rng, .5, 1), 1)
	}
	for range rng.IntN(5) { // and a few bright specks, too small to matter
		strew(drawShape(rng), between(rng, .01, .03), contrasting(rng, ground, .3), 1, 1)
	}
}

// objects lays the salient objects, one or two, and notes what they cover.
func (c *canvas) objects(rng *rand.Rand, ground []rgb) {
	n, lo, hi := 1, .07, .4
	if rng.Float64() < .25 {
		n, lo, hi = 2, .05, .16
	}
	paint := coat(rng, ground)
	room := float64(c.w) * float64(c.h) / (c.side * c.side)
	var last placed
	for range n {
		p := placed{shape: drawShape(rng)}
		share := lo * math.Pow(hi/lo, rng.Float64()) // each doubling of the size as likely as the next
		p.size = min(math.Sqrt(share*room/p.shape.area()), .62)
		for range 8 { // keep clear of the first one where that is possible
			c.put(rng, &p, .8*p.size, .35)
			if math.Hypot(p.u-last.u, p.v-last.v) > .9*(p.size+last.size) || last.size == 0 {
				break
			}
		}
		c.object(rng, p, paint)
		if rng.Float64() < .5 {
			paint = coat(rng, ground)
		}
		last = p
	}
}

// coat is a texture that stands out from the ground.
func coat(rng *rand.Rand, ground []rgb) texture {
	want := between(rng, .32, .5)
	main := contrasting(rng, ground, want)
	t := texture{main, jitter(rng, main, between(rng, .03, .12)), drawField(rng)}
	if rng.Float64() < .2 { // boldly two-coloured
		t.b = contrasting(rng, ground, want)
	}
	return t
}

// object lays one object: its shadow, its coat, rounded by light from above.
func (c *canvas) object(rng *rand.Rand, p placed, coat texture) {
	if rng.Float64() < .4 {
		shadow := p
		shadow.u += between(rng, -.03, .03)
		shadow.v += between(rng, .01, .04)
		c.lay(shadow, rgb{}, between(rng, .1, .35), between(rng, 2, .08*c.side+2))
	}
	turn := rng.Float64() * 2 * math.Pi
	sin, cos := math.Sincos(turn)
	round := between(rng, 0, .3)
	c.each(p, 1, func(i int, u, v, cover float64) {
		shade := 1 + round*(cos*(u-p.u)+sin*(v-p.v))/p.size
		c.pix[i] = c.pix[i].mix(coat.at(u, v).scale(shade), cover)
		c.cover[i] += (1 - c.cover[i]) * cover
	})
}

// light darkens the picture towards one side and adds the grain of a camera.
func (c *canvas) light(rng *rand.Rand) {
	fall := gradient(rng)
	depth, grain := between(rng, 0, .3), between(rng, .005, .025)
	for i := range c.pix {
		u, v := float64(i%c.w)/c.side, float64(i/c.w)/c.side
		p := c.pix[i].scale(1 - depth*fall(u, v))
		g := grain * rng.NormFloat64()
		c.pix[i] = rgb{p.r + g + grain*.5*(rng.Float64()-.5), p.g + g, p.b + g + grain*.5*(rng.Float64()-.5)}
	}
}

// put turns p at random and centres it somewhere on the canvas, at least margin
// (in sides) from its edges where there is room for that; pull in 0..1 draws it
// towards the middle, as photographers do.
func (c *canvas) put(rng *rand.Rand, p *placed, margin, pull float64) {
	along := func(pixels int) float64 {
		length := float64(pixels) / c.side
		m := min(margin, .42*length)
		a, b := between(rng, m, length-m), between(rng, m, length-m)
		return a + .5*pull*(b-a)
	}
	p.u, p.v = along(c.w), along(c.h)
	p.sin, p.cos = math.Sincos(rng.Float64() * 2 * math.Pi)
}
