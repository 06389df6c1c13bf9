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
	d2    []int // (w): squared distance of the current row's background
	near  []int // (w): flat index of the nearest foreground pixel
}

// site is a column's parabola and the first column where it is the lowest.
type site struct{ col, g2, row, first int }

// reset prepares for a mask that is not empty.
func (d *distance) reset(f *foreground) {
	d.f = f
	d.above = grow(d.above, f.w*f.h)
	d.below = grow(d.below, f.w)
	d.sites = grow(d.sites, f.w+2)
	d.d2 = grow(d.d2, f.w)
	d.near = grow(d.near, f.w)
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

// row computes d2 and near for row y's background pixels. Rows must be asked
// for in the order h-1 .. 0, each once.
func (d *distance) row(y int) {
	runs := d.f.row(y)
	x := 0
	for _, r := range runs {
		d.gap(y, x, int(r.from))
		x = int(r.to)
	}
	d.gap(y, x, d.f.w)
	for _, r := range runs {
		fill(d.below[r.from:r.to], int32(y))
	}
}

// gap handles the background columns from..to-1 of row y, bounded by
// foreground or by the image.
func (d *distance) gap(y, from, to int) {
	if from == to {
		return
	}
	w := d.f.w
	s, n := d.sites, 0
	if from > 0 {
		n = push(s, n, site{col: from - 1, row: y}, from, to)
	}
	above, below := d.above[y*w+from:y*w+to], d.below[from:to]
	for i, up := range above {
		down := below[i]
		row := int(up)
		switch {
		case down < 0 && up < 0:
			continue
		case up < 0 || down >= 0 && int(down)-y < y-row:
			row = int(down)
		}
		n = push(s, n, site{col: from + i, g2: (y - row) * (y - row), row: row}, from, to)
	}
	if to < w {
		n = push(s, n, site{col: to, row: y}, from, to)
	}
	d.assign(s[:n], from, to)
}

// push adds a site at the right of the envelope s[:n] over from..to-1: it
// drops the sites that c beats from their first column on, and c itself when
// it wins nowhere. A tie stays with the left site.
func push(s []site, n int, c site, from, to int) int {
	for n > 0 {
		u := &s[n-1]
		a, b := u.first-u.col, u.first-c.col
		if a*a+u.g2 <= b*b+c.g2 {
			break
		}
		n--
	}
	c.first = from
	if n > 0 {
		// u and c are equal at ((c^2 + gc) - (u^2 + gu)) / (2 (c - u))
		u := &s[n-1]
		num := (c.col-u.col)*(c.col+u.col) + c.g2 - u.g2
		if step := c.col - u.col; step == 1 {
			c.first = num>>1 + 1
		} else {
			c.first = num/(2*step) + 1
		}
		if c.first >= to {
			return n
		}
	}
	s[n] = c
	return n + 1
}

// assign gives every column from..to-1 the distance to its site.
func (d *distance) assign(s []site, from, to int) {
	for k := range s {
		c := &s[k]
		end := to
		if k+1 < len(s) {
			end = s[k+1].first
		}
		flat := c.row*d.f.w + c.col
		d2, near := d.d2[c.first:end], d.near[c.first:end]
		x := c.first - c.col
		for i := range d2 {
			d2[i] = x*x + c.g2
			near[i] = flat
			x++
		}
	}
}

func fill(s []int32, v int32) {
	for i := range s {
		s[i] = v
	}
}
