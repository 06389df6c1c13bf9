package conv

import (
	"csnet/internal/op/wide/matmul"
	"csnet/internal/op/wide/tiles"
)

// Term is one convolution of a Sum: it reads map number Map, (C, H, W), and gives Out
// channels, the first of which is channel At of the op's output. Its weights are
// (Out, C, K, K), which Scale multiplies. Zeros surround the map, Pad on each side.
type Term struct {
	Map, C, H, W             int
	Out, At                  int
	K, Stride, Pad, Dilation int
	Scale                    float32
}

// Output returns the sides of the output: floor((H + 2 Pad - Dilation (K-1) - 1) /
// Stride) + 1, as PyTorch's.
func (t Term) Output() (h, w int) {
	side := func(n int) int { return (n+2*t.Pad-t.Dilation*(t.K-1)-1)/t.Stride + 1 }
	return side(t.H), side(t.W)
}

// term is a Term as it runs. A convolution without stride reads its map with a border of
// zeros, a strided one the values under each tap, gathered into a plane of their own.
type term struct {
	Term
	oh, ow  int
	taps    []int          // numbers of the taps that meet the map anywhere, of K*K
	off     []int32        // of the weights in their order, channel by channel, over the source
	packed  []float32      // weights
	product matmul.Product // of a wide term
	tiled   *tiles.Conv    // where parameters do not change: of one that goes by Winograd,
	pieces  *tiles.Conv    // the same in pieces, where threads have enough of them,
	small   *tiles.Small   // of one to a small map
}

// wide reports whether the term runs as a product of matrices: with few channels it is
// faster to read the map where it lies.
func (t *term) wide() bool { return t.C >= 32 && t.Out >= 16 || t.C*t.K*t.K >= 128 && t.Out >= 48 }

// byPixels reports whether the term runs over a map with the channels of a pixel side by side,
// where parameters do not change.
func (t *term) byPixels() bool { return t.tiled != nil || t.small != nil }

// gathered reports whether the values under each tap are gathered.
func (t *term) gathered() bool { return t.Stride > 1 }

// plain reports whether the source is the map as it is.
func (t *term) plain() bool { return t.K == 1 && t.Stride == 1 && t.Pad == 0 }

func newTerm(t Term) *term {
	r := &term{Term: t}
	r.oh, r.ow = t.Output()
	for k := range t.K * t.K {
		y, x := k/t.K*t.Dilation-t.Pad, k%t.K*t.Dilation-t.Pad
		if t.Stride > 1 || y < t.H && y+r.oh > 0 && x < t.W && x+r.ow > 0 {
			r.taps = append(r.taps, k)
		}
	}
	switch {
	case r.wide():
		r.product = matmul.New(t.Out, t.C*len(r.taps), r.oh, r.ow)
	case r.gathered():
		for i := range t.C * len(r.taps) {
			r.off = append(r.off, int32(i*r.oh*r.ow))
		}
	default:
		r.off = r.offsets(t.C, t.Pad, t.H, t.W, func(tap int) int { return tap })
	}
	return r
}

// offsets lists the taps over c planes of h x w with a border of pad; at turns them.
func (t *term) offsets(c, pad, h, w int, at func(int) int) []int32 {
	pitch := w + 2*pad
	off := make([]int32, 0, c*len(t.taps))
	for ch := range c {
		for _, k := range t.taps {
			y, x := at(k/t.K)*t.Dilation, at(k%t.K)*t.Dilation
			off = append(off, int32(ch*(h+2*pad)*pitch+y*pitch+x))
		}
	}
	return off
}

// weights is the number of weights of taps that meet the map.
func (t *term) weights() int { return t.Out * t.C * len(t.taps) }

// columns are the values under the taps of the map x.
func (t *term) columns(x []float32) matmul.Columns {
	return matmul.Columns{X: x, C: t.C, H: t.H, W: t.W, K: t.K, Stride: t.Stride, Pad: t.Pad, Dilation: t.Dilation, Taps: t.taps, OutW: t.ow}
}
