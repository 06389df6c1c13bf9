package conv

import "csnet/internal/op/wide/matmul"

// termGrad is a term in the backward pass: the gradient of its map is a convolution of the
// output's gradient.
type termGrad struct {
	*term
	off     []int32        // of the turned weights, over the output's gradient with its border
	turned  []float32      // weights of a narrow term
	grad    []float32      // of the weights, packed
	product matmul.Product // of a wide term
}

func newTermGrad(t *term) *termGrad {
	r := &termGrad{term: t}
	switch {
	case t.wide() && t.gathered():
		r.product = matmul.NewScattered(t.C, len(t.taps), t.Out, t.oh, t.ow)
	case t.wide():
		r.product = matmul.New(t.C, t.Out*len(t.taps), t.H, t.W)
	case t.gathered():
		for o := range t.Out {
			r.off = append(r.off, int32(o*t.oh*t.ow))
		}
	default:
		r.off = t.offsets(t.Out, r.pad(), t.oh, t.ow, func(tap int) int { return t.K - 1 - tap })
	}
	return r
}

// pad is the border of the output's gradient.
func (t *termGrad) pad() int { return t.Dilation*(t.K-1) - t.Pad }

// columns are the values under the taps of the output's gradient g.
func (t *termGrad) columns(g []float32) matmul.Columns {
	if t.gathered() {
		return matmul.Columns{X: g, C: t.Out, H: t.oh, W: t.ow, K: 1, Stride: 1, Dilation: 1, Taps: []int{0}, OutW: t.ow}
	}
	return matmul.Columns{X: g, C: t.Out, H: t.oh, W: t.ow, K: t.K, Stride: 1, Pad: t.pad(), Dilation: t.Dilation, Taps: t.taps, Turned: true, OutW: t.W}
}

// source returns what a narrow term reads of the output's gradient g.
func (t *termGrad) source(e *Env, g []float32) source {
	p := t.pad()
	s := source{from: g, h: t.oh, w: t.ow, pad: p, planes: t.Out, pitch: t.ow + 2*p, n: t.W, rows: t.H}
	switch {
	case t.gathered():
		s.x, s.n, s.rows, s.pitch = g, t.oh*t.ow, 1, t.oh*t.ow
	case t.plain():
		s.x = g
	default:
		s.x = e.get(gradient, s.floats())
	}
	return s
}

// scatter adds to dst what gather took from there.
func (t *termGrad) scatter(dst, cols []float32) {
	for i, k := range t.taps {
		c := cols[i*t.oh*t.ow:][:t.oh*t.ow]
		dy, dx := k/t.K*t.Dilation-t.Pad, k%t.K*t.Dilation-t.Pad
		for y := range t.oh {
			sy := y*t.Stride + dy
			if sy < 0 || sy >= t.H {
				continue
			}
			row, to := c[y*t.ow:][:t.ow], dst[sy*t.W:][:t.W]
			for x, v := range row {
				if sx := x*t.Stride + dx; sx >= 0 && sx < t.W {
					to[sx] += v
				}
			}
		}
	}
}
