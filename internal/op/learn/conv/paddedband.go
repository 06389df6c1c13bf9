package conv

import "csnet/internal/op"

// lead is how many floats stand before the values of a padded row, which so begin a cache
// line, as the pitch is of whole lines: vectors that lie in two lines are slow to store. The
// last of them, and the float after the row, are its padding.
const lead = 16

// pitch is how far padded rows lie apart.
func (d *Depthwise) pitch() int { return (d.W + lead) / lead * lead }

// paddedBand is a band of rows of a channel with some more above and below, and a zero on
// either side of every row. Rows outside the plane are zeros.
type paddedBand struct {
	buf         []float32
	halo        int // rows above and below
	c, from, to int // the band that it holds: rows [from, to) of channel c
}

// newBand returns room for a band of so many rows; it holds none.
func (d *Depthwise) newBand(rows, halo int, a *op.Arena) paddedBand {
	wp := d.pitch()
	n := (rows + 2*halo) * wp
	p := a.Get(n + lead)
	for at := 0; at < n; at += wp {
		p[at+lead-1], p[at+lead+d.W] = 0, 0
	}
	return paddedBand{buf: p, halo: halo, c: -1}
}

// fill makes it rows [from, to) of channel c. Those that it shares with the band that it held,
// the one above, are moved; the callback rows writes the others, from row lo on.
func (b *paddedBand) fill(d *Depthwise, c, from, to int, rows func(dst []float32, lo, hi int)) {
	wp, h := d.pitch(), b.halo
	values := b.buf[lead:]
	lo, hi, at := max(from-h, 0), min(to+h, d.H), from-h
	if c == b.c && from == b.to {
		copy(values[:2*h*wp-1], values[(from-b.from)*wp:])
		lo = min(from+h, d.H)
	} else {
		clear(values[:(lo-at)*wp])
	}
	b.c, b.from, b.to = c, from, to
	clear(values[(hi-at)*wp : (to+h-at)*wp])
	if lo < hi {
		rows(values[(lo-at)*wp:], lo, hi)
	}
}

// rows are those from row r on, each with the zero before it.
func (b *paddedBand) rows(d *Depthwise, r int) []float32 {
	return b.buf[(r-b.from+b.halo)*d.pitch()+lead-1:]
}
