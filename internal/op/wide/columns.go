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
		plane := c.x[t/n*c.h*c.w:][:c.h*c.w]
		out := dst.X[(t-s)*dst.Pitch:][:(to-from)*c.ow]
		for r := from; r < to; r++ {
			row := out[:c.ow]
			out = out[c.ow:]
			y := r*c.stride + dy
			if y < 0 || y >= c.h {
				clear(row)
				continue
			}
			shifted(row, plane[y*c.w:][:c.w], dx, c.stride)
		}
	}
}

// shifted writes dst[i] = src[i*stride+dx], 0 where src has no such value.
func shifted(dst, src []float32, dx, stride int) {
	first := 0
	if dx < 0 {
		first = min((-dx+stride-1)/stride, len(dst))
	}
	end := max(min((len(src)-dx+stride-1)/stride, len(dst)), first)
	clear(dst[:first])
	clear(dst[end:])
	if first == end {
		return
	}
	src, dst = src[first*stride+dx:], dst[first:end]
	if stride == 1 {
		copy(dst, src)
		return
	}
	for i := range dst {
		dst[i] = src[i*stride]
	}
}
