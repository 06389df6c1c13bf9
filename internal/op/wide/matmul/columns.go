package matmul

import (
	"csnet/internal/kernel"
	"csnet/internal/kernel/resample"
)

// Columns are the values under the taps of a convolution (im2col): a row for each channel
// and tap, a column for each pixel of the output. They are made some at a time.
type Columns struct {
	X       []float32 // a map of C planes of H x W
	C, H, W int
	// The kernel is K x K; tap y*K+x is number y*K+x.
	K, Stride, Pad, Dilation int
	Taps                     []int // the taps that meet the map anywhere
	Turned                   bool  // taps are counted from the last: the backward pass
	OutW                     int   // width of the output
}

// direct reports whether the columns are the map as it is, and lie well in the caches:
// planes a large power of two apart fall into few sets.
func (c *Columns) direct() bool {
	away := c.H * c.W % 128
	return c.K == 1 && c.Stride == 1 && c.Pad == 0 && min(away, 128-away) >= 4
}

// fill writes rows s to end of the columns of the output's rows from to to.
func (c *Columns) fill(dst *kernel.Planes, s, end, from, to int) {
	n := len(c.Taps)
	for t := s; t < end; t++ {
		tap := c.Taps[t%n]
		if c.Turned {
			tap = c.K*c.K - 1 - tap
		}
		dy, dx := tap/c.K*c.Dilation-c.Pad, tap%c.K*c.Dilation-c.Pad
		first, last := c.inside(dx, c.W, 0, c.OutW)
		top, bottom := c.inside(dy, c.H, from, to)
		out := dst.X[(t-s)*dst.Pitch:][:(to-from)*c.OutW]
		if first == last || top == bottom {
			clear(out)
			continue
		}
		clear(out[:(top-from)*c.OutW])
		clear(out[(bottom-from)*c.OutW:])
		plane := c.X[t/n*c.H*c.W:][:c.H*c.W]
		for r := top; r < bottom; r++ {
			row := out[(r-from)*c.OutW:][:c.OutW]
			for i := range first {
				row[i] = 0
			}
			for i := last; i < len(row); i++ {
				row[i] = 0
			}
			src := plane[(r*c.Stride+dy)*c.W+first*c.Stride+dx:]
			row = row[first:last]
			switch c.Stride {
			case 1:
				copy(row, src)
			case 2:
				resample.Evens(row, src)
			default:
				for i := range row {
					row[i] = src[i*c.Stride]
				}
			}
		}
	}
}

// inside returns which of the places from to to of the output, shifted by d, lie in a side
// of n values.
func (c *Columns) inside(d, n, from, to int) (first, last int) {
	first = from
	if d < 0 {
		first = max(from, (-d+c.Stride-1)/c.Stride)
	}
	last = min(to, (n-d+c.Stride-1)/c.Stride)
	if last <= first {
		return from, from
	}
	return first, last
}
