package metrics

// distance is the exact Euclidean distance transform with indices in O(N):
// for every background pixel the nearest foreground pixel, among equally near
// ones that of the smallest column, then of the smallest row (scipy's choice).
//
// Columns first: the nearest foreground row above (kept for all pixels) and
// below (one row of state, so rows are asked for from the bottom up). Then the
// lower envelope of the columns' parabolas (x - c)^2 + g^2 per gap between
// foreground runs, by Meijster, Roerdink and Hesselink, ISMM 2000.
type distance struct {
	f     *foreground
	above []int32 // (h, w): nearest foreground row at or above, or -1
	below []int32 // (w): the same at or below the current row, or -1
	sites []site
}

// site is a foreground pixel, dy rows below the current row (above when
// negative), and the background columns first..end-1 of the current row to
// which it is the nearest: at column x the squared distance is
// (x - col)^2 + dy^2.
type site struct{ col, dy, first, end int32 }

// reset prepares for a mask that is not empty.
func (d *distance) reset(f *foreground) {
	d.f = f
	d.above = grow(d.above, f.w*f.h)
	d.below = grow(d.below, f.w)
	d.sites = grow(d.sites, 2*f.w+2) // a row has at most w sites of its own and two a run
	last := d.below
	fill(last, -1)
	for y := range f.h {
		for _, r := range f.row(y) {
			fill(last[r.from:r.to], int32(y))
		}
		copy(d.above[y*f.w:], last)
	}
	fill(d.below, -1)
}

// row gives the sites of row y's background from left to right, valid until
// the next call. Rows must be asked for in the order h-1 .. 0, each once.
func (d *distance) row(y int) []site {
	runs := d.f.row(y)
	x, n := 0, 0
	for _, r := range runs {
		n += d.gap(d.sites[n:], y, x, int(r.from))
		x = int(r.to)
	}
	n += d.gap(d.sites[n:], y, x, d.f.w)
	for _, r := range runs {
		fill(d.below[r.from:r.to], int32(y))
	}
	return d.sites[:n]
}

// gap writes the sites of the background columns from..to-1 of row y, bounded
// by foreground or by the image, and returns their number. Columns come from
// left to right, the bounding foreground among them; each drops the sites it
// beats from their first column on, and is dropped when it wins nowhere. A tie
// stays with the left site.
func (d *distance) gap(s []site, y, from, to int) int {
	if from == to {
		return 0
	}
	w, n := d.f.w, 0
	lo, hi := max(from-1, 0), min(to+1, w)
	above, below := d.above[y*w+lo:y*w+hi], d.below[lo:hi]
	for i, up := range above {
		down := int(below[i])
		dy := int(up) - y
		switch {
		case down < 0 && up < 0:
			continue
		case up < 0 || down >= 0 && down-y < -dy:
			dy = down - y
		}
		col, g2 := lo+i, dy*dy
		first := from
		for n > 0 {
			u := &s[n-1]
			ucol, udy, ufirst := int(u.col), int(u.dy), int(u.first)
			a, b, ug2 := ufirst-ucol, ufirst-col, udy*udy
			if a*a+ug2 > b*b+g2 {
				n--
				continue
			}
			// equal at ((col^2 + g2) - (ucol^2 + ug2)) / (2 (col - ucol))
			step := col - ucol
			num := step*(col+ucol) + g2 - ug2
			if step == 1 {
				first = num>>1 + 1
			} else { // floor, exact: both are far below 2^52
				first = int(float64(num)/float64(2*step)) + 1
			}
			break
		}
		if first < to {
			s[n] = site{int32(col), int32(dy), int32(first), int32(to)}
			n++
		}
	}
	for k := range n - 1 {
		s[k].end = s[k+1].first
	}
	return n
}

func fill(s []int32, v int32) {
	for i := range s {
		s[i] = v
	}
}
