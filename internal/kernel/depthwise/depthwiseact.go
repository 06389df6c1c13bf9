package depthwise

import "csnet/internal/kernel/pointwise"

// Params is how many floats ConvAct takes per channel: nine weights, bias, slope, one
// unused.
const Params = 12

// Band is some rows of planes that lie Stride floats apart: X begins with row First.
// In a ring of Ring rows it begins with row 0 instead, and row y is where row y - Ring
// was.
type Band struct {
	X                   []float32
	Stride, First, Ring int
}

// row is the number of row y in the planes.
func (b *Band) row(y int) int {
	if b.Ring > 0 {
		return y % b.Ring
	}
	return y - b.First
}

// Span is rows From up to but not including To of planes of Height x Width.
type Span struct {
	Width, Height, From, To, Planes int
}

// ConvAct makes the rows of s of a zero-padded 3x3 depthwise convolution with bias b
// and PReLU:
//
//	u = b + sum over y < 3, k < 3 of w[3*y+k] * x[r+y-1][i+k-1] where that is inside
//	dst[r][i] = slope*u if u < 0, else u
//
// dst holds the rows of s, x those next to them too where the plane has them. params
// holds Params floats per plane; the slope must be finite.
//
// With streaming, for a dst that leaves the caches before anybody reads it, stores
// bypass the caches where dst lies so that they can.
func ConvAct(dst, x Band, params []float32, s Span, streaming bool) {
	convAct(&dst, &x, params, s, streaming)
}

func convActGeneric(dst, x *Band, params []float32, s Span) {
	n := s.Width
	for p := range s.Planes {
		w := params[p*Params:][:Params]
		for r := s.From; r < s.To; r++ {
			d := dst.X[p*dst.Stride+dst.row(r)*n:][:n]
			for i := range d {
				d[i] = w[9]
			}
			for y := max(r-1, 0); y <= min(r+1, s.Height-1); y++ {
				addTaps(d, x.X[p*x.Stride+x.row(y)*n:][:n], w[3*(y-r+1):][:3])
			}
			pointwise.PReLU(d, w[10])
		}
	}
}

// addTaps adds a row's 1x3 convolution with w to d.
func addTaps(d, row, w []float32) {
	n := len(d)
	w0, w1, w2 := w[0], w[1], w[2]
	if n == 1 {
		d[0] += w1 * row[0]
		return
	}
	d[0] += w1*row[0] + w2*row[1]
	for i := 1; i < n-1; i++ {
		d[i] += w0*row[i-1] + w1*row[i] + w2*row[i+1]
	}
	d[n-1] += w0*row[n-2] + w1*row[n-1]
}
