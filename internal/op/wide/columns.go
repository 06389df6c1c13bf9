package wide

import "csnet/internal/kernel"

// columns are the values under the taps of a convolution, a row for each channel and tap,
// a column for each pixel of the output. They are made some at a time.
type columns struct {
	x              []float32 // a map of c planes of h x w
	c, h, w        int
	k, stride, pad int
	dilation       int
	taps           []int // of k*k
	turned         bool  // taps are counted from the last: the way back
	ow             int   // width of the output
}

// direct reports whether the columns are the map as it is, and lie well in the caches:
// planes a large power of two apart fall into few sets.
func (c *columns) direct() bool {
	away := c.h * c.w % 128
	return c.k == 1 && c.stride == 1 && c.pad == 0 && min(away, 128-away) >= 4
}

// fill writes rows s to end of the columns of the output's rows from to to.
func (c *columns) fill(dst *kernel.Planes, s, end, from, to int) {
	n := len(c.taps)
	for t := s; t < end; t++ {
		tap := c.taps[t%n]
		if c.turned {
			tap = c.k*c.k - 1 - tap
		}
		dy, dx := tap/c.k*c.dilation-c.pad, tap%c.k*c.dilation-c.pad
		first, last := c.inside(dx, c.w, 0, c.ow)
		top, bottom := c.inside(dy, c.h, from, to)
		out := dst.X[(t-s)*dst.Pitch:][:(to-from)*c.ow]
		if first == last || top == bottom {
			clear(out)
			continue
		}
		clear(out[:(top-from)*c.ow])
		clear(out[(bottom-from)*c.ow:])
		plane := c.x[t/n*c.h*c.w:][:c.h*c.w]
		for r := top; r < bottom; r++ {
			row := out[(r-from)*c.ow:][:c.ow]
			for i := range first {
				row[i] = 0
			}
			for i := last; i < len(row); i++ {
				row[i] = 0
			}
			src := plane[(r*c.stride+dy)*c.w+first*c.stride+dx:]
			row = row[first:last]
			if c.stride == 1 {
				copy(row, src)
				continue
			}
			for i := range row {
				row[i] = src[i*c.stride]
			}
		}
	}
}

// inside returns which of the places from to to of the output, shifted by d, lie in a side
// of n values.
func (c *columns) inside(d, n, from, to int) (first, last int) {
	first = from
	if d < 0 {
		first = max(from, (-d+c.stride-1)/c.stride)
	}
	last = min(to, (n-d+c.stride-1)/c.stride)
	if last <= first {
		return from, from
	}
	return first, last
}
